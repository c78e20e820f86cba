"""Professional documents (профессиональные документы): kinds, versions, states by the day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any


class State(Enum):
    """What a document means today; never stored, always computed."""

    CHECKING = "CHECKING"
    VERIFIED = "VERIFIED"
    UNVERIFIED = "UNVERIFIED"
    REJECTED = "REJECTED"
    EXPIRING = "EXPIRING"
    EXPIRED = "EXPIRED"
    ARCHIVED = "ARCHIVED"


class Check(Enum):
    """Whether somebody who knows said that a document is true."""

    CHECKING = "CHECKING"
    VERIFIED = "VERIFIED"
    UNVERIFIED = "UNVERIFIED"
    REJECTED = "REJECTED"


BY_REGISTER = "REGISTER"
"""Who confirmed a document that the worker register knows."""


class Visibility(Enum):
    """Who sees a document: the owner alone, the personnel office too, heads too."""

    OWNER = "OWNER"
    HR = "HR"
    HEAD = "HEAD"


class Source(Enum):
    """Who gave a document. What the register gave is changed by the register alone."""

    OWNER = "OWNER"
    HR = "HR"
    REGISTER = "REGISTER"


class Scan(Enum):
    """What a scanner for malware said of a file; NOT_SCANNED is never shown as safe."""

    NOT_SCANNED = "NOT_SCANNED"
    NOTHING_FOUND = "NOTHING_FOUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of document as the catalogue describes it.

    `term_years` give the end when none is typed; `ends` asks for it. `expiring_days` before the
    end it is called expiring. `profile` names the reminders, empty for none. Of a `single` kind a
    later document takes the place of an earlier one.
    """

    code: str
    title: str
    group: str
    issuer: str
    check: str
    visibility: Visibility
    source: str
    term_years: int = 0
    profile: str = ""
    expiring_days: int = 0
    number: bool = False
    specialty: bool = False
    ends: bool = False
    single: bool = False
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All kinds by their codes, in the order in which they are offered."""

    kinds: Mapping[str, Kind]

    def __getitem__(self, code: str) -> Kind:
        return self.kinds[code]

    def get(self, code: str) -> Kind | None:
        """The kind, or None for a code that does not exist."""
        return self.kinds.get(code)

    @classmethod
    def from_data(cls, content: Mapping[str, Any]) -> "Catalogue":
        """Read `documents.toml`. Raises TypeError, KeyError, ValueError for another form."""
        made = {}
        for code, entry in content.items():
            values = dict(entry) | {"visibility": Visibility(entry["visibility"])}
            values["levels"] = tuple(entry.get("levels", ()))
            made[code] = Kind(code=code, **values)
        return cls(made)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a version of a document says. `series`, `number`, `issuer`, `note` are kept sealed."""

    series: str = ""
    number: str = ""
    issuer: str = ""
    note: str = ""
    specialty: str = ""
    level: str = ""
    issue_date: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """The file of a version as it is kept; `label` is the name that its owner gave it."""

    key: str
    data_key: bytes
    label: str
    media_type: str
    size: int
    sha256: bytes
    pages: int
    scan: Scan = Scan.NOT_SCANNED


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The outcome of a check: by whom, when, why not."""

    status: Check
    by: str = ""
    reason: str = ""
    time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a document. A new one never deletes an earlier one."""

    number: int
    content: Content
    check: Checked
    author: str
    create_time: datetime
    file: File | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document with its present version."""

    id: str
    worker: str
    kind: str
    source: Source
    visibility: Visibility
    archived: bool
    create_time: datetime
    version: Version

    @property
    def etag(self) -> str:
        """Differs when the document changed: who adds a version must know the one before."""
        mark = f"v{self.version.number}{self.version.check.status.value[0]}"
        return f"{mark}A" if self.archived else mark


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFact:
    """That a document appeared, changed, or was checked; nothing of what it says."""

    worker: str
    document: str
    version: int
    what: "Happening"
    check: str = ""
    kind: str = ""


class Happening(Enum):
    """What became of a document."""

    ADDED = "added"
    CHANGED = "changed"
    CHECKED = "checked"
    ARCHIVED = "archived"
    DAMAGED = "damaged"


def state_of(document: Document, kind: Kind, today: date) -> State:
    """The first that fits: ARCHIVED, REJECTED, EXPIRED, EXPIRING, then the state of the check.

    The last day is inclusive.
    """
    if document.archived:
        return State.ARCHIVED
    status, end = document.version.check.status, document.version.content.valid_until
    if status is Check.REJECTED:
        return State.REJECTED
    if end is not None and end < today:
        return State.EXPIRED
    if end is not None and (end - today).days <= kind.expiring_days:
        return State.EXPIRING
    return State(status.value)


def end_of(kind: Kind, content: Content) -> date | None:
    """The last day: the one that was given, else the years of the kind from the day of issue."""
    if content.valid_until is not None or not kind.term_years:
        return content.valid_until
    start = content.valid_from or content.issue_date
    if start is None:
        return None
    try:
        return start.replace(year=start.year + kind.term_years)
    except ValueError:
        return start.replace(year=start.year + kind.term_years, day=28)


def number_of(content: Content) -> str:
    """Series and number, blanks and case aside: what two documents are compared by."""
    return "".join(f"{content.series}{content.number}".casefold().split())


ASKED = frozenset({"LICENCES", "FRDO"})
"""Who is asked by the cabinet itself; others look at the document."""


def first_check(kind: Kind) -> Check:
    """Where a new version stands: a register will be asked, or a person must look at it."""
    return Check.CHECKING if kind.check in ASKED else Check.UNVERIFIED


def turns_of(document: Document, kind: Kind) -> tuple[date, ...]:
    """Days on which the state changes by itself."""
    end = document.version.content.valid_until
    if end is None or document.archived:
        return ()
    return (end - timedelta(days=kind.expiring_days), end + timedelta(days=1))
