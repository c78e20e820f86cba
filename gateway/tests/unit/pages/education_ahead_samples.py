"""Plan, catalogue and staff of «Обучение (НМО)» with as little and as much as they can have."""

from typing import Any

from education_samples import STUDY, a_cycle

from lkmr_gateway.pages.education_words import KINDS
from lkmr_gateway.pages.views.education import FormFault
from lkmr_gateway.pages.views.education_ahead import CatalogView, PlanView, StaffView
from lkmr_gateway.pages.views.frame import Unavailable


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
        "record": {
            "fetch_time": "2026-11-23T09:00:00.000Z",
            "confirm_time": "2026-11-21T06:00:00.000Z",
            "stale": True,
        },
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
        "record": None,
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
