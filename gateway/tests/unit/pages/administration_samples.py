"""Pages of administration and of the journal."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from frame_samples import CALM, NOW, PART_FAULT, POOR, with_current

from lkmr_gateway.pages.views.administration import (
    ActItem,
    Choice,
    FaultItem,
    IncidentItem,
    IncidentsView,
    IncidentView,
    LeakClock,
    LeakField,
    LeakView,
    PeopleView,
    PersonItem,
    PersonView,
    RequestItem,
    RequestsView,
    RoleItem,
)
from lkmr_gateway.pages.views.frame import Chrome
from lkmr_gateway.pages.views.journal import AccessItem, AccessView, AuditItem, AuditView

ADMINISTERED = PersonItem(
    id="0b5f7cba-3fbf-4d5e-a1a6-203497bc9d75",
    name="Иванова Анна Сергеевна",
    account_number="ЛК-000123",
    state="действует",
    tone="ok",
    blocked=False,
    code_locked=False,
    roles=(
        RoleItem(
            id="1b5f7cba-3fbf-4d5e-a1a6-203497bc9d75",
            organization="ГП № 1",
            role="врач",
            position="врач-терапевт участковый",
            source="по записи о работе в ФРМР",
            effective=False,
        ),
    ),
)
INCIDENT = IncidentItem(
    id="2b5f7cba-3fbf-4d5e-a1a6-203497bc9d75",
    number=7,
    kind="Много отказов подряд",
    tone="warn",
    severity="средняя",
    state="обнаружен",
    time=NOW,
    organization="org-gp1",
    person="Иванова Анна Сергеевна",
    session="persons/1/sessions/2",
    facts=("действий: 30", "за секунд: 300"),
)
ACTS = tuple(
    AuditItem(
        seq=1200 - number,
        time=NOW - timedelta(minutes=number),
        actor="persons/2529a54b-f937-4703-82ca-e41866af7a97" if number else "",
        account="ЛК-000123" if number else "",
        role="врач" if number else "",
        organization="org-gp1" if number else "",
        operation="session.start",
        title="Вход в кабинет",
        object="persons/2529a54b-f937-4703-82ca-e41866af7a97/sessions/4f0c6f0e-51a2-4a53-9d8f",
        result=result,
        reason="" if result == "ALLOWED" else "SECTION_CLOSED",
        purpose="treatment" if number else "",
        source="auth",
        trace_id="a" * 32,
    )
    for number, result in enumerate(("ALLOWED", "DENIED", "FAILED"))
)
ACCESSES = tuple(
    AccessItem(
        id=f"00000000-0000-4000-8000-00000000000{number}",
        time=NOW - timedelta(hours=number),
        who=who,
        own=who == "Вы",
        automatic=automatic,
        role=role,
        organization="ГБУЗ «Городская поликлиника № 1»" if role else "",
        title="Просмотр сведений сотрудника",
        allowed=number != 1,
        why=why,
        dispute_time=NOW if number == 3 else None,
    )
    for number, (who, role, automatic, why) in enumerate(
        (
            ("Смирнова Ольга Петровна", "отдел кадров", False, "проверка документов"),
            ("Орлова Мария Игоревна", "руководитель организации", False, ""),
            ("Кабинет: уведомления", "", True, "отправка уведомления"),
            ("Неизвестно", "", False, ""),
            ("Вы", "врач", False, ""),
        )
    )
)

PAGES: dict[str, tuple[Any, Chrome]] = {
    "admin-people-least": (PeopleView(), POOR),
    "admin-people": (
        PeopleView(
            items=(
                ADMINISTERED,
                replace(ADMINISTERED, state="заблокирована", tone="bad", roles=()),
            ),
            query="Иван",
            next_href="/admin/people?page_token=abc",
            first_href="/admin/people",
        ),
        CALM,
    ),
    "admin-person-least": (PersonView(person=replace(ADMINISTERED, name="", roles=())), POOR),
    "admin-person": (
        PersonView(
            person=replace(ADMINISTERED, code_locked=True),
            in_register=True,
            acts=(
                ActItem(
                    time=NOW,
                    words="Снята блокировка кодов",
                    actor="0af76519-16cd-43dd-8448-eb211c80319c",
                    reason="Звонок с рабочего телефона, личность подтвердил отдел кадров",
                ),
                ActItem(time=NOW, words="Вход заблокирован", actor="x"),
            ),
            faults=(
                FaultItem(
                    time=NOW,
                    code="LKMR-RBAC-001",
                    cause="Раздел недоступен для вашей роли.",
                    operation="api.read",
                    trace_id="0af7651916cd43dd8448eb211c80319c",
                ),
            ),
            session_count=2,
            organizations=(Choice(value="org-gp1", word="Поликлиника № 1"),),
            roles=(Choice(value="NURSE", word="медицинская сестра"),),
            may_assign=True,
            may_change=True,
            may_block=True,
            notice="Роль назначена и уже действует.",
        ),
        CALM,
    ),
    "admin-requests-least": (RequestsView(), POOR),
    "admin-requests": (
        RequestsView(
            items=(
                RequestItem(
                    id="r1",
                    person="Иванова Анна Сергеевна",
                    organization="ГП № 1",
                    role="аудитор",
                    reason="замещает коллегу",
                    requester="Морозов Олег",
                    time=NOW,
                ),
            ),
            notice="Решение принято.",
        ),
        CALM,
    ),
    "admin-incidents-least": (IncidentsView(), POOR),
    "admin-incidents": (
        IncidentsView(items=(INCIDENT,), only_open=False, may_work=True),
        CALM,
    ),
    "admin-incident": (IncidentView(item=INCIDENT, may_work=True, notice="Готово."), CALM),
    "admin-incident-leak": (
        IncidentView(
            item=replace(INCIDENT, closed=True, resolution="ложная тревога"),
            clocks=(
                LeakClock(
                    step="NOTICE",
                    title="Первое уведомление",
                    due=NOW,
                    done=NOW,
                    text="отправлено",
                    open=False,
                    late=False,
                ),
                LeakClock(
                    step="RESULT",
                    title="Результат внутренней проверки",
                    due=NOW,
                    done=None,
                    text="",
                    open=True,
                    late=True,
                ),
            ),
            leak=(Choice(value="контакты", word="Что произошло"),),
            may_work=True,
        ),
        CALM,
    ),
    "admin-leak": (
        LeakView(
            fields=(LeakField(name="what", word="Что произошло", value="список"),),
            discover_date="2026-11-23",
            discover_clock="14:32",
            fault="Заполните все поля.",
        ),
        CALM,
    ),
    "audit-least": (AuditView(), with_current("/audit")),
    "audit": (
        AuditView(
            items=ACTS,
            operation="session.",
            result="DENIED",
            next_href="/audit?page_token=abc",
            first_href="/audit",
            may_export=True,
            archived_before=date(2025, 11, 1),
        ),
        with_current("/audit"),
    ),
    "access-log-least": (AccessView(), POOR),
    "access-log": (
        AccessView(
            items=ACCESSES,
            others_only=False,
            notice="Обращение принято",
            archived_before=date(2025, 11, 1),
            next_href="/access-log?page_token=abc",
            first_href="/access-log",
            fault=PART_FAULT,
        ),
        CALM,
    ),
}
