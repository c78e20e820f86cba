"""Samples of delegation, emergency access, policies, sessions and addresses."""

from dataclasses import replace
from datetime import UTC, date, datetime

from lkmr_gateway.pages.views.access import (
    AddressesView,
    AddressItem,
    DelegationItem,
    DelegationsView,
    EmergencyItem,
    EmergencyReviewView,
    EmergencyView,
    OpenSessionItem,
    OpenSessionsView,
    PoliciesView,
    PolicyDecisionItem,
    PolicyItem,
)
from lkmr_gateway.pages.views.administration import Choice
from lkmr_gateway.pages.views.data_requests import (
    DataRequestItem,
    DataRequestsToAnswerView,
    DataRequestsView,
    ErasureAct,
    ErasureActView,
)
from lkmr_gateway.pages.views.drafts import DraftItem, DraftsView

_NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_ID = "11111111-1111-4111-8111-111111111111"
_REASONS = (Choice(value="OTHER", word="Другое"),)
_GIVEN = DelegationItem(
    id=_ID,
    given=True,
    role="заведующий отделением",
    giver="Образцов Олег Викторович",
    delegate="Примерова Вера Сергеевна",
    start_date=date(2026, 11, 23),
    end_date=date(2026, 12, 6),
)
_OPENED = EmergencyItem(
    id=_ID,
    card=_ID,
    why="Пациент без сознания",
    reason="доставлен скорой помощью",
    start_time=_NOON,
    expire_time=datetime(2026, 11, 23, 11, 0, tzinfo=UTC),
    open=True,
    due=date(2026, 11, 26),
    person="Примерова Вера Сергеевна",
)
_POLICY = PolicyItem(
    key="emergency.minutes",
    words="Сколько минут действует экстренный доступ",
    source="Правило кабинета",
    least=15,
    most=240,
    value="60",
    decisions=(
        PolicyDecisionItem(
            value="60",
            effective_date=date(2026, 11, 1),
            time=_NOON,
            person="Примеров Пётр Ильич",
            reason="приказ главного врача",
        ),
    ),
)
_CHOICE = PolicyItem(
    key="rbac.block_on_expired",
    words="Что происходит, когда аккредитация работника закончилась",
    source="ТК, ст. 76",
    least=0,
    most=0,
    value="Предупреждать",
    choices=(("warn", "Предупреждать"), ("block", "Предупреждать и закрывать действия")),
    everywhere=False,
)
_ADDRESS = AddressItem(id=_ID, organization="ГП № 1", origin="https://lk.gp1.example", time=_NOON)
_SESSION = OpenSessionItem(
    id=_ID,
    person_id=_ID,
    person="Примерова Вера Сергеевна",
    account_number="ЛК-000017",
    device="Firefox, Windows",
    place="192.0.2.7",
    profile="org-gp1/DOCTOR",
    start_time=_NOON,
    active_time=_NOON,
)

_ASKED = DataRequestItem(
    id=_ID,
    number=7,
    kind="Сообщить, какие мои данные обрабатываются",
    state="в работе",
    open=True,
    text="Какие сведения обо мне хранит кабинет?",
    time=_NOON,
    due=date(2026, 12, 7),
    extend_reason="сведения в архиве",
    person="Примерова Вера Сергеевна",
    late=True,
)
_ENDING = DataRequestItem(
    id="33333333-3333-4333-8333-333333333333",
    number=9,
    kind="Уничтожить мои данные и закрыть учётную запись",
    state="принято",
    open=True,
    text="Больше не работаю",
    time=_NOON,
    due=date(2026, 12, 23),
    person="Примерова Вера Сергеевна",
    erasure=True,
    ends="учётная запись и все данные",
)
_ENDED = replace(
    _ENDING,
    id="44444444-4444-4444-8444-444444444444",
    state="отвечено",
    open=False,
    outcome="выполнено",
    ordered=_NOON,
    waits_for=("сообщения",),
)
_ACT = ErasureAct(
    account="ЛК-000017",
    operator="Оператор кабинета",
    address="Город, улица, дом",
    system="Личный кабинет медицинского работника (ЛКМР)",
    reason="Обращение субъекта (152-ФЗ, ст. 21 ч. 4)",
    method="Уничтожены ключи шифрования, строки баз данных и файлы",
    done_time=_NOON,
    keep_until=date(2029, 11, 23),
    destroyed=(("Сообщения кабинета", 12),),
    kept=(("Копия записей регистра", "323-ФЗ, ст. 91", "пока работник есть в регистре"),),
    journal=((120_431, _NOON, "ab" * 32),),
)
_ANSWERED = DataRequestItem(
    id="22222222-2222-4222-8222-222222222222",
    number=6,
    kind="Исправить или дополнить мои данные",
    state="отвечено",
    open=False,
    text="Исправьте отделение.",
    time=_NOON,
    due=date(2026, 12, 2),
    answer="Исправлено.",
    outcome="выполнено",
    answer_time=_NOON,
    person="Примерова Вера Сергеевна",
)

VIEWS = {
    "erasure-act": ErasureActView(
        id=_ID, ordered=_NOON, waits_for=(), act=_ACT, signature="0a" * 64
    ),
    "erasure-act-least": ErasureActView(id=_ID, ordered=_NOON, waits_for=("сообщения",)),
    "data-requests": DataRequestsView(
        items=(_ASKED, _ANSWERED), kinds=_REASONS, notice="Обращение принято."
    ),
    "data-requests-least": DataRequestsView(),
    "data-requests-error": DataRequestsView(
        kinds=_REASONS,
        typed={"kind": "OTHER", "text": "?"},
        error="Напишите не меньше 5 и не больше 2000 знаков.",
        error_code="LKMR-SYS-008",
    ),
    "admin-data-requests": DataRequestsToAnswerView(items=(_ASKED, _ENDING, _ENDED, _ANSWERED)),
    "admin-data-requests-least": DataRequestsToAnswerView(),
    "admin-data-requests-error": DataRequestsToAnswerView(
        items=(_ASKED,),
        failed=_ID,
        typed={"text": "?"},
        error="Напишите не меньше 5 и не больше 2000 знаков.",
        error_code="LKMR-SYS-008",
    ),
    "delegations": DelegationsView(items=(_GIVEN,), may_give=True, today="2026-11-23"),
    "delegations-least": DelegationsView(),
    "delegations-error": DelegationsView(
        may_give=True,
        today="2026-11-23",
        typed={"delegate": "ЛК-1"},
        error="В вашей организации нет работника с таким номером учётной записи.",
        error_code="LKMR-SYS-008",
        error_field="delegate",
    ),
    "emergency": EmergencyView(items=(_OPENED,), reasons=_REASONS, may_start=True),
    "emergency-least": EmergencyView(notice="Экстренный доступ закрыт."),
    "emergency-error": EmergencyView(
        reasons=_REASONS,
        may_start=True,
        typed={"object": "12", "reason_code": "OTHER"},
        error="Укажите номер карты пациента целиком.",
        error_code="LKMR-SYS-008",
        error_field="object",
    ),
    "admin-emergency": EmergencyReviewView(items=(_OPENED,), notice="Решение записано."),
    "admin-emergency-least": EmergencyReviewView(),
    "admin-policies": PoliciesView(
        items=(
            _POLICY,
            _CHOICE,
        ),
        today="2026-11-23",
    ),
    "admin-policies-error": PoliciesView(
        items=(_POLICY,),
        today="2026-11-23",
        typed={"value": "1"},
        failed="emergency.minutes",
        error="Значение должно быть целым числом в указанных пределах.",
        error_code="LKMR-SYS-008",
    ),
    "admin-sessions": OpenSessionsView(items=(_SESSION,), notice="Сеанс завершён."),
    "admin-sessions-least": OpenSessionsView(),
    "admin-addresses": AddressesView(
        items=(_ADDRESS,),
        organizations=(Choice(value="org-gp1", word="ГП № 1"),),
        may_change=True,
    ),
    "admin-addresses-error": AddressesView(
        organizations=(Choice(value="org-gp1", word="ГП № 1"),),
        may_change=True,
        typed={"organization": "org-gp1", "origin": "lk"},
        error="Адрес записывается так, как его показывает браузер: https://lk.example.ru",
        error_code="LKMR-SYS-008",
    ),
    "admin-addresses-least": AddressesView(),
    "drafts": DraftsView(
        items=(
            DraftItem(
                form="/education/plan", page="/education/plan", texts=("Курс ЭКГ",), time=_NOON
            ),
        )
    ),
    "drafts-least": DraftsView(),
}
