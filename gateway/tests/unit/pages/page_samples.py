"""Every page with as little and as much in it as it can have. All people are invented."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import access_samples
import compliance_samples as judged
from application_samples import application_pages
from document_samples import document_pages
from education_samples import education_pages, outside_pages, report_pages
from notice_samples import notice_pages

from lkmr_gateway.pages.views.accreditation import (
    AccreditationItem,
    AccreditationListView,
    AccreditationView,
    Extension,
    ExtractContent,
    OldVersion,
    Source,
    VerifyOfflineView,
    VerifyView,
)
from lkmr_gateway.pages.views.activation import ActivationView, FormError, LegalText
from lkmr_gateway.pages.views.administration import (
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
from lkmr_gateway.pages.views.announcements import AnnouncementItem, AnnouncementListView
from lkmr_gateway.pages.views.compliance import (
    ComplianceView,
    CourseForm,
    LawView,
    StaffMemberView,
    StaffReportView,
    StaffView,
)
from lkmr_gateway.pages.views.frame import (
    Banner,
    Chrome,
    ClosedView,
    ErrorView,
    Fault,
    Link,
    ProfileChoice,
    RefusedView,
    Section,
    SessionClock,
    SystemState,
    Task,
    Unavailable,
)
from lkmr_gateway.pages.views.home import HomeView
from lkmr_gateway.pages.views.inbox import (
    DeliveryItem,
    MessageItem,
    MessageListView,
    MessageView,
)
from lkmr_gateway.pages.views.journal import AccessItem, AccessView, AuditItem, AuditView
from lkmr_gateway.pages.views.passkeys import BackupCodesView, NewPasskeyView, PasskeyItem
from lkmr_gateway.pages.views.preferences import (
    CHANNELS,
    Cell,
    GroupRow,
    PreferencesView,
    UnsubscribeView,
    group_words,
)
from lkmr_gateway.pages.views.profile import ConsentItem, OwnProfileView, PastDecision
from lkmr_gateway.pages.views.public import (
    AccessibilityView,
    CodeEntry,
    CodeGroup,
    CodesView,
    PersonalDataView,
    RegisterLoad,
    StatusView,
)
from lkmr_gateway.pages.views.reduced import ReducedView
from lkmr_gateway.pages.views.security import SecurityView, SessionItem, SignInItem
from lkmr_gateway.pages.views.sign_in import (
    Cause,
    CodeView,
    ProfileView,
    SelfCheckView,
    SignInView,
)
from lkmr_gateway.pages.views.step_up import SentCode, StepUpView
from lkmr_gateway.routes.self_check import account_checks

NOW = datetime(2026, 11, 23, 14, 32, 8, tzinfo=ZoneInfo("Europe/Moscow"))
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
NONCE = "n0nce"

PASSKEYS = (
    PasskeyItem(
        id="11111111-1111-4111-8111-111111111111",
        name="Рабочий компьютер",
        address="lk.example.ru",
        create_time=datetime(2026, 11, 2, 9, 14, tzinfo=UTC),
        use_time=datetime(2026, 11, 23, 8, 2, tzinfo=UTC),
    ),
    PasskeyItem(
        id="22222222-2222-4222-8222-222222222222",
        name="Телефон",
        address="lk.example.ru",
        create_time=datetime(2026, 11, 20, 9, 14, tzinfo=UTC),
    ),
)
PROFILES = (
    ProfileChoice(
        value="org-kb2/DOCTOR",
        organization="ГБУЗ «Клиническая больница № 2» (демо)",
        organization_short="КБ № 2",
        role="врач-кардиолог",
        department="отделение кардиологии",
        current=True,
    ),
    ProfileChoice(
        value="org-gp1/DOCTOR",
        organization="ГБУЗ «Городская поликлиника № 1» (демо)",
        organization_short="ГП № 1",
        role="врач-кардиолог",
    ),
)
SECTIONS = (
    Section(label="Главная", href="/"),
    Section(label="Документы и аккредитация", href="/accreditations"),
    Section(label="Сообщения", href="/messages"),
)
GUEST = Chrome(now=NOW, nonce=NONCE)
POOR = Chrome(now=NOW, nonce=NONCE, csrf_token="t", person="Ким А.")
RICH = Chrome(
    now=NOW,
    nonce=NONCE,
    path="/",
    csrf_token="csrf-token-of-the-session",
    person="Петров И. А.",
    account_number="1000299002",
    organization="КБ № 2",
    role="врач-кардиолог",
    profiles=PROFILES,
    sections=SECTIONS,
    unread_count=7,
    banner=Banner(
        tone="warn",
        title="Регистр медработников не отвечает с 13:52",
        text="Показаны сведения, полученные сегодня в 06:10. Новые появятся сами.",
        action=Link(label="Состояние систем", href="/status"),
    ),
    session=SessionClock(idle_seconds=900, expire_time=NOW + timedelta(hours=6)),
)
CALM = replace(RICH, banner=None)

SYSTEMS = (
    SystemState(name="Вход через Госуслуги", condition="UP"),
    SystemState(name="Кабинет", condition="UP"),
    SystemState(
        name="Регистр медработников (ФРМР)",
        condition="DOWN",
        since=NOW - timedelta(minutes=40),
        note="Показаны последние полученные сведения.",
    ),
    SystemState(
        name="Регистр застрахованных (ФЕРЗЛ)",
        condition="MAINTENANCE",
        since=NOW - timedelta(hours=1),
        until=NOW + timedelta(hours=1),
    ),
    SystemState(name="Почта", condition="OVERLOADED", note="Письма придут позже."),
    SystemState(name="SMS", condition="UNKNOWN"),
)
SOURCE = Source(system="ФРМР", version="7", fetch_time=NOW.replace(hour=6, minute=10))
ITEM = AccreditationItem(
    id="5f0c7f0e-7c1c-4c43-9f7e-111111111111",
    specialty="кардиология",
    kind="PERIODIC",
    state="EXPIRING",
    registry_number="7721 031204417",
    record_date=date(2021, 12, 18),
    expire_date=date(2026, 12, 18),
    days_left=25,
    organizations=(PROFILES[0].organization, PROFILES[1].organization),
    source=SOURCE,
)


def an_item(number: int, **parts: Any) -> AccreditationItem:
    made: AccreditationItem = replace(ITEM, id=ITEM.id[:-1] + str(number), **parts)
    return made


ITEMS = (
    ITEM,
    an_item(
        2,
        specialty="функциональная диагностика",
        state="ACTIVE",
        record_date=date(2024, 6, 4),
        expire_date=date(2029, 6, 4),
        days_left=924,
        kind="PRIMARY_SPECIALIZED",
        registry_number="7724 060412345",
    ),
    an_item(3, specialty="терапия", state="EXPIRED", expire_date=date(2025, 3, 5), days_left=-263),
    an_item(4, specialty="ревматология", state="ANNULLED", days_left=None),
    an_item(
        5,
        specialty="рентгенэндоваскулярные диагностика и лечение",
        state="NOT_ADMITTED_YET",
        record_date=None,
        expire_date=None,
        days_left=None,
        organizations=(),
        source=replace(SOURCE, stale=True, fetch_time=NOW - timedelta(days=2)),
    ),
    an_item(6, specialty="гериатрия", state="EXTENDED", days_left=130),
    an_item(
        7,
        specialty="кардиология",
        kind="CERTIFICATE",
        state="EXPIRED",
        registry_number="0177241234567",
        expire_date=date(2021, 12, 1),
        days_left=-1818,
    ),
    an_item(8, specialty="неонатология", state="IN_RENEWAL", days_left=60),
    an_item(9, specialty="новое состояние регистра", state="SOMETHING_NEW", kind="SOMETHING_NEW"),
)
TASK = Task(
    title="Аккредитация истекает: кардиология",
    href=ITEM.href,
    why="С 19.12.2026 без новой записи работать по специальности нельзя.",
    action="Посмотреть сроки",
    due=ITEM.expire_date,
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
    digest=True,
    push_key="BAAA",
    subscribed=True,
)
FAULT = Fault(
    status=503,
    code="LKMR-AUTH-007",
    title="Госуслуги сейчас не отвечают.",
    detail="Это сбой на стороне Госуслуг с 14:21. Ваша учётная запись и данные в порядке.",
    instruction=(
        "Подождите несколько минут.",
        "Нажмите «Попробовать ещё раз»: откроется страница, с которой вы начали.",
    ),
    time=NOW,
    trace_id=TRACE,
    account_number="1000299002",
    support_href="/support/new?code=LKMR-AUTH-007",
)
BARE_FAULT = replace(FAULT, detail="", account_number="", support_href="")
IDENT_FAULT = replace(
    FAULT,
    status=409,
    code="LKMR-IDENT-004",
    title="Не совпало несколько полей",
    detail="Сведения Госуслуг и государственных регистров различаются.",
    instruction=("Исправьте поля в профиле Госуслуг.", "Войдите заново."),
    differing_fields=("name", "birth_date", "policy_number"),
)
PART_FAULT = Unavailable(text="Сведения об аккредитации не получены.", code="LKMR-EGISZ-001")
CONTENT = ExtractContent(
    extract_id="7d5f6a52-5b0c-4a39-8a48-222222222222",
    code="bXk3Zk1pT2ZtWnB3",
    create_time=NOW - timedelta(days=3),
    name="Петров Илья Андреевич",
    birth_date=date(1980, 4, 12),
    snils="***-***-*29 02",
    specialty="кардиология",
    kind="PERIODIC",
    registry_number="7721 031204417",
    record_date=date(2021, 12, 18),
    expire_date=date(2026, 12, 18),
    effective_expire_date=date(2027, 6, 1),
    source_system="ФРМР",
    source_version="7",
    extension="приказ 1234н от 01.02.2026",
    commission="Центральная аккредитационная комиссия, г. Москва",
    protocol_number="41",
    protocol_date=date(2021, 11, 30),
    organizations=((PROFILES[0].organization, "врач-кардиолог"),),
    annulled=True,
)
HISTORY = (
    OldVersion(
        version=1,
        replace_time=NOW - timedelta(days=300),
        kind="PERIODIC",
        specialty="кардиология",
        registry_number="7721 031204417",
        record_date=date(2021, 12, 18),
        expire_date=None,
        annulled=True,
    ),
)
SESSIONS = (
    SessionItem(
        id="11111111-1111-4111-8111-111111111111",
        device="Яндекс Браузер, Windows",
        place="Москва",
        start_time=NOW - timedelta(hours=6),
        active_time=NOW,
        expire_time=NOW + timedelta(hours=2),
        current=True,
    ),
    SessionItem(
        id="22222222-2222-4222-8222-222222222222",
        device="Chrome, Android",
        place="",
        start_time=NOW - timedelta(hours=7),
        active_time=NOW - timedelta(hours=6),
    ),
)
SIGN_INS = (
    SignInItem(time=NOW - timedelta(hours=6), device="Firefox, Linux", place="Тверь", allowed=True),
    SignInItem(
        time=NOW - timedelta(days=2),
        device="Firefox, Linux",
        place="Тверь",
        allowed=False,
        code="LKMR-AUTH-013",
        cause="Вход отменён на странице Госуслуг",
    ),
    SignInItem(time=NOW - timedelta(days=3), device="", place="", allowed=False),
)
CODES = (
    CodeGroup(
        name="Вход",
        codes=(
            CodeEntry(
                code="LKMR-AUTH-007",
                title="Госуслуги сейчас не отвечают.",
                detail="Сбой на стороне Госуслуг.",
                instruction=("Подождите несколько минут.", "Посмотрите страницу состояния."),
            ),
            CodeEntry(
                code="LKMR-AUTH-017",
                title="Учётная запись Госуслуг не подтверждена.",
                detail="",
                instruction=("Подтвердите личность на Госуслугах.",),
            ),
        ),
    ),
    CodeGroup(
        name="Сверка данных",
        codes=(
            CodeEntry(
                code="LKMR-IDENT-006",
                title="Запись о вас в реестре не найдена.",
                detail="",
                instruction=("Обратитесь в отдел кадров.",),
            ),
        ),
    ),
)
REGISTER_LOAD = RegisterLoad(loaded=62_500, total=100_000, update_time=NOW)
DETAIL = AccreditationView(
    item=ITEM,
    records=ITEMS,
    extract_href=f"/api/v1/accreditations/{ITEM.id}/extract.pdf",
    version=3,
    update_time=NOW - timedelta(days=1),
    specialty_code="29",
    education_level="высшее",
    commission="Центральная аккредитационная комиссия",
    protocol_number="41",
    protocol_date=date(2021, 11, 30),
    printed_expire_date=date(2026, 6, 18),
    extension=Extension(
        order="1234н от 01.02.2026",
        source="publication.pravo.gov.ru",
        valid_until=date(2026, 12, 18),
    ),
    history=HISTORY,
)
CODE = CodeView(
    phone_masked="+7 900 •••-••-02",
    expire_time=NOW + timedelta(minutes=4),
    attempts_left=3,
    resend_time=NOW + timedelta(seconds=40),
)

SENT_CODE = SentCode(
    phone_masked="+7 900 •••-••-02",
    expire_time=NOW + timedelta(minutes=4),
    attempts_left=2,
    resend_time=NOW + timedelta(seconds=40),
)

SIGNING_IN = replace(GUEST, csrf_token="t")
TEXTS = tuple(
    LegalText(
        id=identity,
        version="1",
        title=title,
        purpose="Цель",
        paragraphs=("Цель: сообщать о сроках.", "Срок: до отзыва согласия."),
    )
    for identity, title in (
        ("consent-notices", "Сообщения на почту и телефон"),
        ("consent-surveys", "Опросы о работе кабинета"),
    )
)


def _detail(number: int) -> AccreditationView:
    item = ITEMS[number - 1]
    return AccreditationView(
        item=item,
        records=(item,),
        extract_href=f"/api/v1/accreditations/{item.id}/extract.pdf",
        version=1,
        update_time=NOW,
        printed_expire_date=item.expire_date,
    )


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


def with_current(href: str) -> Chrome:
    sections = tuple(replace(one, current=one.href == href) for one in SECTIONS)
    return replace(CALM, sections=sections, path=href)


PROFILE = Link(label="Открыть профиль Госуслуг", href="http://localhost:8081/profile")
CAUSE = Cause(
    code="LKMR-AUTH-018",
    title="Для кабинета нужен второй фактор.",
    detail="Вход без подтверждения кодом не открывает кабинет.",
    instruction=("Включите вход с подтверждением в настройках безопасности Госуслуг.",),
    time=NOW,
    portal=PROFILE,
)


# Name of the sample → view, frame. Names are also the addresses of the local test server.
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
NO_FILTER = {"family_name": "", "department": "", "specialty": "", "admission": ""}

PAGES: dict[str, tuple[Any, Chrome]] = {
    "sign-in-least": (SignInView(), GUEST),
    "sign-in": (
        SignInView(systems=SYSTEMS, check_time=NOW, return_to="/accreditations?state=ACTIVE"),
        GUEST,
    ),
    "sign-in-after-session": (
        SignInView(
            systems=SYSTEMS[:2],
            check_time=NOW,
            return_to="/messages",
            notice=Banner(
                tone="info",
                title="Время сеанса истекло",
                text="Войдите ещё раз, откроется та же страница.",
            ),
            notice_code="LKMR-AUTH-002",
        ),
        GUEST,
    ),
    "profile": (
        ProfileView(profiles=PROFILES, greeting_name="Петров Илья Андреевич"),
        replace(GUEST, csrf_token="t"),
    ),
    "profile-error": (
        ProfileView(
            profiles=tuple(replace(one, current=False) for one in PROFILES),
            error="Выбранный профиль не связан с этой организацией",
            error_code="LKMR-AUTH-011",
        ),
        replace(GUEST, csrf_token="t"),
    ),
    "code": (CODE, replace(GUEST, csrf_token="t")),
    "code-error": (
        replace(
            CODE,
            attempts_left=1,
            resend_time=NOW,
            expire_time=NOW - timedelta(seconds=1),
            error="Код не совпал",
            error_code="LKMR-CONF-001",
        ),
        replace(GUEST, csrf_token="t"),
    ),
    "reduced-least": (ReducedView(), GUEST),
    "reduced-error": (
        ReducedView(
            employee_number="E7016",
            csrf_token="t",
            error="Идентификатор сотрудника или пароль кабинета не подошли.",
            error_code="LKMR-AUTH-019",
        ),
        GUEST,
    ),
    "own-profile-least": (
        OwnProfileView(full_name="Ким Алина", account_number="ЛК-000021"),
        POOR,
    ),
    "own-profile": (
        OwnProfileView(
            full_name="Петров Илья Андреевич",
            account_number="ЛК-000002",
            phone="+7 900 ***-**-02",
            email="p***@demo.example",
            password_set=True,
            consents=(
                ConsentItem(text=TEXTS[0], decision="GIVEN", time=NOW),
                ConsentItem(text=TEXTS[1], decision="WITHDRAWN", time=NOW),
                ConsentItem(
                    text=replace(TEXTS[1], id="terms", title="Условия использования"),
                    terms=True,
                    decision="GIVEN",
                ),
            ),
            history=(
                PastDecision(title=TEXTS[1].title, version="1", decision="WITHDRAWN", time=NOW),
                PastDecision(title=TEXTS[1].title, version="1", decision="GIVEN", time=NOW),
            ),
            notice="Согласие отозвано.",
        ),
        RICH,
    ),
    "step-up-least": (StepUpView(), POOR),
    "step-up-ways": (StepUpView(passkey_offered=True, backup_code_offered=True), RICH),
    "step-up-code-only": (StepUpView(passkey_offered=False, backup_code_offered=False), RICH),
    "step-up-backup-error": (
        StepUpView(
            passkey_offered=True,
            backup_code_offered=True,
            password_required=True,
            error="Резервный код не подошёл.",
            error_code="LKMR-CONF-023",
            error_field="backup_code",
        ),
        RICH,
    ),
    "step-up-error": (
        StepUpView(
            return_to="/accreditations",
            action="/messages/1/read",
            kept="YT0x",
            code=SENT_CODE,
            password_required=True,
            error="Код не совпал. Осталось попыток: 2.",
            error_code="LKMR-CONF-001",
            error_field="code",
        ),
        RICH,
    ),
    "activation-least": (ActivationView(stage="PROOF"), SIGNING_IN),
    "activation-terms": (
        ActivationView(stage="TERMS", greeting_name="Вера Сергеевна", texts=TEXTS[:1]),
        SIGNING_IN,
    ),
    "activation-consents": (ActivationView(stage="CONSENTS", texts=TEXTS), SIGNING_IN),
    "activation-consents-error": (
        ActivationView(
            stage="CONSENTS",
            texts=TEXTS,
            given={"consent-notices": "yes"},
            error=FormError(
                text="Запрос заполнен с ошибкой.",
                code="LKMR-SYS-008",
                fields={"consent-surveys": ("Выберите один из двух ответов.",)},
            ),
        ),
        SIGNING_IN,
    ),
    "activation-employee": (ActivationView(stage="EMPLOYEE"), SIGNING_IN),
    "activation-employee-error": (
        ActivationView(
            stage="EMPLOYEE",
            employee_number="E7016",
            error=FormError(
                text="Пароль слишком простой.",
                code="LKMR-CONF-016",
                fields={"password": ("Не короче 8 знаков.", "Нужна хотя бы одна цифра.")},
            ),
        ),
        SIGNING_IN,
    ),
    "activation-proof": (
        ActivationView(
            stage="PROOF",
            phone_masked="+7 900 •••-••-02",
            approval_offered=True,
            approval="DECLINED",
        ),
        SIGNING_IN,
    ),
    "activation-code": (
        ActivationView(
            stage="PROOF",
            phone_masked="+7 900 •••-••-02",
            code=SENT_CODE,
            approval_offered=True,
            approval="PENDING",
            approval_end=NOW + timedelta(minutes=2),
        ),
        SIGNING_IN,
    ),
    "activation-approved": (
        ActivationView(stage="PROOF", approval_offered=True, approval="APPROVED"),
        SIGNING_IN,
    ),
    "refused-least": (RefusedView(fault=BARE_FAULT, status_href=""), GUEST),
    "refused": (RefusedView(fault=FAULT), GUEST),
    "refused-ident": (
        RefusedView(fault=IDENT_FAULT, portal=PROFILE, retry_seconds=30),
        GUEST,
    ),
    "error-least": (ErrorView(fault=BARE_FAULT), GUEST),
    "error": (ErrorView(fault=FAULT, action=Link(label="На главную", href="/")), RICH),
    "closed-least": (
        ClosedView(fault=BARE_FAULT, section="Отчёты", open_to=(), ask="отдел кадров"),
        POOR,
    ),
    "closed": (
        ClosedView(
            fault=replace(
                FAULT, status=403, code="LKMR-RBAC-001", title="Раздел недоступен для вашей роли"
            ),
            section="Документы и аккредитация",
            open_to=("врач", "медсестра", "заведующий отделением"),
            ask="руководителя вашей организации или администратора ИТ",
        ),
        RICH,
    ),
    "self-check-least": (SelfCheckView(), GUEST),
    "self-check": (
        SelfCheckView(
            systems=SYSTEMS,
            check_time=NOW,
            tls_version="TLS 1.3",
            browser="Firefox 144",
            cause=CAUSE,
            account=account_checks("LKMR-AUTH-018"),
            recovery_href="http://localhost:8081/recovery",
            support_href="http://localhost:8081/support",
            profile_href="http://localhost:8081/profile",
            cleared=True,
        ),
        GUEST,
    ),
    "self-check-over": (SelfCheckView(cause=replace(CAUSE, over=True)), GUEST),
    "home-least": (HomeView(greeting_name=""), POOR),
    "home-empty": (HomeView(greeting_name="Анна", accreditations=()), with_current("/")),
    "home-faults": (
        HomeView(
            greeting_name="Илья Андреевич",
            accreditations_fault=PART_FAULT,
            messages_fault=Unavailable(text="Сообщения не получены.", code="LKMR-SYS-001"),
        ),
        with_current("/"),
    ),
    "home-one": (
        HomeView(
            greeting_name="Илья Андреевич",
            tasks=(TASK,),
            accreditations=ITEMS[:1],
            messages=MESSAGES,
        ),
        with_current("/"),
    ),
    "home": (
        HomeView(
            greeting_name="Илья Андреевич",
            tasks=(
                TASK,
                Task(
                    title="Проверьте вход с нового места",
                    href="/security",
                    why="Если это были не вы, завершите сеанс.",
                    action="Проверить",
                ),
            ),
            accreditations=ITEMS,
            messages=MESSAGES,
        ),
        replace(RICH, sections=with_current("/").sections),
    ),
    "accreditations-least": (AccreditationListView(), POOR),
    "accreditations-fault": (
        AccreditationListView(fault=PART_FAULT),
        with_current("/accreditations"),
    ),
    "accreditations-none": (
        AccreditationListView(state="ANNULLED", specialty="хирургия"),
        with_current("/accreditations"),
    ),
    "accreditations": (
        AccreditationListView(
            items=ITEMS,
            state="",
            specialty="кардиология",
            specialties=("кардиология", "терапия"),
            order_by="-expire_date",
            next_href="/accreditations?page_token=abc",
            first_href="/accreditations",
        ),
        with_current("/accreditations"),
    ),
    "accreditation": (DETAIL, with_current("/accreditations")),
    "accreditation-replaced": (
        replace(_detail(3), records=(ITEMS[2], replace(ITEM, specialty=ITEMS[2].specialty))),
        with_current("/accreditations"),
    ),
    "accreditation-annulled": (_detail(4), with_current("/accreditations")),
    "accreditation-expired": (_detail(3), with_current("/accreditations")),
    "accreditation-waiting": (_detail(5), with_current("/accreditations")),
    "accreditation-certificate": (_detail(7), with_current("/accreditations")),
    "compliance-least": (ComplianceView(made=judged.LEAST), POOR),
    "compliance-fault": (ComplianceView(made=None, fault=PART_FAULT), CALM),
    "compliance": (ComplianceView(made=judged.MOST), with_current("/accreditations")),
    "compliance-course": (
        ComplianceView(
            made=judged.MOST,
            then=judged.MOST,
            form=CourseForm(hours="x", hours_fault="Напишите целое число часов."),
        ),
        with_current("/accreditations"),
    ),
    "staff-least": (
        StaffView(
            board={**judged.BOARD, "items": [], "next_page_token": ""},
            asked=NO_FILTER,
            query="",
        ),
        POOR,
    ),
    "staff": (
        StaffView(
            board=judged.BOARD,
            asked=NO_FILTER,
            query="&admission=EXPIRING",
            next_href="/staff?page_token=abc",
            first_href="",
            can_export=True,
        ),
        CALM,
    ),
    "staff-filtered": (
        StaffView(
            board={**judged.BOARD, "department": "терапевтическое отделение"},
            asked={**NO_FILTER, "admission": "EXPIRING", "family_name": "Образ"},
            query="",
        ),
        CALM,
    ),
    "staff-totals": (StaffView(board=judged.TOTALS, asked=NO_FILTER, query=""), CALM),
    "staff-fault": (
        StaffView(board=None, asked=NO_FILTER, query="", fault=PART_FAULT),
        CALM,
    ),
    "staff-member": (
        StaffMemberView(made={**judged.MOST, "member": judged.a_member()}),
        CALM,
    ),
    "staff-member-least": (
        StaffMemberView(made={**judged.LEAST, "member": judged.CALM_MEMBER}),
        CALM,
    ),
    "staff-report": (
        StaffReportView(
            made=judged.REPORT,
            tables=(("Срок закончился", [judged.a_member()]), ("Отстают по часам", [])),
        ),
        CALM,
    ),
    "law-changes-least": (LawView(items=()), CALM),
    "law-changes": (LawView(items=judged.CHANGES, next_href="/law-changes?page_token=a"), CALM),
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
        ),
        with_current("/audit"),
    ),
    "access-log-least": (AccessView(), POOR),
    "access-log": (
        AccessView(
            items=ACCESSES,
            others_only=False,
            notice="Обращение принято",
            next_href="/access-log?page_token=abc",
            first_href="/access-log",
            fault=PART_FAULT,
        ),
        CALM,
    ),
    "security-least": (SecurityView(), POOR),
    "security": (
        SecurityView(
            sessions=SESSIONS,
            history=SIGN_INS,
            passkeys=PASSKEYS,
            backup_codes_left=9,
            notice="Сеанс завершён",
            fault=PART_FAULT,
        ),
        CALM,
    ),
    "security-no-keys": (SecurityView(sessions=SESSIONS, backup_codes_left=0), CALM),
    "passkey-new": (NewPasskeyView(options='{"challenge": "YT0x"}'), RICH),
    "passkey-new-error": (
        NewPasskeyView(
            options='{"challenge": "YT0x"}',
            name="Телефон",
            error="Дайте ключу имя до 60 знаков.",
            error_code="LKMR-SYS-008",
            error_field="name",
        ),
        RICH,
    ),
    "passkey-new-full-error": (
        NewPasskeyView(error="Ключ не добавлен.", error_code="LKMR-CONF-022"),
        RICH,
    ),
    "backup-codes": (BackupCodesView(codes=("ABCDE-23456",) * 10), RICH),
    "verify": (
        VerifyView(
            content=replace(
                CONTENT, annulled=False, extension="", effective_expire_date=date(2026, 12, 18)
            ),
            matches_register=True,
            state="EXPIRING",
            sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ),
        GUEST,
    ),
    "verify-offline": (VerifyOfflineView(), GUEST),
    "verify-outdated": (
        VerifyView(
            content=CONTENT, matches_register=False, state="ANNULLED", sha256="9f86d081884c7d659a2f"
        ),
        GUEST,
    ),
    "verify-least": (
        VerifyView(
            content=replace(
                CONTENT,
                record_date=None,
                expire_date=None,
                effective_expire_date=None,
                extension="",
                commission="",
                protocol_number="",
                protocol_date=None,
                organizations=(),
            ),
            matches_register=True,
            state="NOT_ADMITTED_YET",
            sha256="00",
        ),
        GUEST,
    ),
    "codes-least": (CodesView(groups=()), GUEST),
    "codes": (CodesView(groups=CODES), GUEST),
    "accessibility-least": (AccessibilityView(), GUEST),
    "accessibility": (AccessibilityView(contact="access@example.test"), CALM),
    "personal-data-least": (PersonalDataView(), GUEST),
    "personal-data": (
        PersonalDataView(operator="Оператор кабинета (демо)", contact="data@example.test"),
        CALM,
    ),
    "status-least": (StatusView(), GUEST),
    "status": (
        StatusView(
            systems=SYSTEMS,
            check_time=NOW,
            register_load=REGISTER_LOAD,
            gosuslugi_href="http://localhost:8081/status",
        ),
        GUEST,
    ),
    "status-up": (
        StatusView(
            systems=SYSTEMS[:2],
            check_time=NOW,
            register_load=RegisterLoad(loaded=100_000, total=100_000),
        ),
        CALM,
    ),
}
PAGES |= {name: (view, CALM) for name, view in education_pages().items()}
PAGES |= {name: (view, CALM) for name, view in outside_pages().items()}
PAGES |= {
    name: (view, with_current("/admin/announcements")) for name, view in notice_pages().items()
}
PAGES |= {name: (view, CALM) for name, view in access_samples.VIEWS.items()}
PAGES |= application_pages(CALM, POOR)
PAGES |= {name: (view, CALM) for name, view in document_pages().items()}
PAGES |= {name: (view, CALM) for name, view in report_pages().items()}
