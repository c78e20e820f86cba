"""All that the rules may look at, gathered before they run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from lkmr_accreditation.domain.accreditation import Entry, State, Term, term_of
from lkmr_accreditation.domain.hours import Statement
from lkmr_accreditation.domain.law import Law
from lkmr_accreditation.domain.posts import Posts
from lkmr_accreditation.domain.verdicts import Unknown
from lkmr_accreditation.domain.worker import Job

GIVING_RIGHT = frozenset({State.ACTIVE, State.EXPIRING, State.IN_RENEWAL, State.EXTENDED})
_NOT_YET = "Кабинет ещё не ведёт эти документы"


class Record(NamedTuple):
    """An entry with its id and its term today."""

    id: str
    entry: Entry
    term: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """How the register and the profile of the state portal compared when they were compared."""

    checked_on: date
    equal: bool
    form_differs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document with a term; `valid_until` None means that it has no end.

    `checked` says whether somebody who knows confirmed it.
    """

    name: str
    valid_until: date | None
    checked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentoring:
    """Mentoring (наставничество) of a worker who was accredited for the first time."""

    specialty: str
    starts_on: date
    ends_on: date
    done_days: int
    finished: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """Whether the licence of an organisation covers a work; `known` once it was asked."""

    organization: str
    work: str
    covered: bool
    reissue_open: bool = False
    known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStep:
    """A step of an open application with its limit."""

    application: str
    step: str
    start: date
    limit: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """What documents and applications say; Unknown until somebody answers."""

    categories: Sequence[Document] | Unknown = field(default_factory=lambda: Unknown(_NOT_YET))
    medical_exam: Document | Unknown | None = field(default_factory=lambda: Unknown(_NOT_YET))
    signatures: Sequence[Document] | Unknown = field(default_factory=lambda: Unknown(_NOT_YET))
    licences: Sequence[Licence] | Unknown = field(default_factory=lambda: Unknown(_NOT_YET))
    mentoring: Sequence[Mentoring] | Unknown = field(default_factory=lambda: Unknown(_NOT_YET))
    steps: Sequence[OpenStep] | Unknown = field(
        default_factory=lambda: Unknown("Кабинет ещё не ведёт заявления")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A worker on a day. `gaps` are mandatory fields that the card of the register lacks."""

    today: date
    jobs: tuple[Job, ...]
    records: tuple[Record, ...]
    gaps: tuple[str, ...] | Unknown
    fetched_on: date
    identity: Identity | Unknown
    hours: Mapping[str, Statement | Unknown] = field(default_factory=dict)
    documents: Documents = field(default_factory=Documents)

    @property
    def current_jobs(self) -> tuple[Job, ...]:
        """Jobs that last today and have begun."""
        return tuple(
            job
            for job in self.jobs
            if job.current(self.today) and not (job.start_date and job.start_date > self.today)
        )

    def best(self, specialties: Iterable[str]) -> Record | None:
        """The record of these specialties that gives the right longest; else the latest one."""
        wanted = {one.casefold() for one in specialties}
        fitting = [one for one in self.records if one.entry.specialty.casefold() in wanted]
        return max(fitting, key=_worth, default=None)

    def statement(self, specialty: str) -> Statement | Unknown:
        """Hours towards the next accreditation in a specialty, or why they are not known."""
        return self.hours.get(specialty.casefold(), Unknown("Сведений об обучении ещё нет"))


def records_of(entries: Iterable[tuple[str, Entry]], law: Law, today: date) -> tuple[Record, ...]:
    """Entries with their terms on a day."""
    return tuple(Record(id_, entry, term_of(entry, law, today)) for id_, entry in entries)


def gives_right(record: Record | None) -> bool:
    """Whether a record lets its owner work today."""
    return record is not None and record.term.state in GIVING_RIGHT


def held_specialties(facts: Facts, posts: Posts) -> tuple[str, ...]:
    """Specialties that the present jobs ask for; of several fitting ones the one with a record.

    Without any such job, the specialties of records that still give a right.
    """
    found: dict[str, None] = {}
    for job in facts.current_jobs:
        needed = posts.needed(job) or ()
        if len(needed) > 1 and (record := facts.best(needed)) is not None:
            needed = (record.entry.specialty,)
        for specialty in needed[:1]:
            found[specialty] = None
    if not found:
        found = {one.entry.specialty: None for one in facts.records if gives_right(one)}
    return tuple(found)


def _worth(record: Record) -> tuple[bool, int, int, str]:
    effective = record.term.effective
    recorded = record.entry.record_date
    return (
        gives_right(record),
        effective.toordinal() if effective and record.term.state is not State.ANNULLED else 0,
        recorded.toordinal() if recorded else 0,
        record.id,
    )
