"""Texts of messages by kind and version, and the way they are filled in.

A sentence whose value is unknown is left out. What leaves the cabinet (e-mail, SMS) takes no
values at all: it says what happened, and that the details are in the cabinet.
"""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lkmr_notify.domain.delivery import Channel

_MONTHS = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)
_NBSP = "\u00a0"


@dataclass(frozen=True, slots=True)
class Template:
    """One version of the texts of a kind."""

    kind: str
    version: int
    title: str
    sentences: tuple[str, ...]
    channels: tuple[Channel, ...]
    subject: str
    letter: tuple[str, ...]
    sms: str

    def fill(self, values: Mapping[str, str]) -> str:
        """The text in the cabinet."""
        known = [one for one in self.sentences if all(values.get(name) for name in _names(one))]
        return " ".join(sentence.format_map(values) for sentence in known)


class Texts:
    """All versions that were ever used; a delivery keeps the version of its message."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """Read the content of `templates.toml`. Raises KeyError, ValueError when it is wrong."""
        self._templates: dict[tuple[str, int], Template] = {}
        for kind, versions in data.items():
            for number, raw in versions.items():
                template = _template(kind, int(number.removeprefix("v")), raw)
                self._templates[kind, template.version] = template
        self._latest = dict(sorted(self._templates))

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds that have a text."""
        return frozenset(self._latest)

    def latest(self, kind: str) -> Template:
        """The version in use. Raises KeyError."""
        return self._templates[kind, self._latest[kind]]

    def version(self, kind: str, version: int) -> Template:
        """An earlier or the present version. Raises KeyError."""
        return self._templates[kind, version]


def day_in_words(iso: str) -> str:
    """`2026-03-05` → «5 марта 2026 г.», empty for an empty one."""
    if not iso:
        return ""
    day = date.fromisoformat(iso)
    return f"{day.day}{_NBSP}{_MONTHS[day.month - 1]} {day.year}{_NBSP}г."


def _template(kind: str, version: int, raw: Mapping[str, Any]) -> Template:
    template = Template(
        kind=kind,
        version=version,
        title=raw["title"],
        sentences=tuple(raw["sentences"]),
        channels=tuple(Channel(name) for name in raw["channels"]),
        subject=raw["subject"],
        letter=tuple(raw["letter"]),
        sms=raw.get("sms", ""),
    )
    outside = (template.title, template.subject, *template.letter, template.sms)
    if any(_names(text) for text in outside):
        raise ValueError(f"{kind} v{version}: a title or an outside text takes no values")
    if (Channel.SMS in template.channels) != bool(template.sms):
        raise ValueError(f"{kind} v{version}: SMS without text, or text without SMS")
    return template


def _names(text: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(text) if name]
