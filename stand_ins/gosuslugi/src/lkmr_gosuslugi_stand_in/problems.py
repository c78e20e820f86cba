"""What pages say when a step fails; codes are those of the public list of the cabinet."""

from datetime import datetime

from lkmr_gosuslugi_stand_in.pages import Problem
from lkmr_servicekit.clock import MOSCOW

WRONG_PASSWORD = Problem(
    "LKMR-AUTH-001",
    "Логин или пароль не подошли.",
    "Проверьте раскладку и Caps Lock, введите данные заново. Если пароль забыт, восстановите его.",
    401,
)
NO_COOKIES = Problem(
    "LKMR-AUTH-004",
    "Браузер не сохраняет файлы cookie, или форма открыта в другом окне.",
    "Разрешите cookie для Госуслуг, обновите страницу и заполните форму ещё раз.",
    400,
)
FLOW_LOST = Problem(
    "LKMR-AUTH-014",
    "Попытка входа устарела или начата в другом окне.",
    "Закройте лишние вкладки и начните вход заново.",
    400,
)
SMS_NOT_SENT = Problem(
    "LKMR-CONF-012",
    "SMS не доставлено оператором.",
    "Проверьте номер и сеть, затем запросите новый код.",
    502,
)
CODE_LATE = Problem(
    "LKMR-CONF-002",
    "Код больше не действует.",
    "Запросите новый код и введите его в течение 5 минут.",
    410,
)
CODE_EARLIER = Problem(
    "LKMR-CONF-003",
    "Вы ввели прежний код, он отменён новым.",
    "Откройте последнее SMS и введите код из него.",
    409,
)
CODE_USED_UP = Problem(
    "LKMR-CONF-005",
    "Три ошибки подряд: этот код больше не принимается.",
    "Запросите новый код.",
    423,
)
CODE_FORM = Problem(
    "LKMR-CONF-008", "Код введён не полностью.", "Введите шесть цифр без пробелов.", 400
)
NO_PHONE = Problem(
    "LKMR-CONF-004",
    "В профиле Госуслуг нет номера телефона.",
    "Добавьте действующий номер: на него придёт код.",
    422,
)
BAD_PHONE = Problem(
    "LKMR-CONF-004",
    "Номер телефона записан неверно.",
    "Введите номер в виде +7 900 000-00-00.",
    422,
)


APPROVAL_DECLINED = Problem(
    "LKMR-CONF-010",
    "Запрос в приложении отклонён.",
    "Если это ошибка, отправьте запрос снова. Если запрос не ваш, смените пароль.",
    403,
)
APPROVAL_SILENT = Problem(
    "LKMR-CONF-011",
    "Ответ из приложения не получен.",
    "Откройте приложение Госуслуг или выберите SMS.",
    408,
)
APPROVAL_GONE = Problem(
    "LKMR-CONF-011",
    "Этот запрос уже закрыт.",
    "Вернитесь на страницу, с которой начали, и отправьте запрос снова.",
    409,
)


def locked(until: datetime) -> Problem:
    """The account is closed for a while after failed attempts."""
    return Problem(
        "LKMR-AUTH-003",
        "Учётная запись временно закрыта после нескольких неудачных попыток.",
        f"Не повторяйте ввод до {until.astimezone(MOSCOW):%H:%M} по Москве или обратитесь "
        "в поддержку Госуслуг, затем войдите снова.",
        423,
    )


def code_wrong(left: int) -> Problem:
    return Problem(
        "LKMR-CONF-001",
        f"Код не совпал. Осталось попыток: {left}.",
        "Введите все цифры без пробелов из последнего SMS.",
        400,
    )


def resend_early(seconds: int) -> Problem:
    return Problem(
        "LKMR-CONF-009",
        f"Новый код можно запросить через {seconds} с.",
        "Дождитесь окончания отсчёта.",
        429,
    )
