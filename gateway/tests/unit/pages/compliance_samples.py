"""Compliance, staff and law as the services answer, with as little and as much as they can."""

from typing import Any

WORKER = "5e0e2fbc-6a0f-4c55-9a54-6f6f63b1d3c1"
SOURCE = {
    "system": "ФРМР",
    "version": "7",
    "fetch_time": "2026-11-23T03:10:00.000Z",
    "stale": True,
}
LINES = [
    {"text": "Неотложная кардиология", "value": "36 ч", "counted": True, "reason": "найден"},
    {"text": "Антикоагулянты", "value": "6 ч", "counted": False, "reason": "не та специальность"},
    {"text": "Всего засчитано", "value": "108 из 144 ч", "counted": None, "reason": ""},
]


def a_finding(verdict: str = "FAIL", **more: Any) -> dict[str, Any]:
    return {
        "verdict": verdict,
        "subject": "кардиология",
        "reason": "Не хватает 36 ч, из них 12 ч программ ПК",
        "todo": "Откройте план обучения и выберите программы",
        "actor": "WORKER",
        "deadline": "2026-12-18",
        "calculation": LINES,
        **more,
    }


def a_rule(number: int, verdict: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"R-ACC-{number:02}",
        "title": "Часы обучения",
        "source": "Положение об аккредитации, приказ 709н от 28.10.2022",
        "findings": [a_finding(verdict), a_finding("OK", todo="", deadline=None, calculation=[])],
        **a_finding(verdict, **more),
    }


HOURS = {
    "counted": 108,
    "needed": 144,
    "programme": 60,
    "needed_programme": 72,
    "portal": 48,
    "waiting": 36,
    "missing": 36,
    "missing_programme": 12,
    "complete": False,
    "expected": 142,
    "start_date": "2021-12-18",
    "end_date": "2026-12-18",
    "growth": [{"date": "2022-10-21", "hours": 36}, {"date": "2025-06-06", "hours": 108}],
}


def a_standing(**more: Any) -> dict[str, Any]:
    return {
        "specialty": "кардиология",
        "accreditation": WORKER,
        "state": "EXPIRING",
        "record_date": "2021-12-18",
        "expire_date": "2026-12-18",
        "days_left": 25,
        "can_work": True,
        "window_open_date": "2026-06-21",
        "safe_submit_date": "2026-10-30",
        "hours_reason": "",
        "hours": HOURS,
        **more,
    }


LEAST: dict[str, Any] = {
    "sentence": "По данным регистра у вас нет должностей, для которых нужна аккредитация.",
    "verdict": "UNKNOWN",
    "missing": [],
    "deadline": None,
    "safe_submit_date": None,
    "window_open_date": None,
    "date": "2026-11-23",
    "specialties": [],
    "rules": [a_rule(9, "UNKNOWN", todo="", deadline=None, calculation=[])],
    "discrepancies": [],
    "source": {**SOURCE, "stale": False},
}
MOST: dict[str, Any] = {
    **LEAST,
    "sentence": "Вы можете работать по специальности «кардиология» до 18 декабря 2026 г.; "
    "для следующей аккредитации не хватает 36 ч обучения.",
    "verdict": "FAIL",
    "missing": [
        {
            "what": "HOURS_PROGRAMME",
            "text": "12 ч программ ПК",
            "amount": 12,
            "todo": "Выберите программы в плане обучения",
            "actor": "WORKER",
            "deadline": "2026-10-30",
        },
        {
            "what": "HOURS_UNKNOWN",
            "text": "Часы обучения не проверены",
            "amount": None,
            "todo": "",
            "actor": "CABINET",
            "deadline": None,
        },
    ],
    "deadline": "2026-12-18",
    "specialties": [
        a_standing(),
        a_standing(
            specialty="функциональная диагностика",
            hours=None,
            hours_reason="Служба обучения не отвечает",
            days_left=-3,
            state="EXPIRED",
            can_work=False,
            window_open_date=None,
            safe_submit_date=None,
            expire_date="2026-11-20",
        ),
        a_standing(
            specialty="терапия", expire_date=None, record_date=None, days_left=None, state=None
        ),
    ],
    "rules": [a_rule(n, v) for n, v in enumerate(("OK", "WARN", "FAIL", "UNKNOWN"), 1)],
    "discrepancies": [
        {
            "kind": "TERM_CONTRADICTS_RECORD",
            "subject": "7721 031204417",
            "text": "Срок в записи не равен пяти годам от дня внесения",
            "expected": "18.12.2026",
            "found": "18.12.2027",
            "corrected_by": "REGISTER",
            "todo": "Сообщите о расхождении в отдел кадров",
            "found_date": "2026-11-20",
        }
    ],
    "source": SOURCE,
}
COUNTS = {
    "total": 10250,
    "can_work": 10000,
    "expiring": 200,
    "cannot_work": 50,
    "not_checked": 1,
    "behind": 3,
    "extended": 2,
    "window": 700,
}


def a_member(**more: Any) -> dict[str, Any]:
    return {
        "worker": WORKER,
        "name": "Образцова П. Т.",
        "family_name": "Образцова",
        "given_name": "Проба",
        "patronymic": "",
        "jobs": [
            {"position": "медицинская сестра", "specialty": "", "department": "терапия"},
            {"position": "медицинская сестра", "specialty": "", "department": ""},
        ],
        "specialties": ["сестринское дело"],
        "admission": "CANNOT_WORK",
        "expire_date": "2026-11-13",
        "days_left": -10,
        "extended": False,
        "hours": 96,
        "hours_missing": 48,
        "hours_waiting": 0,
        "behind": True,
        "verdict": "FAIL",
        "failed_rules": ["R-ACC-01"],
        "reason": "Срок аккредитации «сестринское дело» закончился 13.11.2026, продления нет",
        "todo": "Подайте заявление",
        "actor": "WORKER",
        "deadline": None,
        **more,
    }


CALM_MEMBER = a_member(
    admission="CAN_WORK",
    expire_date="2029-03-15",
    days_left=843,
    hours=None,
    reason="",
    todo="",
    actor="NOBODY",
    specialties=[],
)
BOARD: dict[str, Any] = {
    "scope": "ORGANIZATION",
    "organization": {"oid": "1.2.3", "name": "ГБУЗ «Поликлиника (проба)»", "region": ""},
    "department": "",
    "date": "2026-11-23",
    "counts": COUNTS,
    "items": [
        a_member(),
        CALM_MEMBER,
        a_member(admission="NOT_CHECKED", expire_date=None, days_left=None),
        a_member(expire_date=None, days_left=None),
    ],
    "groups": [],
    "departments": ["терапевтическое отделение"],
    "specialties": ["сестринское дело"],
    "next_page_token": "abc",
}
TOTALS = {
    **BOARD,
    "scope": "TOTALS",
    "organization": {"oid": "", "name": "", "region": "77"},
    "items": [],
    "groups": [{"name": "ГБУЗ «Поликлиника (проба)»", **COUNTS}],
}
REPORT: dict[str, Any] = {
    "report": "RPT-COMPL",
    "date": "2026-11-23",
    "source": {"system": "ФРМР", "fetch_time": "2026-11-21T06:00:00+00:00", "stale": True},
    "organization": BOARD["organization"],
    "department": "терапевтическое отделение",
    "counts": COUNTS,
    "documents_expired_by_type": [
        {"kind": "MED_EXAM", "title": "Заключение медицинского осмотра", "count": 2}
    ],
}
CHANGES = [
    {
        "id": "order-34n-ends",
        "title": "Заканчивается временный допуск по приказу 34н",
        "text": "Документы, срок которых закончился в 2025 году, больше не дают права работать.",
        "todo": "Проверьте, есть ли у вас действующая запись.",
        "source": "Приказ Минздрава от 20.01.2026 № 34н",
        "announce_date": "2026-10-01",
        "effective_date": "2027-01-01",
        "in_force": False,
        "keys": ["law.extension"],
        "roles": [],
    }
]
