"""Pages of the way in: sign-in, profile, codes, activation, refusals."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from frame_samples import BARE_FAULT, FAULT, GUEST, NOW, POOR, PROFILES, RICH, SYSTEMS

from lkmr_gateway.pages.views.activation import ActivationView, FormError, LegalText
from lkmr_gateway.pages.views.frame import Banner, Chrome, ClosedView, ErrorView, Link, RefusedView
from lkmr_gateway.pages.views.profile import ConsentItem, OwnProfileView, PastDecision
from lkmr_gateway.pages.views.reduced import ReducedView
from lkmr_gateway.pages.views.sign_in import Cause, CodeView, ProfileView, SelfCheckView, SignInView
from lkmr_gateway.pages.views.step_up import SentCode, StepUpView
from lkmr_gateway.routes.self_check import account_checks

IDENT_FAULT = replace(
    FAULT,
    status=409,
    code="LKMR-IDENT-004",
    title="Не совпало несколько полей",
    detail="Сведения Госуслуг и государственных регистров различаются.",
    instruction=("Исправьте поля в профиле Госуслуг.", "Войдите заново."),
    differing_fields=("name", "birth_date", "policy_number"),
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
PROFILE = Link(label="Открыть профиль Госуслуг", href="http://localhost:8081/profile")
CAUSE = Cause(
    code="LKMR-AUTH-018",
    title="Для кабинета нужен второй фактор.",
    detail="Вход без подтверждения кодом не открывает кабинет.",
    instruction=("Включите вход с подтверждением в настройках безопасности Госуслуг.",),
    time=NOW,
    portal=PROFILE,
)

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
    "code_refused_phone": (
        replace(
            CODE,
            error="Номер не совпал с номером в профиле.",
            error_code="LKMR-CONF-014",
            error_field="phone",
            instruction=(
                "Проверьте цифры, которые вы ввели.",
                "Если номер сменился, укажите его повторно в профиле Госуслуг.",
            ),
            portal=Link(label="Открыть профиль Госуслуг", href="https://esia.example/profile"),
        ),
        replace(GUEST, csrf_token="t"),
    ),
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
}
