"""Pages that are open to everybody."""

from typing import Any

from frame_samples import CALM, GUEST, NOW, SYSTEMS

from lkmr_gateway.pages.views.frame import Chrome
from lkmr_gateway.pages.views.public import (
    AccessibilityView,
    CodeEntry,
    CodeGroup,
    CodesView,
    PersonalDataView,
    RegisterLoad,
    StatusView,
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

PAGES: dict[str, tuple[Any, Chrome]] = {
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
