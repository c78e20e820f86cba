"""Pages of messages, announcements and settings of channels."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from frame_samples import CALM, NOW, POOR, with_current
from record_samples import ITEM

from lkmr_gateway.pages.views.announcements import AnnouncementItem, AnnouncementListView
from lkmr_gateway.pages.views.frame import Chrome, Unavailable
from lkmr_gateway.pages.views.inbox import DeliveryItem, MessageItem, MessageListView, MessageView
from lkmr_gateway.pages.views.preferences import (
    CHANNELS,
    Cell,
    GroupRow,
    PreferencesView,
    UnsubscribeView,
    group_words,
)

MESSAGES = (
    MessageItem(
        id="00000000-0000-4000-8000-000000000001",
        kind="ACCREDITATION_EXPIRING",
        title="До конца аккредитации 25 дней",
        text="Подайте заявление до 18 декабря 2026 г. Иначе с 19 декабря работать нельзя.",
        create_time=NOW - timedelta(hours=2),
        link=ITEM.href,
        group="TERMS",
        why="Вы владелец этой записи.",
        task=True,
        deadline=ITEM.expire_date,
        action="Что не хватает",
        owner="Отдел кадров вашей организации",
        deliveries=(
            DeliveryItem(channel="EMAIL", state="DELIVERED", time=NOW),
            DeliveryItem(channel="SMS", state="PERMANENT_FAILURE", time=NOW),
        ),
    ),
    MessageItem(
        id="00000000-0000-4000-8000-000000000002",
        kind="SESSION_STARTED",
        title="Вход с нового места",
        text="Если это были не вы, завершите сеанс и смените пароль Госуслуг.",
        create_time=NOW - timedelta(hours=8),
        read_time=NOW - timedelta(hours=1),
        link="/security",
    ),
    MessageItem(
        id="00000000-0000-4000-8000-000000000003",
        kind="ACCREDITATION_RECORDED",
        title="В регистре появилась запись об аккредитации",
        text="«Функциональная диагностика», до 4 июня 2029 г. Делать ничего не нужно.",
        create_time=NOW - timedelta(days=1),
    ),
    MessageItem(
        id="00000000-0000-4000-8000-000000000004",
        kind="OTHER",
        title="Кабинет обновлён",
        text="Делать ничего не нужно.",
        create_time=NOW - timedelta(days=9),
        read_time=NOW - timedelta(days=8),
        done_time=NOW - timedelta(days=8),
        group="NEWS",
    ),
)
PREFERENCES = PreferencesView(
    rows=tuple(
        GroupRow(
            group=group,
            name=group_words(group)[0],
            hint=group_words(group)[1],
            cells=tuple(
                Cell(channel=one, name=name, enabled=one == "EMAIL", locked=group == "SCHEDULE")
                for one, name in CHANNELS.items()
            ),
        )
        for group in ("TERMS", "DOCUMENTS", "SCHEDULE", "SECURITY", "NEWS")
    ),
    zone="Asia/Omsk",
    zones=("Europe/Moscow", "Asia/Omsk"),
    quiet_from="21:00",
    quiet_until="08:00",
    digest="DAILY",
    push_key="BAAA",
    subscribed=True,
)

PAGES: dict[str, tuple[Any, Chrome]] = {
    "messages-least": (MessageListView(), POOR),
    "messages-unread-none": (MessageListView(tab="unread"), with_current("/messages")),
    "messages-fault": (
        MessageListView(fault=Unavailable(text="Сообщения не получены.", code="LKMR-SYS-001")),
        with_current("/messages"),
    ),
    "messages": (
        MessageListView(
            items=MESSAGES,
            unread_count=7,
            tab="tasks",
            counts={"": 42, "tasks": 6, "done": 128, "unread": 7, "documents": 17, "news": 3},
            words="срок",
            next_href="/messages?page_token=abc",
            first_href="/messages",
        ),
        with_current("/messages"),
    ),
    "message": (MessageView(item=MESSAGES[0]), with_current("/messages")),
    "message-read": (MessageView(item=MESSAGES[3]), with_current("/messages")),
    "announcements-none": (AnnouncementListView(), POOR),
    "announcements": (
        AnnouncementListView(
            items=(
                AnnouncementItem(
                    id="1",
                    kind="Законодательство",
                    title="Новый порядок аккредитации",
                    text="Меняется состав портфолио и сроки подачи.",
                    link="/accreditations",
                    source="приказ от 20.01.2026 № 34н",
                    document_version="2",
                    effective_date=NOW.date(),
                ),
            )
        ),
        with_current("/messages"),
    ),
    "preferences": (PREFERENCES, with_current("/messages")),
    "preferences-wrong": (
        replace(PREFERENCES, wrong="zone", zone="Asia/Tomsk", push_key="", subscribed=False),
        POOR,
    ),
    "preferences-saved": (replace(PREFERENCES, saved=True, subscribed=False), CALM),
    "unsubscribe": (UnsubscribeView(group="Новости и правила", link="abc", done=False), POOR),
    "unsubscribe-done": (UnsubscribeView(group="Новости и правила", link="abc", done=True), POOR),
}
