"""Words of compliance: verdicts, who acts, admission, kinds of courses."""

from datetime import date

from lkmr_gateway.pages.wording import Word

_VERDICTS = {
    "OK": Word("Выполнено", "ok", "check"),
    "WARN": Word("Внимание", "warn", "triangle"),
    "FAIL": Word("Не выполнено", "bad", "cross"),
    "UNKNOWN": Word("Не проверено", "bad", "question"),
}
_ADMISSIONS = {
    "CAN_WORK": Word("Действует", "ok", "calendar"),
    "EXPIRING": Word("Истекает", "warn", "calendar"),
    "CANNOT_WORK": Word("Истекло", "bad", "calendar"),
    "NOT_CHECKED": Word("Не проверено", "bad", "question"),
}
_ACTORS = {
    "HR": "отдел кадров",
    "HEAD": "руководитель",
    "PROVIDER": "учебная организация",
    "REGISTER": "оператор регистра",
    "CABINET": "кабинет",
}
KINDS = (
    ("PK", "Программа повышения квалификации (ПК)"),
    ("EVENT", "Мероприятие портала НМО"),
    ("IOM", "Интерактивный модуль"),
)
TILES = (
    ("", "total", "все медработники", "", ""),
    ("CAN_WORK", "can_work", "могут работать", "ok", "check"),
    ("EXPIRING", "expiring", "истекает за 90 дней", "warn", "calendar"),
    ("CANNOT_WORK", "cannot_work", "не могут работать", "bad", "cross"),
    ("NOT_CHECKED", "not_checked", "не проверено", "bad", "question"),
    ("BEHIND", "behind", "отстают по часам", "warn", "clock"),
)


def verdict_word(verdict: str) -> Word:
    """A verdict of a rule; one that this release does not know is «Не проверено»."""
    return _VERDICTS.get(verdict, _VERDICTS["UNKNOWN"])


def admission_word(admission: str, expire_date: str | None = None) -> Word:
    """May a member of staff work; without any day there is no record at all."""
    if admission == "CANNOT_WORK" and not expire_date:
        return Word("Нет записи", "bad", "cross")
    return _ADMISSIONS.get(admission, _ADMISSIONS["NOT_CHECKED"])


def next_step(actor: str, worker: str = "вы") -> str:
    """Who acts next; `worker` is what the worker is called on this page."""
    return worker if actor == "WORKER" else _ACTORS.get(actor, "")


def as_day(text: str | None) -> date | None:
    """A day of the JSON API."""
    return date.fromisoformat(text) if text else None
