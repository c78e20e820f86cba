"""«Настройка уведомлений», and the page that a link in a letter opens."""

from dataclasses import dataclass
from typing import ClassVar

CHANNELS = {"EMAIL": "Почта", "SMS": "SMS", "PUSH": "Браузер"}
_GROUPS = {
    "TERMS": ("Сроки", "напоминания о документах, аккредитации и делах"),
    "DOCUMENTS": ("Аккредитация и документы", "записи регистра, заявления, проверки документов"),
    "EDUCATION": ("Обучение", "мероприятия, баллы и удостоверения"),
    "EXCHANGE": ("Обмен с ЕГИСЗ", "принятые и возвращённые документы"),
    "SCHEDULE": ("Расписание", "смены, приёмы и их переносы"),
    "CORRESPONDENCE": ("Переписка", "ответы поддержки и коллег"),
    "SECURITY": ("Безопасность", "вход с нового устройства, происшествия"),
    "NEWS": ("Новости и правила", "изменения законов, входа и требований к документам"),
    "DIGEST": ("Несрочное", "напоминания и новости одним письмом в день"),
}
_DIGESTS = (
    ("OFF", "Каждое своим письмом", "Когда закончатся тихие часы."),
    ("DAILY", "Одним письмом в день", "В 9:00 по вашему часовому поясу."),
    ("NONE", "Не писать", "Сообщения будут только в кабинете."),
)
_ZONES = {
    "Europe/Kaliningrad": ("Калининград", -1),
    "Europe/Moscow": ("Москва", 0),
    "Europe/Samara": ("Самара", 1),
    "Asia/Yekaterinburg": ("Екатеринбург", 2),
    "Asia/Omsk": ("Омск", 3),
    "Asia/Krasnoyarsk": ("Красноярск", 4),
    "Asia/Irkutsk": ("Иркутск", 5),
    "Asia/Yakutsk": ("Якутск", 6),
    "Asia/Vladivostok": ("Владивосток", 7),
    "Asia/Magadan": ("Магадан", 8),
    "Asia/Kamchatka": ("Петропавловск-Камчатский", 9),
}


def group_words(group: str) -> tuple[str, str]:
    """Name and explanation of a group; one that this release does not know stays a code."""
    return _GROUPS.get(group, (group, ""))


def zone_words(zone: str) -> str:
    """«Омск (МСК+3)»; a zone beside the eleven stays as it is called."""
    if zone not in _ZONES:
        return zone
    city, hours = _ZONES[zone]
    shift = f"+{hours}" if hours > 0 else f"−{-hours}"
    return f"{city} (МСК{shift if hours else ''})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One box of the matrix; a locked one was decided by the organisation."""

    channel: str
    name: str
    enabled: bool
    locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """A row of the matrix."""

    group: str
    name: str
    hint: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencesView:
    """`/notification-preferences`; `wrong` is the field that was refused."""

    template: ClassVar[str] = "preferences.html"
    rows: tuple[GroupRow, ...]
    zone: str
    zones: tuple[str, ...]
    quiet_from: str
    quiet_until: str
    digest: str
    push_key: str
    subscribed: bool
    saved: bool = False
    wrong: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Heads of the matrix."""
        return tuple(cell.name for cell in self.rows[0].cells) if self.rows else ()

    @property
    def digest_choices(self) -> tuple[tuple[str, str, str], ...]:
        """Value, words, explanation."""
        return _DIGESTS

    @property
    def zone_choices(self) -> tuple[tuple[str, str, bool], ...]:
        """Value, words, chosen."""
        known = self.zones if self.zone in self.zones else (self.zone, *self.zones)
        return tuple((one, zone_words(one), one == self.zone) for one in known)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsubscribeView:
    """`/unsubscribe/{link}`: asked before, told after."""

    template: ClassVar[str] = "unsubscribe.html"
    group: str
    link: str
    done: bool
