"""Pages of applications with as little and as much as they can have. All people are invented."""

from typing import Any

from lkmr_gateway.pages.views.applications import (
    ApplicationListView,
    ApplicationView,
    CheckView,
    SectionView,
    SentView,
    StaffApplicationsView,
    StaffApplicationView,
    StaffFormView,
)
from lkmr_gateway.pages.views.education import FormFault

ID = "3f0e9a52-3f0e-4a52-8a52-3f0e9a523f0e"
TIME = "2026-11-24T09:30:00.000Z"


def a_field(name: str, label: str, kind: str = "text", value: str = "", **more: Any) -> Any:
    return {
        "name": name,
        "label": label,
        "type": kind,
        "required": True,
        "hint": "",
        "options": {},
        "when": None,
        "asked": True,
        "value": value,
        **more,
    }


LEVELS = {"HIGHER": "Высшее", "SECONDARY": "Среднее профессиональное"}
SECTIONS: list[Any] = [
    {
        "id": "contacts",
        "title": "Как с вами связаться",
        "complete": True,
        "begun": True,
        "fields": [
            a_field(
                "phone",
                "Телефон",
                "tel",
                "+7 900 000-00-01",
                hint="По нему может позвонить аккредитационный центр.",
            ),
            a_field("email", "Электронная почта", "email", "proba@demo.example"),
        ],
    },
    {
        "id": "education",
        "title": "Образование",
        "complete": False,
        "begun": True,
        "fields": [
            a_field("education_level", "Уровень образования", "choice", "HIGHER", options=LEVELS),
            a_field("diploma", "Диплом по специальности", hint="Серия, номер, год и кто выдал."),
            a_field("name_changed", "Имя менялось после диплома", "tick", required=False),
            a_field(
                "issue_date", "Дата выдачи", "date", "2008-06-30", when=["name_changed", "yes"]
            ),
        ],
    },
    {
        "id": "report",
        "title": "Отчёт о работе за пять лет",
        "complete": False,
        "begun": False,
        "fields": [a_field("report", "Отчёт о профессиональной деятельности", "long")],
    },
]
PORTFOLIO = [
    {
        "code": "STATEMENT",
        "title": "Заявление о допуске",
        "readiness": "READY",
        "detail": "Заполнено",
        "todo": "",
    },
    {
        "code": "REPORT",
        "title": "Отчёт о профессиональной деятельности",
        "readiness": "MISSING",
        "detail": "Не согласован руководителем",
        "todo": "Отправьте отчёт на согласование",
    },
    {
        "code": "PROGRAMMES",
        "title": "Программы повышения квалификации",
        "readiness": "WAITING",
        "detail": "Засчитано 108 ч из нужных 72, ждут проверки 36 ч",
        "todo": "",
    },
    {
        "code": "PORTAL",
        "title": "Сведения с портала НМО",
        "readiness": "UNKNOWN",
        "detail": "Служба обучения не отвечает",
        "todo": "",
    },
    {
        "code": "NAME_CHANGE",
        "title": "Документ о смене имени",
        "readiness": "NOT_NEEDED",
        "detail": "Имя не менялось",
        "todo": "",
    },
]
CENTER = {
    "state": "",
    "text": "",
    "registration_number": "",
    "registered_on": None,
    "meeting_on": None,
    "protocol_number": "",
    "protocol_on": None,
    "protocol_url": "",
    "remarks": [],
}
REPORT = {
    "agreement": "NONE",
    "excused": False,
    "decide_time": None,
    "reason": "",
    "signature": "",
    "decided_as": "",
}


def a_step(after: str, text: str, actor: str, reason: str = "", file_set: int = 1) -> Any:
    return {
        "actor": actor,
        "before": "DRAFT",
        "after": after,
        "after_text": text,
        "reason": reason,
        "file_set": file_set,
        "time": TIME,
    }


def an_application(**more: Any) -> Any:
    return {
        "id": ID,
        "form": "F1",
        "title": "Периодическая аккредитация",
        "specialty": "терапия",
        "state": "DRAFT",
        "state_text": "Черновик",
        "version": 4,
        "file_set": 1,
        "create_time": TIME,
        "update_time": TIME,
        "state_time": TIME,
        "limit_date": "2027-05-23",
        "registration_number": "",
        "waiting_for_center": False,
        "acts": ["SUBMIT", "ASK_AGREEMENT", "DELETE"],
        "sections": SECTIONS,
        "portfolio": PORTFOLIO,
        "missing": PORTFOLIO[1:2],
        "complete": False,
        "report": REPORT,
        "center": CENTER,
        "delivery": {"act": "", "attempts": 0},
        "asked_by": "",
        "consent_until": None,
        "jobs": [
            {
                "organization": "ГБУЗ «Проверочная поликлиника № 1»",
                "position": "врач-терапевт участковый",
                "start_date": "2015-02-01",
                "end_date": None,
            }
        ],
        "history": [],
    } | more


RETURNED = an_application(
    state="RETURNED",
    state_text="Возвращено на исправление",
    file_set=2,
    registration_number="ФАЦ-2026-000017",
    acts=["REVISE", "WITHDRAW"],
    waiting_for_center=True,
    delivery={"act": "SUBMIT", "attempts": 3},
    report=REPORT
    | {"agreement": "REFUSED", "decide_time": TIME, "reason": "Не указаны показатели"},
    center=CENTER
    | {
        "registration_number": "ФАЦ-2026-000017",
        "registered_on": "2026-11-25",
        "meeting_on": "2026-12-22",
        "protocol_number": "ЦАК-2026/7",
        "protocol_on": "2026-12-25",
        "remarks": ["Нет подписи на последнем листе отчёта", "Диплом указан без номера"],
    },
    history=[
        a_step("SUBMITTED", "Отправлено", "WORKER"),
        a_step("REGISTERED", "Зарегистрировано", "CENTER"),
        a_step(
            "RETURNED",
            "Возвращено на исправление",
            "CENTER",
            "Нет подписи на последнем листе отчёта",
            2,
        ),
    ],
)
FAILED = an_application(
    state="FAILED", state_text="Не сдано", acts=["APPEAL"], portfolio=[], sections=SECTIONS[:1]
)
SENT = an_application(
    state="SUBMITTED", state_text="Отправлено", acts=["WITHDRAW"], limit_date="2026-12-03"
)
EXTRACT = an_application(
    form="F3",
    title="Выписка из реестра",
    state="READY",
    state_text="Готово",
    acts=[],
    portfolio=[],
    missing=[],
    jobs=[],
    limit_date=None,
)
ASKED_FIELDS = [
    {
        "id": "record",
        "title": "Какая запись",
        "complete": True,
        "begun": True,
        "fields": [a_field("purpose", "Куда нужна выписка", value="Лицензирование кабинета")],
    }
]
CONSENT = EXTRACT | {
    "state": "CONSENT_ASKED",
    "state_text": "Ждём согласия сотрудника",
    "acts": ["GRANT", "DENY"],
    "limit_date": "2026-12-06",
    "asked_by": "ГБУЗ «Проверочная поликлиника № 1»",
    "consent_until": "2026-12-26",
    "sections": ASKED_FIELDS,
    "history": [a_step("CONSENT_ASKED", "Ждём согласия сотрудника", "HR")],
}
CONSENTED = CONSENT | {
    "state": "READY",
    "state_text": "Готово",
    "acts": ["WITHDRAW"],
    "limit_date": "2026-12-26",
}
UNKNOWN = an_application(
    state="UNKNOWN_EXTERNAL", state_text="Ждём ответа ведомства", acts=[], history=[]
)
FORMS: list[Any] = [
    {
        "id": "F1",
        "title": "Периодическая аккредитация",
        "summary": "Заявление о допуске к оценке портфолио.",
        "who": ["WORKER"],
        "begun_by_itself": True,
        "sections": [],
    },
    {
        "id": "F4",
        "title": "Исправление данных в ФРМР",
        "summary": "Кадровая служба исправит карточку.",
        "who": ["WORKER"],
        "begun_by_itself": True,
        "sections": [],
    },
]
STAFF = {
    "id": ID,
    "form": "F1",
    "title": "Периодическая аккредитация",
    "worker_name": "Образцова П. Т.",
    "specialty": "терапия",
    "state": "REPORT_APPROVAL",
    "state_text": "Отчёт на согласовании у работодателя",
    "version": 5,
    "state_time": TIME,
    "limit_date": "2026-12-08",
    "acts": ["AGREE", "REFUSE_AGREEMENT"],
    "fields": [a_field("report", "Отчёт", "long", "Принимала пациентов.\nОсвоила два метода.")],
    "report": REPORT,
    "history": [a_step("REPORT_APPROVAL", "Отчёт на согласовании", "WORKER")],
}
PERSONNEL = STAFF | {
    "form": "F4",
    "title": "Исправление данных в ФРМР",
    "state": "SUBMITTED",
    "state_text": "Отправлено",
    "acts": ["TAKE", "REFUSE"],
    "fields": [a_field("proposed_value", "Как должно быть", value="Примерова")],
}
MEMBER = "7d5f6a52-5b0c-4a39-8a48-333333333333"
MENTORING = {
    "id": "F8",
    "title": "Наставничество",
    "summary": "Кадровая служба вносит срок наставничества по специальности.",
    "sections": [
        {
            "id": "mentoring",
            "title": "Срок наставничества",
            "fields": [
                {
                    "name": name, "label": label, "type": kind, "required": True, "hint": "",
                    "options": {}, "when": None, "asked": True, "value": "",
                }
                for name, label, kind in (
                    ("start_date", "Начало", "date"),
                    ("end_date", "Окончание", "date"),
                    ("mentor_order", "Приказ о назначении наставника", "text"),
                )
            ],
        }
    ],
}  # fmt: skip
EXTRACT_ASKED = STAFF | {
    "form": "F3",
    "title": "Выписка из реестра",
    "state": "CONSENT_ASKED",
    "state_text": "Ждём согласия сотрудника",
    "acts": [],
    "fields": [a_field("purpose", "Куда нужна выписка", value="Лицензирование кабинета")],
    "history": [a_step("CONSENT_ASKED", "Ждём согласия сотрудника", "HR")],
}
DECIDED = STAFF | {
    "state": "DRAFT",
    "state_text": "Черновик",
    "acts": [],
    "history": [],
    "report": REPORT | {"agreement": "AGREED", "decided_as": "HEAD_DEPT", "decide_time": TIME},
}


def refused(**fields: str) -> FormFault:
    return FormFault(
        title="Проверьте поля. Не всё заполнено верно.", code="LKMR-SYS-005", fields=fields
    )


def application_pages(rich: Any, poor: Any) -> dict[str, Any]:
    """Sample pages by name."""
    return {
        "applications-refused": (
            ApplicationListView(
                items=[an_application(), RETURNED, UNKNOWN],
                forms=FORMS,
                specialties=["терапия", "кардиология"],
                next_href="/applications?page_token=a",
                first_href="/applications",
                fault=refused(specialty="Выберите специальность."),
            ),
            rich,
        ),
        "applications-least": (ApplicationListView(items=[], forms=[], specialties=[]), poor),
        "application-draft": (
            ApplicationView(item=an_application(), notice="Раздел сохранён."),
            rich,
        ),
        "application-returned": (ApplicationView(item=RETURNED), rich),
        "application-failed-refused": (
            ApplicationView(item=FAILED, fault=refused(reason="Напишите, с чем вы не согласны.")),
            rich,
        ),
        "application-unknown": (ApplicationView(item=UNKNOWN), poor),
        "application-extract": (ApplicationView(item=EXTRACT), poor),
        "application-section-refused": (
            SectionView(
                item=an_application(), section=SECTIONS[1], fault=refused(diploma="Заполните поле.")
            ),
            rich,
        ),
        "application-section-report": (
            SectionView(item=an_application(), section=SECTIONS[2]),
            poor,
        ),
        "application-check-refused": (
            CheckView(
                item=an_application(),
                fault=refused(diploma="Заполните поле.", programmes="Наберите часы."),
            ),
            rich,
        ),
        "application-check-least": (CheckView(item=EXTRACT), poor),
        "application-sent": (SentView(item=SENT), rich),
        "application-sent-other": (SentView(item=EXTRACT), poor),
        "mentoring-refused": (
            StaffFormView(
                href=f"/staff/{MEMBER}/mentoring",
                submit="Внести наставничество",
                worker=MEMBER,
                name="Петрова А. С.",
                specialties=["терапия", "кардиология"],
                form=MENTORING,
                typed={"specialty": "кардиология", "start_date": "2026-09-01"},
                fault=refused(end_date="Окончание позже начала."),
            ),
            rich,
        ),
        "mentoring-least": (
            StaffFormView(
                href=f"/staff/{MEMBER}/mentoring",
                submit="Внести наставничество",
                worker=MEMBER,
                name="Сотрудник",
                specialties=[],
                form=MENTORING,
            ),
            poor,
        ),
        "application-consent": (ApplicationView(item=CONSENT), rich),
        "application-consented": (ApplicationView(item=CONSENTED), poor),
        "staff-application-consent": (StaffApplicationView(item=EXTRACT_ASKED), poor),
        "staff-application-extract": (
            StaffApplicationView(
                item=EXTRACT_ASKED
                | {"state": "READY", "state_text": "Готово", "acts": ["DOWNLOAD"]}
            ),
            rich,
        ),
        "staff-application-denied": (
            StaffApplicationView(
                item=EXTRACT_ASKED
                | {"state": "REFUSED", "state_text": "Отказано", "limit_date": None}
            ),
            poor,
        ),
        "staff-applications": (
            StaffApplicationsView(items=[STAFF, PERSONNEL], next_href="/staff/applications?a=b"),
            rich,
        ),
        "staff-applications-least": (StaffApplicationsView(items=[]), poor),
        "staff-application-refused": (
            StaffApplicationView(item=STAFF, fault=refused(reason="Напишите причину отказа.")),
            rich,
        ),
        "staff-application-personnel": (StaffApplicationView(item=PERSONNEL), poor),
        "staff-application-decided": (
            StaffApplicationView(item=DECIDED, notice="Решение сохранено."),
            rich,
        ),
    }
