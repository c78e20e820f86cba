"""Norms of law as dated data: what is in force on a day is asked, never assumed."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Self

Value = int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """One value of one key for a span of days, both ends inclusive, with its source.

    `owner` answers for it and looks at it again by `review_on`; `mark` says how sure it is: A and
    A- found, B known content of the act, C to be checked, D decision of the project.
    """

    key: str
    value: Value
    source: str
    valid_from: date = date.min
    valid_until: date = date.max
    title: str = ""
    owner: str = ""
    review_on: date = date.max
    mark: str = ""

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day <= self.valid_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A prolongation of terms by an order of the government (продление срока действия).

    Entries of `kinds` whose printed term ends within `expiry_from`…`expiry_to` stay good until
    `valid_until`; the printed day is never overwritten.
    """

    order: str
    source: str
    kinds: frozenset[str]
    expiry_from: date
    expiry_to: date
    valid_until: date

    def covers(self, kind: str, expire_date: date) -> bool:
        return kind in self.kinds and self.expiry_from <= expire_date <= self.expiry_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of law (изменение законодательства) as people are told about it."""

    id: str
    title: str
    text: str
    todo: str
    source: str
    announce_on: date
    effective_on: date
    keys: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Law:
    """All norms that this service knows. Of two in force the one that began later holds."""

    norms: Sequence[Norm]
    extensions: Sequence[Extension]
    changes: Sequence[Change] = ()
    _found: dict[tuple[str, date], Norm] = field(default_factory=dict, compare=False, repr=False)

    def norm(self, key: str, day: date) -> Norm:
        """The norm in force on a day. Raises LookupError when the law has none for that day."""
        found = self._found.get((key, day))
        if found is None:
            fitting = [norm for norm in self.norms if norm.key == key and norm.in_force(day)]
            if not fitting:
                raise LookupError(f"no norm {key} on {day}")
            found = max(reversed(fitting), key=lambda norm: norm.valid_from)
            if len(self._found) > 100_000:  # noqa: PLR2004 - days of many entries
                self._found.clear()
            self._found[key, day] = found
        return found

    def number(self, key: str, day: date) -> int:
        """The number in force on a day. Raises LookupError when the law has none for that day."""
        return int(self.norm(key, day).value)

    def day(self, key: str, day: date) -> date:
        """The day that a norm in force on a day names. Raises LookupError, ValueError."""
        return date.fromisoformat(str(self.norm(key, day).value))

    def source(self, key: str, day: date) -> str:
        """Act and paragraph of the norm in force on a day. Raises LookupError."""
        return self.norm(key, day).source

    def in_force(self, day: date) -> tuple[Norm, ...]:
        """Every norm in force on a day, by key."""
        keys = sorted({norm.key for norm in self.norms if norm.in_force(day)})
        return tuple(self.norm(key, day) for key in keys)

    def overdue(self, day: date) -> tuple[Norm, ...]:
        """Norms in force whose day of review has passed."""
        return tuple(norm for norm in self.in_force(day) if norm.review_on < day)

    def digest(self, day: date) -> str:
        """A short print of all that is in force on a day: it differs when verdicts may differ."""
        content = [(norm.key, norm.value) for norm in self.in_force(day)]
        content += [(one.order, one.valid_until.isoformat()) for one in self.extensions]
        return hashlib.sha256(repr(content).encode()).hexdigest()[:16]

    def next_day(self, day: date) -> date | None:
        """The next day on which a norm begins or has ended, if any is known."""
        turns = {norm.valid_from for norm in self.norms}
        turns |= {one.valid_until + _DAY for one in self.norms if one.valid_until != date.max}
        return min((turn for turn in turns if turn > day), default=None)

    def extension_of(self, kind: str, expire_date: date) -> Extension | None:
        """The extension that carries an entry furthest, or None."""
        fitting = [one for one in self.extensions if one.covers(kind, expire_date)]
        return max(fitting, key=lambda one: one.valid_until) if fitting else None

    @classmethod
    def from_data(cls, *contents: Mapping[str, Any]) -> Self:
        """Read `law.toml` and what operators added, in this order.

        Raises TypeError or KeyError when one has another form.
        """
        norms: list[Norm] = []
        extensions: list[Extension] = []
        changes: list[Change] = []
        for content in contents:
            norms += [_norm(entry) for entry in content.get("norm", ())]
            extensions += [_extension(entry) for entry in content.get("extension", ())]
            changes += [_change(entry) for entry in content.get("change", ())]
        return cls(tuple(norms), tuple(extensions), tuple(changes))


_DAY = timedelta(days=1)
_MARKS = frozenset({"", "A", "A-", "B", "B-", "C", "D"})


def _norm(entry: Mapping[str, Any]) -> Norm:
    value, mark = entry["value"], str(entry.get("mark", ""))
    if not isinstance(value, (int, str)):
        raise TypeError(f"value of {entry['key']}")
    if mark not in _MARKS:
        raise TypeError(f"mark of {entry['key']}")
    return Norm(
        key=str(entry["key"]),
        value=value,
        source=str(entry["source"]),
        valid_from=_day(entry.get("valid_from", date.min)),
        valid_until=_day(entry.get("valid_until", date.max)),
        title=str(entry.get("title", "")),
        owner=str(entry.get("owner", "")),
        review_on=_day(entry.get("review_on", date.max)),
        mark=mark,
    )


def _extension(entry: Mapping[str, Any]) -> Extension:
    return Extension(
        order=str(entry["order"]),
        source=str(entry["source"]),
        kinds=frozenset(_texts(entry["kinds"])),
        expiry_from=_day(entry["expiry_from"]),
        expiry_to=_day(entry["expiry_to"]),
        valid_until=_day(entry["valid_until"]),
    )


def _change(entry: Mapping[str, Any]) -> Change:
    return Change(
        id=str(entry["id"]),
        title=str(entry["title"]),
        text=str(entry["text"]),
        todo=str(entry["todo"]),
        source=str(entry["source"]),
        announce_on=_day(entry["announce_on"]),
        effective_on=_day(entry["effective_on"]),
        keys=_texts(entry.get("keys", [])),
        roles=_texts(entry.get("roles", [])),
    )


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TypeError(f"not a list of words: {value!r}")
    return tuple(value)


def _day(value: object) -> date:
    if isinstance(value, str):  # an entry that an operator added is kept as JSON
        return date.fromisoformat(value)
    if not isinstance(value, date):
        raise TypeError(f"not a day: {value!r}")
    return value


def known_changes(changes: Iterable[Change], day: date) -> tuple[Change, ...]:
    """Changes that people have been told of by a day, what comes first on top, then the newest."""
    told = [one for one in changes if one.announce_on <= day]
    coming = sorted((one for one in told if one.effective_on > day), key=lambda c: c.effective_on)
    past = sorted((one for one in told if one.effective_on <= day), key=lambda c: c.effective_on)
    return (*coming, *reversed(past))
