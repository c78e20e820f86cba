"""Pages of «Рассылки» with as little and as much as they can have."""

from typing import Any

from lkmr_gateway.pages.views.administration import Choice
from lkmr_gateway.pages.views.education import FormFault
from lkmr_gateway.pages.views.frame import Unavailable
from lkmr_gateway.pages.views.notices import (
    DeadView,
    NewNoticeView,
    NoticesView,
    NoticeView,
    SentView,
    announcement_kinds,
    channels,
    dead_item,
    delivery_states,
    notice_item,
    sent_item,
)

ANNOUNCEMENT: dict[str, Any] = {
    "id": "5e0e2fbc-6a0f-4c55-9a54-6f6f63b1d3c1",
    "kind": "LAW_CHANGE",
    "title": "Меняется порядок аккредитации",
    "text": "С нового года меняется состав портфолио.\nПроверьте, что касается вас.",
    "link": "/law-changes",
    "source": "приказ от 20.01.2026 № 34н",
    "document_version": "",
    "effective_date": "2027-03-01",
    "expire_date": None,
    "roles": ["DOCTOR", "NURSE"],
    "organizations": [],
    "urgent": False,
    "state": "SENDING",
    "publish_time": "2026-11-23T11:00:00.000Z",
    "create_time": "2026-11-23T10:58:00.000Z",
    "messages": 412_500,
    "deliveries": {
        "QUEUED": 1800,
        "SENDING": 24,
        "DELIVERED": 409_000,
        "TEMPORARY_FAILURE": 60,
        "PERMANENT_FAILURE": 1616,
    },
}
URGENT = {
    **ANNOUNCEMENT,
    "kind": "SIGN_IN_CHANGE",
    "title": "Вход меняется завтра",
    "urgent": True,
    "state": "DONE",
    "roles": [],
    "organizations": ["org-gp1"],
    "deliveries": {},
}
SENT: dict[str, Any] = {
    "id": "d1",
    "message": "m1",
    "person": "0b9c7a54-4a54-4f1f-8b62-3f6a0a4f5c11",
    "channel": "EMAIL",
    "kind": "ACCREDITATION_CHANGED",
    "state": "TEMPORARY_FAILURE",
    "reason": "ADDRESS_REFUSED_452",
    "attempts": 3,
    "provider": "",
    "create_time": "2026-11-23T11:00:00.000Z",
    "update_time": "2026-11-23T11:20:00.000Z",
    "next_try_time": "2026-11-23T11:40:00.000Z",
}
DEAD: dict[str, Any] = {
    "event_id": "0b9c7a54-4a54-4f1f-8b62-3f6a0a4f5c12",
    "consumer": "notify-accreditation-changed",
    "subject": "lkmr.accreditation.v1.accreditation.changed",
    "resource": "workers/5e0e2fbc-6a0f-4c55-9a54-6f6f63b1d3c1/accreditations/a1",
    "reason": "NO_SUBJECT",
    "deliveries": 8,
    "create_time": "2026-11-22T08:00:00.000Z",
    "replay_asked": False,
}
ROLES = (Choice(value="DOCTOR", word="врач"), Choice(value="NURSE", word="медицинская сестра"))
AWAY = Unavailable(text="Рассылки сейчас не отвечают.", code="LKMR-SYS-002")
FAULT = FormFault(
    title="Запрос заполнен с ошибкой.",
    code="LKMR-SYS-008",
    fields={"effective_date": "Значение не подходит.", "text": "Значение не подходит."},
)


def notice_pages() -> dict[str, object]:
    """Views by name."""
    form = NewNoticeView(kinds=announcement_kinds(), roles=ROLES, key="k")
    sent = SentView(states=delivery_states(), channels=channels())
    return {
        "admin-announcements-least": NoticesView(),
        "admin-announcements-away": NoticesView(fault=AWAY),
        "admin-announcements": NoticesView(
            items=(notice_item(ANNOUNCEMENT), notice_item(URGENT)),
            may_work=True,
            next_href="/admin/announcements?page_token=abc",
            first_href="/admin/announcements",
        ),
        "admin-announcement-least": NoticeView(item=notice_item(URGENT)),
        "admin-announcement": NoticeView(
            item=notice_item(ANNOUNCEMENT), may_work=True, notice="Рассылка продолжается."
        ),
        "admin-announcement-error": NoticeView(
            item=notice_item(ANNOUNCEMENT),
            may_work=True,
            fault=FormFault(title="Сейчас это действие недоступно.", code="LKMR-NOTE-002"),
        ),
        "admin-announcement-new": form,
        "admin-announcement-new-error": NewNoticeView(
            kinds=form.kinds,
            roles=ROLES,
            key="k",
            organization="org-gp1",
            typed={"title": "Новый порядок", "kind": "LAW_CHANGE", "role.DOCTOR": "on"},
            fault=FAULT,
        ),
        "admin-deliveries-least": sent,
        "admin-deliveries": SentView(
            items=(
                sent_item(SENT),
                sent_item(
                    {
                        **SENT,
                        "channel": "SMS",
                        "state": "DELIVERED",
                        "reason": "",
                        "provider": "sms-2",
                        "next_try_time": None,
                    }
                ),
            ),
            states=sent.states,
            channels=sent.channels,
            state="TEMPORARY_FAILURE",
            next_href="/admin/deliveries?page_token=abc",
        ),
        "admin-dead-events-least": DeadView(),
        "admin-dead-events": DeadView(
            items=(dead_item(DEAD), dead_item({**DEAD, "resource": None, "replay_asked": True})),
            may_work=True,
            notice="Событие будет обработано ещё раз.",
        ),
    }
