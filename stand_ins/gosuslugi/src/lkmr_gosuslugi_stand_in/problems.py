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

PHONE_DIFFERS = Problem(
    "LKMR-CONF-014",
    "Номер не совпал с номером в профиле.",
    "Проверьте цифры. Если номер сменился, исправьте его в профиле и сохраните.",
    422,
)
TAKEN = Problem(
    "LKMR-REG-004",
    "Такой номер или адрес уже занят.",
    "Войдите в существующую запись или укажите другие данные.",
    409,
)
SNILS_TAKEN = Problem(
    "LKMR-IDENT-007",
    "СНИЛС связан с другой записью.",
    "Войдите в существующую запись. Если она не ваша, напишите в поддержку и приложите код.",
    409,
)
PASSPORT = Problem(
    "LKMR-REG-002",
    "Документы не прошли проверку.",
    "Сверьте с документом: в серии паспорта 4 цифры, в номере 6, в СНИЛС 11.",
    422,
)
WEAK_PASSWORD = Problem(
    "LKMR-REG-003",
    "Пароль слишком простой.",
    "Не менее 8 знаков: заглавные и строчные буквы, цифры, специальные знаки.",
    422,
)
LINK_OLD = Problem(
    "LKMR-REG-007",
    "Ссылка из письма больше не действует.",
    "Вернитесь к регистрации и отправьте письмо ещё раз.",
    410,
)
MAIL_NOT_SENT = Problem(
    "LKMR-REG-008",
    "Письмо не отправлено.",
    "Проверьте адрес и отправьте письмо ещё раз.",
    502,
)
NO_MEDIA = Problem(
    "LKMR-REG-006",
    "Снимки не выбраны.",
    "Выберите готовые учебные снимки или загрузите свои.",
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


def registration_code(left: int) -> Problem:
    """A code of the registration that does not fit, is old, or was tried too often."""
    attempts = f" Осталось попыток: {left}." if left else ""
    return Problem("LKMR-REG-001", f"Код из SMS не подошёл.{attempts}", "Запросите новый код.", 400)


def resend_early(seconds: int) -> Problem:
    return Problem(
        "LKMR-CONF-009",
        f"Новый код можно запросить через {seconds} с.",
        "Дождитесь окончания отсчёта.",
        429,
    )
