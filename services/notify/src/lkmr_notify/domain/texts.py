"""Texts of messages by kind and version, and the way they are filled in.

A sentence whose value is unknown is left out. What leaves the cabinet (e-mail, SMS, push) takes
numbers and days only: it says what happened, and that the details are in the cabinet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lkmr_notify.domain.words import SAFE, Value, fill, names_in, safe_only


@dataclass(frozen=True, slots=True)
class Template:
    """One version of the texts of a kind. `why` says to the person why this came to them."""

    kind: str
    version: int
    title: str
    sentences: tuple[str, ...]
    why: str
    action: str
    owner: str
    subject: str
    letter: tuple[str, ...]
    sms: str

    def body(self, values: Mapping[str, Value]) -> str:
        """The text in the cabinet."""
        return " ".join(_filled(self.sentences, values))

    def heading(self, values: Mapping[str, Value]) -> str:
        """The title in the cabinet and of a push. Raises KeyError for a missing value."""
        return fill(self.title, safe_only(values))

    def outside(self, values: Mapping[str, Value]) -> "Outside":
        """What may leave the cabinet. Raises KeyError for a missing value."""
        safe = safe_only(values)
        return Outside(
            subject=fill(self.subject, safe),
            paragraphs=tuple(_filled(self.letter, safe)),
            sms=fill(self.sms, safe),
        )


@dataclass(frozen=True, slots=True)
class Outside:
    """The texts of a message that leave the cabinet."""

    subject: str
    paragraphs: tuple[str, ...]
    sms: str


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

    def all(self) -> tuple[Template, ...]:
        """Every version of every kind."""
        return tuple(self._templates.values())

    def latest(self, kind: str) -> Template:
        """The version in use. Raises KeyError."""
        return self._templates[kind, self._latest[kind]]

    def version(self, kind: str, version: int) -> Template:
        """An earlier or the present version. Raises KeyError."""
        return self._templates[kind, version]


_SMS = "В кабинете медработника новое важное сообщение."


def _filled(texts: tuple[str, ...], values: Mapping[str, Value]) -> list[str]:
    return [fill(one, values) for one in texts if all(_known(values, n) for n in names_in(one))]


def _known(values: Mapping[str, Value], name: str) -> bool:
    return values.get(name, "") != ""


def _template(kind: str, version: int, raw: Mapping[str, Any]) -> Template:
    template = Template(
        kind=kind,
        version=version,
        title=raw["title"],
        sentences=tuple(raw["sentences"]),
        why=raw.get("why", ""),
        action=raw.get("action", ""),
        owner=raw.get("owner", ""),
        subject=raw["subject"],
        letter=tuple(raw["letter"]),
        sms=raw.get("sms", _SMS),
    )
    outside = (template.title, template.subject, *template.letter, template.sms)
    unsafe = {name for text in outside for name in names_in(text)} - SAFE
    if unsafe:
        raise ValueError(f"{kind} v{version}: {sorted(unsafe)} would leave the cabinet")
    if names_in(template.why) or names_in(template.action) or names_in(template.owner):
        raise ValueError(f"{kind} v{version}: why, action and owner take no values")
    if not template.sms:
        raise ValueError(f"{kind} v{version}: an empty SMS")
    return template
