"""Words of applications: state, piece of a portfolio, who acts."""

from collections.abc import Callable, Mapping
from typing import Any

from lkmr_gateway.pages.wording import Word
from lkmr_gateway.roles import role_word

_STATES = {
    "DRAFT": ("mute", "file"),
    "REPORT_APPROVAL": ("info", "hourglass"),
    "SUBMITTED": ("info", "arrow"),
    "REGISTERED": ("ok", "check-circle"),
    "FAC_CHECK": ("info", "hourglass"),
    "RETURNED": ("bad", "return"),
    "NOT_ADMITTED": ("bad", "cross"),
    "CAC_REVIEW": ("info", "hourglass"),
    "PASSED": ("ok", "check"),
    "FAILED": ("bad", "cross"),
    "APPEAL_FILED": ("info", "hourglass"),
    "APPEAL_GRANTED": ("ok", "check"),
    "APPEAL_DENIED": ("bad", "cross"),
    "RECORDED": ("ok", "check-circle"),
    "CONSENT_ASKED": ("warn", "hourglass"),
    "EXTRACT_REQUESTED": ("info", "hourglass"),
    "READY": ("ok", "check-circle"),
    "IN_WORK": ("info", "hourglass"),
    "DONE": ("ok", "check-circle"),
    "REFUSED": ("bad", "cross"),
    "WITHDRAWN": ("mute", "cross"),
    "EXPIRED": ("mute", "cross"),
    "DELETED": ("mute", "cross"),
}
_PIECES = {
    "READY": Word("Готово", "ok", "check"),
    "WAITING": Word("Проверяется", "info", "hourglass"),
    "MISSING": Word("Не хватает", "bad", "triangle"),
    "NOT_NEEDED": Word("Не требуется", "mute", "check"),
    "UNKNOWN": Word("Не проверено", "bad", "question"),
}
_ACTORS = {
    "WORKER": "вы",
    "HEAD": "руководитель",
    "HR": "отдел кадров",
    "CENTER": "ФАЦ",
    "COMMISSION": "ЦАК",
    "REGISTER": "ФРМР",
    "CABINET": "кабинет",
}
_NEXT = {
    "DRAFT": "Заполните разделы, проверьте данные и отправьте.",
    "REPORT_APPROVAL": "Сейчас действует руководитель: он согласует отчёт или откажет с причиной.",
    "SUBMITTED": "Сейчас действует получатель: он зарегистрирует или рассмотрит заявление.",
    "REGISTERED": "ФАЦ начнёт проверку документов.",
    "FAC_CHECK": "ФАЦ проверяет полноту и достоверность документов, потом передаст их в ЦАК.",
    "RETURNED": "Исправьте замечания и отправьте заявление снова.",
    "NOT_ADMITTED": "Можно подать апелляцию или новое заявление.",
    "CAC_REVIEW": "Решение примет заседание ЦАК, протокол появится в течение трёх дней после него.",
    "PASSED": "Ждём, когда Минздрав внесёт запись в ЕГИСЗ: право на работу даёт запись.",
    "FAILED": "Можно подать апелляцию или новое заявление после паузы.",
    "APPEAL_FILED": "Апелляцию рассмотрит апелляционная комиссия.",
    "APPEAL_DENIED": "Решение окончательное.",
    "RECORDED": "Запись в реестре, аккредитация продлена.",
    "UNKNOWN_EXTERNAL": "ФАЦ назвал состояние, которого кабинет не знает: показано, как пришло.",
    "CONSENT_ASKED": "Решаете вы: без согласия отдел кадров выписку не получит.",
    "READY": "Скачайте выписку на странице записи.",
    "IN_WORK": "Отдел кадров работает с запросом.",
    "DONE": "Запрос выполнен.",
    "REFUSED": "Причина указана ниже.",
    "DELETED": "Черновика больше нет. Чтобы подать заявление, начните новое.",
}


def application_word(item: Mapping[str, Any]) -> Word:
    """The state of an application; one that nobody knows is shown as it came."""
    tone, icon = _STATES.get(item["state"], ("bad", "question"))
    return Word(item["state_text"], tone, icon)  # type: ignore[arg-type] # tones of the table above


def step_word(step: Mapping[str, Any]) -> Word:
    """A state that was reached."""
    tone, icon = _STATES.get(step["after"], ("bad", "question"))
    return Word(step["after_text"], tone, icon)  # type: ignore[arg-type] # as above


def piece_word(readiness: str) -> Word:
    """How ready a piece of the portfolio is."""
    return _PIECES.get(readiness, _PIECES["UNKNOWN"])


def section_word(section: Mapping[str, Any]) -> Word:
    """Begun work never looks untouched."""
    if section["complete"]:
        return Word("Заполнено", "ok", "check")
    if section["begun"]:
        return Word("Начато", "warn", "file")
    return Word("Не начато", "mute", "file")


def step_actor(actor: str) -> str:
    """Who took a step."""
    return _ACTORS.get(actor, actor)


def what_next(state: str) -> str:
    """Who acts next, and what happens."""
    return _NEXT.get(state, "")


FILTERS: Mapping[str, Callable[..., object]] = {
    "application_word": application_word,
    "application_step": step_word,
    "piece_word": piece_word,
    "section_word": section_word,
    "decided_as": role_word,
    "step_actor": step_actor,
    "what_next": what_next,
}
