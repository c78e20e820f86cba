"""Pages of «Обучение (НМО)» with as little and as much in them as they can have."""

from typing import Any

from lkmr_gateway.pages.education_words import FORMS, KINDS
from lkmr_gateway.pages.views.education import (
    ActivityView,
    EducationView,
    FormFault,
    NewActivityView,
)
from lkmr_gateway.pages.views.education_ahead import CatalogView, PlanView, StaffView
from lkmr_gateway.pages.views.education_outside import (
    ConfirmationsView,
    KeptNoticesView,
    ReportsView,
    ReportView,
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
        "check_time": None,
        "create_time": "2026-03-21T09:00:00.000Z",
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
    return ahead_pages() | {
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


def an_item(**more: Any) -> dict[str, Any]:
    return {
        "id": "11111111-1111-4222-8333-444455556666",
        "title": "Эхокардиография: стресс-тесты",
        "deadline": "2026-12-14",
        "required_level": 8,
        "programme_level": 8,
        "level_check": "FITS",
        "level_label": "Программа подходит",
        "days_left": 21,
        "overdue": False,
        "kind": "PK",
        "hours": 36,
        "specialty": "кардиология",
        "organizer": "РМАНПО",
        "programme": "p1",
        "activity": None,
        "direction": None,
        "start_date": None,
        "end_date": None,
        "state": "OPEN",
        "state_label": "В плане",
        "agreement": "NONE",
        "agreement_label": "",
        "comment": "",
        "version": 1,
        **more,
    }


def a_programme(**more: Any) -> dict[str, Any]:
    return {
        "id": "p1",
        "title": "Зимняя школа кардиолога",
        "provider": "Общество кардиологов",
        "kind": "EVENT",
        "hours": 18,
        "specialties": ["кардиология"],
        "level": 8,
        "start_date": "2026-12-02",
        "end_date": "2026-12-04",
        "form": "DISTANCE",
        "city": "",
        "price": 0,
        "url": "",
        "annotation": "",
        "new_competence": False,
        **more,
    }


def ahead_pages() -> dict[str, Any]:
    """Plan, catalogue and staff."""
    direction = {
        "code": "HEAD_DEPT",
        "title": "Заведующий отделением",
        "level": 9,
        "source": "",
        "needs": [{"kind": "PK", "title": "Управление качеством", "hours": 36, "months": 12}],
    }
    late = {
        "id": "W-EDU-07",
        "text": "Срок пункта плана истёк: Эхокардиография",
        "todo": "Завершите обучение или перенесите срок.",
    }
    items = [
        an_item(
            overdue=True,
            days_left=-3,
            level_check="TOO_LOW",
            agreement="DECLINED",
            comment="Нет мест",
        ),
        an_item(
            kind="",
            hours=None,
            organizer="",
            required_level=None,
            programme_level=None,
            level_check="UNKNOWN",
            level_label="Уровень программы не указан",
        ),
        an_item(state="DONE", activity=STUDY),
    ]
    plan = {
        "columns": [],
        "items": items,
        "direction": direction,
        "directions": [direction, direction | {"code": "EXPERT", "title": "Врач-эксперт"}],
        "present_level": 8,
        "required_level": 8,
        "warnings": [late],
    }
    nothing = plan | {
        "items": [],
        "direction": None,
        "directions": [],
        "warnings": [],
        "present_level": None,
        "required_level": None,
    }
    offer = a_programme(
        cycle="c1",
        specialty="кардиология",
        closes_hours=18,
        remaining_hours=18,
        credited_on="2026-12-18",
        reason="Закроет 18 ЗЕТ до нормы.",
    )
    suggestions = {
        "items": [offer, offer | {"remaining_hours": 0, "price": 12000, "start_date": None}],
        "cycles": [
            {
                "cycle": "c1",
                "specialty": "кардиология",
                "deadline": "2026-12-18",
                "missing_hours": 36,
                "missing_programme_hours": 0,
                "late_count": 7,
            },
            {
                "cycle": "c2",
                "specialty": "терапия",
                "deadline": "2027-12-18",
                "missing_hours": 0,
                "missing_programme_hours": 1,
                "late_count": 0,
            },
        ],
        "attestations": [
            {"title": "Сердечно-лёгочная реанимация", "items": [a_programme()]},
            {"title": "Охрана труда", "items": []},
        ],
    }
    line = {
        "worker": STUDY,
        "family_name": "Петров",
        "given_name": "Илья",
        "patronymic": "",
        "position": "врач-кардиолог",
        "department": "кардиологическое отделение",
        "known": True,
        "cycles": [a_cycle(), a_cycle(sufficient=True, missing_hours=0, waiting_hours=0)],
        "missing_attestations": ["Охрана труда"],
        "plan_items": [an_item()],
        "activities": [
            {
                "id": "21111111-1111-4222-8333-444455556666",
                "title": "Аритмии",
                "kind": "PK",
                "start_date": "2026-12-01",
                "end_date": "2026-12-05",
                "hours": None,
            },
        ],
    }
    unknown = line | {
        "known": False,
        "cycles": [],
        "missing_attestations": [],
        "plan_items": [],
        "activities": [],
        "department": "",
    }
    away = Unavailable(text="Раздел не отвечает.", code="LKMR-SYS-010")
    return {
        "education-plan": PlanView(
            plan=plan,
            may_change=True,
            notice="План изменён.",
            calendar_url="https://localhost/calendar/secret.ics",
        ),
        "education-plan-least": PlanView(plan=nothing, may_change=False),
        "education-plan-error": PlanView(
            plan=nothing,
            may_change=True,
            typed={"title": ""},
            fault=FormFault(
                title="Проверьте поля.",
                code="LKMR-EDU-010",
                fields={"title": "Укажите, чему хотите научиться."},
            ),
        ),
        "education-plan-away": PlanView(plan=None, may_change=True, away=away),
        "education-catalog": CatalogView(
            query="",
            kind="",
            kinds=KINDS,
            found=[a_programme()],
            suggestions=suggestions,
            may_add=True,
            next_href="/education/catalog?page_token=x",
        ),
        "education-catalog-nothing": CatalogView(
            query="квант",
            kind="PK",
            kinds=KINDS,
            found=[],
            suggestions=None,
            may_add=False,
            away=away,
        ),
        "education-staff": StaffView(lines=[line, unknown], may_agree=True, notice="Готово."),
        "education-staff-least": StaffView(lines=[], may_agree=False),
        "education-staff-error": StaffView(
            lines=[line],
            may_agree=True,
            away=None,
            fault=FormFault(
                title="Проверьте поля.",
                code="LKMR-EDU-010",
            ),
        ),
    }


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
        "send_asked": False,
        "errors": [],
        "number": "",
        "reason": "",
        "receipt": None,
        "create_time": "2026-07-01T09:00:00.000Z",
        "sign_time": None,
        "update_time": "2026-07-01T09:00:00.000Z",
        "content": {
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
    empty = a_report()["content"] | {"hours": [], "not_in_register": [], "planned": []}
    fault = FormFault(
        title="Проверьте поля.", code="LKMR-EDU-010", fields={"period_end": "Период не закончился."}
    )
    receipt = {"number": "ДЗ-2026-000001", "acceptedAt": "2026-07-02T09:00:00Z"}
    states = {
        "validated": a_report(),
        "faults": a_report(
            state="HAS_ERRORS", errors=[{"row": "staff", "message": "Сотрудников нет."}]
        ),
        "signed": a_report(state="SIGNED"),
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
