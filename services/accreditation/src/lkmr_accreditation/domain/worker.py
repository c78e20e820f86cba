"""A worker (медицинский работник) as the register describes them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from lkmr_accreditation.domain.accreditation import Entry
from lkmr_servicekit.personal import Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job of a worker (личное дело): the organisation that an accreditation is tied to."""

    organization_oid: str
    organization_name: str
    position: str
    specialty: str = ""
    department: str = ""
    start_date: date | None = None
    end_date: date | None = None

    def current(self, today: date) -> bool:
        """Whether the job lasts on a day, its last day included."""
        return self.end_date is None or self.end_date >= today


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalFacts:
    """What identifies a worker; kept sealed, printed only in the worker's own extract."""

    family_name: str
    given_name: str
    patronymic: str
    birth_date: str
    snils: str


GAPS = {
    "family_name": "Фамилия",
    "given_name": "Имя",
    "birth_date": "Дата рождения",
    "snils": "СНИЛС",
    "job": "Место работы",
}
"""Mandatory fields of a card that the cabinet can see, with their names for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualification:
    """An education or a qualification category that the register knows; `kind` as documents."""

    kind: str
    series: str
    number: str
    issuer: str
    specialty: str
    level: str
    issue_date: date | None
    expire_date: date | None
    issue_year: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The whole card of a worker at one version of the register (карточка медработника).

    `qualifications` is None where they were not asked for: a stream of cards leaves them out.
    """

    worker: str
    version: int
    personal: Personal[PersonalFacts]
    jobs: tuple[Job, ...]
    entries: tuple[Entry, ...]
    fetch_time: datetime
    qualifications: tuple[Qualification, ...] | None = None


def gaps_of(card: Card) -> tuple[str, ...]:
    """Mandatory fields that a card lacks, by their codes in `GAPS`."""
    personal = card.personal.open()
    known = {
        "family_name": personal.family_name,
        "given_name": personal.given_name,
        "birth_date": personal.birth_date,
        "snils": personal.snils,
        "job": card.jobs,
    }
    return tuple(code for code, value in known.items() if not value)


class Change(Enum):
    """What happened to an entry between two versions of a card."""

    RECORDED = "recorded"
    CHANGED = "changed"
    ANNULLED = "annulled"


@dataclass(frozen=True, slots=True)
class EntryChanged:
    """The fact that an entry appeared, changed or was annulled."""

    worker: str
    accreditation: str
    version: int
    change: Change


def change_between(old: Entry | None, new: Entry | None) -> Change | None:
    """What a new version of a card did to an entry; None when nothing changed.

    An entry that the register no longer shows counts as annulled, as does one marked so.
    """
    if old == new:
        return None
    if new is None or (new.annulled and not (old and old.annulled)):
        return Change.ANNULLED
    if old is None:
        return Change.RECORDED
    return Change.CHANGED
