"""Words of documents: groups, states, checks, sizes."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from lkmr_gateway.pages.wording import Word

STATES = {
    "CHECKING": Word("Проверяется", "info", "hourglass"),
    "VERIFIED": Word("Действует", "ok", "check"),
    "UNVERIFIED": Word("Не проверено", "bad", "question"),
    "REJECTED": Word("Возвращено", "bad", "return"),
    "EXPIRING": Word("Истекает", "warn", "calendar"),
    "EXPIRED": Word("Истекло", "bad", "calendar"),
    "ARCHIVED": Word("В архиве", "mute", "file"),
}
_LICENCES = {
    "VALID": Word("Действует", "ok", "check"),
    "REISSUE": Word("Переоформляется", "warn", "hourglass"),
    "SUSPENDED": Word("Приостановлена", "bad", "triangle"),
    "REVOKED": Word("Аннулирована", "bad", "cross"),
    "ENDED": Word("Истекло", "bad", "calendar"),
}
_LICENCE_KINDS = {
    "MEDICAL": "медицинская деятельность",
    "PHARMACY": "фармацевтическая деятельность",
    "NARCOTICS": "оборот наркотических средств",
}
GROUPS = {
    "EDUCATION": "Образование",
    "QUALIFICATION": "Квалификация",
    "ADMISSION": "Допуск и здоровье",
    "LICENCE": "Лицензии",
    "SIGNATURE": "Подпись и доверенность",
    "WORK": "Работа",
    "OTHER": "Другое",
}
VISIBILITY = {"OWNER": "только вы", "HR": "вы и отдел кадров", "HEAD": "вы, кадры и руководители"}
_CHECKS = {
    "CHECKING": Word("Проверяется", "info", "hourglass"),
    "VERIFIED": Word("Подтверждено", "ok", "check"),
    "UNVERIFIED": Word("Не проверено", "bad", "question"),
    "REJECTED": Word("Не подтверждено", "bad", "return"),
}
_BY = {
    "HR": "отдел кадров",
    "FRDO": "ФИС ФРДО",
    "LICENCES": "реестр лицензий",
    "REGISTER": "ФРМР",
    "": "",
}
_SOURCES = {"OWNER": "внесли вы", "HR": "внёс отдел кадров", "REGISTER": "из ФРМР"}
_SCANS = {
    "NOT_SCANNED": Word("На вирусы не проверен", "bad", "question"),
    "NOTHING_FOUND": Word("Вирусов не найдено", "ok", "check"),
}
_WHO_CHECKS = {
    "REGISTER": "сверим с федеральным регистром медработников",
    "FRDO": "проверим в реестре документов об образовании (ФИС ФРДО)",
    "LICENCES": "проверим номер в реестре лицензий",
    "HR": "подтвердит отдел кадров",
}
_UNKNOWN = Word("Не проверено", "bad", "question")
_KILO = 1024


def size_words(size: int) -> str:
    """«1,8 МБ», «640 КБ»."""
    if size >= _KILO * _KILO:
        return f"{size / _KILO / _KILO:.1f}".replace(".", ",") + "\u00a0МБ"
    return f"{max(1, round(size / _KILO))}\u00a0КБ"


def by_group(kinds: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Kinds under the words of their groups, in the order of the catalogue."""
    found = groupby(kinds, key=lambda kind: kind["group"])
    return [(GROUPS.get(group, group), list(ones)) for group, ones in found]


FILTERS: dict[str, Callable[..., Any]] = {
    "document_state": lambda state: STATES.get(state, _UNKNOWN),
    "document_check": lambda status: _CHECKS.get(status, _UNKNOWN),
    "checked_by": lambda by: _BY.get(by, by),
    "document_source": lambda source: _SOURCES.get(source, source),
    "document_group": lambda group: GROUPS.get(group, group),
    "licence_state": lambda state: _LICENCES.get(state, _UNKNOWN),
    "licence_kind": lambda kind: _LICENCE_KINDS.get(kind, kind),
    "visible_to": lambda value: VISIBILITY.get(value, value),
    "scan_word": lambda scan: _SCANS.get(scan, _UNKNOWN),
    "who_checks": lambda check: _WHO_CHECKS.get(check, "подтвердит отдел кадров"),
    "size_words": size_words,
    "by_group": by_group,
}
