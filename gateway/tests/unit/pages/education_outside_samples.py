"""Confirmations, kept notices and reports with as little and as much as they can have."""

from typing import Any

from education_samples import STUDY, a_certificate

from lkmr_gateway.pages.views.education import FormFault
from lkmr_gateway.pages.views.education_outside import (
    ConfirmationsView,
    KeptNoticesView,
    ReportsView,
    ReportView,
)


def a_kept(**more: Any) -> dict[str, Any]:
    return {
        "id": STUDY,
        "notice": "s1:2",
        "study": "nmo-2026-000123",
        "revision": 2,
        "state": "CREDITED",
        "kind": "CONFERENCE",
        "hours": -12,
        "start_date": "2026-10-14",
        "end_date": "2026-10-15",
        "specialty": "кардиология",
        "fault": "HOURS_IMPOSSIBLE",
        "fault_label": "Невозможное число часов.",
        "receive_time": "2026-11-20T09:00:00.000Z",
        "tries": 1,
        "resolution": "",
        "resolved_by": "",
        "resolve_time": None,
        **more,
    }


def a_vouched(**more: Any) -> dict[str, Any]:
    return {
        "worker": STUDY,
        "family_name": "Петров",
        "given_name": "Илья",
        "patronymic": "Андреевич",
        "position": "врач-кардиолог",
        "department": "кардиологическое отделение",
        "activity": STUDY,
        "title": "Лёгочная гипертензия и тромбоэмболия",
        "kind": "PK",
        "hours": 36,
        "end_date": "2026-03-20",
        "certificate": a_certificate(check="SOURCE_DOWN"),
        "confirmed": False,
        "reason": "",
        "confirm_time": None,
        **more,
    }


def a_source(*, stale_people: int = 0, heard: str | None = "2026-07-01T08:59:00+00:00") -> Any:
    """How fresh the figures of a report are."""
    return {
        "register": {"confirm_time": "2026-06-30T06:00:00+00:00", "stale_people": stale_people},
        "portal": {"heard_time": heard, "stale": heard is None or stale_people > 0},
    }


def a_report(**more: Any) -> dict[str, Any]:
    return {
        "id": STUDY,
        "organization": {"oid": "1.2.643", "name": "ГБУЗ «Поликлиника № 1»"},
        "period_start": "2026-01-01",
        "period_end": "2026-06-30",
        "version": 1,
        "replaces": None,
        "state": "VALIDATED",
        "state_label": "Проверен, ждёт подписи",
        "progress": None,
        "send_asked": False,
        "errors": [],
        "number": "",
        "reason": "",
        "receipt": None,
        "create_time": "2026-07-01T09:00:00.000Z",
        "sign_time": None,
        "update_time": "2026-07-01T09:00:00.000Z",
        "content": {
            "sources": a_source(),
            "staff": {"total": 3, "groups": {"DOCTOR": 2, "NURSE": 1, "OTHER": 0}},
            "accreditation": {
                "VALID": 2,
                "EXPIRING": 1,
                "EXTENDED": 0,
                "EXPIRED": 0,
                "ABSENT": 0,
                "NOT_NEEDED": 0,
            },
            "hours": [
                {"specialty": "терапия", "people": 2, "sufficient": 1, "on_track": 1, "behind": 0}
            ],
            "credits": {"programmes": 72, "events": 6, "modules": 2, "total": 80, "average": 26.7},
            "mentoring": {"in_progress": 2, "finished": 1},
            "not_in_register": [
                {
                    "title": "Аритмии",
                    "issuer": "Академия",
                    "issue_date": "2026-03-21",
                    "check": "NOT_FOUND",
                }
            ],
            "planned": [{"specialty": "терапия", "title": "Анемии", "places": 2}],
        },
        **more,
    }


def report_pages() -> dict[str, Any]:
    """Reports in each state that has something of its own to show."""
    given = a_report()["content"]
    old = given | {"sources": a_source(stale_people=2)}
    unheard = given | {"sources": a_source(heard=None)}
    empty = given | {
        "sources": None,
        "hours": [],
        "mentoring": None,
        "not_in_register": [],
        "planned": [],
    }
    fault = FormFault(
        title="Проверьте поля.", code="LKMR-EDU-010", fields={"period_end": "Период не закончился."}
    )
    receipt = {"number": "ДЗ-2026-000001", "acceptedAt": "2026-07-02T09:00:00Z"}
    unbuilt = {"content": None, "organization": {"oid": "1.2.643", "name": ""}}
    states = {
        "queued": a_report(state="QUEUED", progress={"done": 0, "total": 0}, **unbuilt),
        "building": a_report(state="BUILDING", progress={"done": 120, "total": 480}, **unbuilt),
        "validated": a_report(),
        "faults": a_report(
            state="HAS_ERRORS", errors=[{"row": "staff", "message": "Сотрудников нет."}]
        ),
        "stale": a_report(content=old),
        "signed": a_report(state="SIGNED", content=unheard),
        "sending": a_report(state="SIGNED", send_asked=True),
        "turned-down": a_report(state="REJECTED", reason="Нет подписи", number="ДЗ-1"),
        "accepted": a_report(state="ACCEPTED", receipt=receipt, content=empty),
    }
    made: dict[str, Any] = {
        f"education-report-{name}": ReportView(item=item, may_build=True, may_sign=True)
        for name, item in states.items()
    }
    return made | {
        "education-report-read": ReportView(item=a_report(), may_build=False, may_sign=False),
        "education-reports": ReportsView(
            items=[a_report(), a_report(state="ACCEPTED", number="ДЗ-2026-000001")], may_build=True
        ),
        "education-reports-least": ReportsView(items=[], may_build=False),
        "education-reports-error": ReportsView(
            items=[], may_build=True, typed={"period_end": "2027-01-01"}, fault=fault
        ),
    }


def outside_pages() -> dict[str, Any]:
    """Confirmations of the personnel office and notices that were not believed."""
    done = a_vouched(
        confirmed=True, reason="Предъявлен подлинник", confirm_time="2026-11-20T09:00:00.000Z"
    )
    fault = FormFault(title="Проверьте поля.", code="LKMR-EDU-010", fields={"reason": "Укажите."})
    closed = a_kept(resolution="APPLIED", resolve_time="2026-11-21T09:00:00.000Z")
    return {
        "education-confirmations": ConfirmationsView(items=[a_vouched(), done], notice="Готово."),
        "education-confirmations-least": ConfirmationsView(items=[]),
        "education-confirmations-error": ConfirmationsView(
            items=[a_vouched()], typed={"certificate": "d1", "reason": ""}, fault=fault
        ),
        "education-kept": KeptNoticesView(
            items=[a_kept(), a_kept(study="", kind="", specialty="")], waiting=2, resolved=False
        ),
        "education-kept-least": KeptNoticesView(items=[], waiting=0, resolved=False),
        "education-kept-past": KeptNoticesView(items=[closed], waiting=0, resolved=True),
    }
