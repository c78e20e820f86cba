"""Pages of «Обучение (НМО)» with as little and as much in them as they can have."""

from typing import Any

from lkmr_gateway.pages.education_words import FORMS, KINDS
from lkmr_gateway.pages.views.education import (
    ActivityView,
    EducationView,
    FormFault,
    NewActivityView,
)
from lkmr_gateway.pages.views.frame import Unavailable

STUDY = "0d0e0f10-1111-4222-8333-444455556666"


def a_line(**more: Any) -> dict[str, Any]:
    return {
        "activity": STUDY,
        "title": "Лёгочная гипертензия и тромбоэмболия",
        "kind": "PK",
        "end_date": "2026-03-20",
        "hours": 36,
        "verdict": "COUNTED",
        "reason": "REGISTER_FOUND",
        "explanation": "Документ найден в ФИС ФРДО.",
        "counted_hours": 36,
        "unverified": False,
        "certificate": None,
        "check": "FOUND",
        "check_time": None,
        "method": "FRDO",
        "confirm_time": None,
        **more,
    }


def a_cycle(**more: Any) -> dict[str, Any]:
    waiting = a_line(verdict="WAITING", explanation="Ждём внесения в ФИС ФРДО.", counted_hours=0)
    return {
        "id": "c1",
        "specialty": "кардиология",
        "specialty_code": "118",
        "state": "OPEN",
        "start_date": "2021-12-18",
        "end_date": "2026-12-18",
        "basis": "7721 031234567",
        "days_left": 25,
        "sufficient": False,
        "variant": "",
        "sentence": "Не хватает 36 ч.",
        "counted_hours": 108,
        "required_hours": 144,
        "missing_hours": 36,
        "programme_hours": 108,
        "required_programme_hours": 72,
        "missing_programme_hours": 0,
        "portal_units": 0,
        "waiting_hours": 36,
        "unverified_hours": 36,
        "percent": 75,
        "pace": "RED",
        "expected_hours": 142,
        "behind_hours": 34,
        "years": [
            {
                "start_date": f"{year}-12-18",
                "end_date": f"{year + 1}-12-17",
                "programme_hours": hours,
                "portal_units": 0,
                "waiting_hours": 36 if year == 2025 else 0,
                "target_units": 50,
            }
            for year, hours in ((2021, 36), (2022, 0), (2023, 36), (2024, 36), (2025, 0))
        ],
        "source": "Приказ Минздрава от 28.10.2022 № 709н",
        "calculation": [a_line(), waiting],
        **more,
    }


def a_summary(*cycles: dict[str, Any], **more: Any) -> dict[str, Any]:
    warning = {
        "id": "W-EDU-02",
        "text": "До 144 ч не хватает 36 ч",
        "todo": "Посмотрите предложения по специальности.",
        "cycle": "c1",
        "about": [],
        "severe": True,
    }
    return {
        "main": None,
        "cycles": list(cycles),
        "warnings": [warning] if cycles else [],
        "not_credited": [],
        "required_attestations": [
            {
                "code": code,
                "title": title,
                "position": "врач-кардиолог",
                "state": state,
                "state_label": "",
                "valid_until": until,
                "source": "ПП № 852",
            }
            for code, title, state, until in (
                ("ACCREDITATION", "Аккредитация по специальности", "EXPIRING", "2026-12-18"),
                ("CPR", "Сердечно-лёгочная реанимация", "MISSING", None),
            )
        ],
        "record": {"fetch_time": "2026-11-23T09:00:00.000Z", "stale": True},
        "as_of": "2026-11-23",
        **more,
    }


def a_certificate(**more: Any) -> dict[str, Any]:
    return {
        "id": "d1",
        "activity": STUDY,
        "type": "CPD_CERTIFICATE",
        "type_label": "Удостоверение о повышении квалификации",
        "issuer": "ФГБОУ ДПО РМАНПО",
        "series": "77",
        "number": "ПК-001",
        "issue_date": "2026-03-21",
        "hours": 36,
        "origin": "WORKER",
        "check": "WAITING",
        "check_label": "Ждём внесения в ФИС ФРДО",
        "check_fields": [],
        "check_time": "2026-03-22T06:00:00.000Z",
        "in_register": True,
        "create_time": "2026-03-21T09:00:00.000Z",
        "scan": "NOT_SCANNED",
        "has_file": True,
        **more,
    }


def an_activity(**more: Any) -> dict[str, Any]:
    return {
        "id": STUDY,
        "kind": "PK",
        "title": "Лёгочная гипертензия и тромбоэмболия",
        "organizer": "ФГБОУ ДПО РМАНПО",
        "start_date": "2026-03-02",
        "end_date": "2026-03-20",
        "hours": 36,
        "specialty": "кардиология",
        "form": "DISTANCE",
        "place": "Москва",
        "level": 8,
        "source": "SELF",
        "state": "COMPLETED_CLAIMED",
        "state_label": "Завершено, ждём документ",
        "reason": "",
        "version": 2,
        "next_states": [],
        "create_time": "2026-03-01T09:00:00.000Z",
        "update_time": "2026-03-21T09:00:00.000Z",
        "credit": {
            "verdict": "WAITING",
            "reason": "REGISTER_WAITING",
            "explanation": "Ждём внесения в ФИС ФРДО.",
            "counted_hours": 0,
            "unverified": False,
            "cycle": {"id": "c1", "specialty": "кардиология", "end_date": "2026-12-18"},
        },
        "certificate": a_certificate(),
        "confirmation": None,
        "history": [
            {
                "version": 2,
                "actor": "WORKER",
                "changed": {"state": {"old": "PLANNED", "new": "COMPLETED_CLAIMED"}},
                "update_time": "2026-03-21T09:00:00.000Z",
            },
            {
                "version": 1,
                "actor": "WORKER",
                "changed": {},
                "update_time": "2026-03-01T09:00:00.000Z",
            },
        ],
        **more,
    }


def education_pages() -> dict[str, Any]:
    """Views by address."""
    fault = FormFault(
        title="Проверьте поля. Часть полей не заполнена.",
        code="LKMR-EDU-010",
        fields={"title": "Укажите название.", "start_date": "Укажите дату начала."},
    )
    planned = an_activity(
        state="PLANNED",
        certificate=None,
        form="",
        place="",
        level=None,
        hours=None,
        next_states=["APPLIED", "COMPLETED_CLAIMED", "CANCELLED"],
    )
    enough = a_cycle(
        specialty="терапия",
        sufficient=True,
        behind_hours=0,
        missing_hours=0,
        waiting_hours=0,
        sentence="Часов достаточно: 144 из 144.",
        counted_hours=144,
        percent=100,
        unverified_hours=0,
        calculation=[],
    )
    return {
        "education-least": EducationView(summary=a_summary(), activities=(), may_add=False),
        "education-away": EducationView(
            summary=None,
            activities=(),
            may_add=True,
            fault=Unavailable(text="Раздел не отвечает.", code="LKMR-SYS-010"),
        ),
        "education": EducationView(
            summary=a_summary(a_cycle(), enough, a_cycle(state="SUPERSEDED")),
            activities=(an_activity(), planned),
            may_add=True,
            next_href="/education?page_token=x",
            first_href="/education",
        ),
        "education-new": NewActivityView(kinds=KINDS, forms=FORMS, specialties=("кардиология",)),
        "education-new-error": NewActivityView(
            kinds=KINDS,
            forms=FORMS,
            specialties=(),
            typed={"kind": "PK", "place": "Москва"},
            fault=fault,
        ),
        "education-activity": ActivityView(item=an_activity(), may_change=True, notice="Готово."),
        "education-activity-without-consent": ActivityView(
            item=an_activity(
                certificate=a_certificate(check="NOT_CHECKED", check_hold="NO_CONSENT")
            ),
            may_change=True,
        ),
        "education-activity-planned": ActivityView(item=planned, may_change=True),
        "education-activity-error": ActivityView(
            item=planned,
            may_change=True,
            typed={"number": "1"},
            fault=FormFault(
                title="Такое удостоверение уже внесено.", code="LKMR-EDU-004", fields={}
            ),
        ),
    }
