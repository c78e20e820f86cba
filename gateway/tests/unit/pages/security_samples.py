"""Pages of sessions, keys and backup codes."""

from datetime import UTC, datetime, timedelta
from typing import Any

from frame_samples import CALM, NOW, PART_FAULT, POOR, RICH

from lkmr_gateway.pages.views.frame import Chrome
from lkmr_gateway.pages.views.passkeys import BackupCodesView, NewPasskeyView, PasskeyItem
from lkmr_gateway.pages.views.security import SecurityView, SessionItem, SignInItem

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

PAGES: dict[str, tuple[Any, Chrome]] = {
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
}
