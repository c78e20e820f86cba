"""Facts of this service about terms, compliance and law, before they become messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from lkmr_accreditation.domain.accreditation import State
from lkmr_accreditation.domain.compliance import HORIZON_DAYS, Registry
from lkmr_accreditation.domain.facts import Facts, Record, gives_right, held_specialties
from lkmr_accreditation.domain.holdings import Holdings, paper_terms
from lkmr_accreditation.domain.law import Change, Norm
from lkmr_accreditation.domain.pauses import Pause, quiet
from lkmr_accreditation.domain.rules_accreditation import years_after

ACCREDITATION = "ACCREDITATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermNow:
    """The term of a record or document as it stands.

    `solved`: it asks nothing of anybody; `paused`: its worker wants no reminders for now.
    `profile` names the reminders: that of accreditations, or that of a kind of documents.
    """

    id: str
    expire_date: date | None
    state: str
    solved: bool
    time_zone: str
    announced: bool = False
    profile: str = ACCREDITATION
    paused: bool = False

    @property
    def quiet(self) -> bool:
        """Whether nothing is to be reminded of."""
        return self.solved or self.paused

    @property
    def shape(self) -> tuple[date | None, bool, str]:
        """What others plan by."""
        return (self.expire_date, self.quiet, self.time_zone)

    @property
    def of_record(self) -> bool:
        """Whether it is the term of a register entry about accreditation."""
        return self.profile == ACCREDITATION


@dataclass(frozen=True, slots=True, kw_only=True)
class TermChanged:
    """The term of a record became known, changed or was solved."""

    worker: str
    term: TermNow
    revision: int
    recommended_months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordExpiring:
    """A record came within the window of renewal."""

    worker: str
    term: TermNow
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordExpired:
    """The last day of a record has passed and nothing covers its specialty."""

    worker: str
    term: TermNow
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplianceChanged:
    """What the cabinet says of a worker is another than before."""

    worker: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscrepancyDetected:
    """A contradiction that was not there before."""

    worker: str
    kind: str
    subject: str
    corrected_by: str
    revision: int


@dataclass(frozen=True, slots=True)
class LawAnnounced:
    """A change of law is to be made known."""

    change: Change


@dataclass(frozen=True, slots=True)
class LawStarted:
    """A change of law is in force from today."""

    change: Change


@dataclass(frozen=True, slots=True)
class ReviewMissed:
    """A norm was not looked at again in time."""

    norm: Norm


@dataclass(frozen=True, slots=True)
class LawTurned:
    """Other norms are in force than before."""

    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationMoved:
    """An application stands in another state; `warning` (per cent) tells of a term instead."""

    worker: str
    application: str
    form: str
    state: str
    version: int
    before: str = ""
    warning: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTerm:
    """The term of a step of an application has passed, or (without a limit) the step is over."""

    worker: str
    application: str
    version: int
    limit: date | None = None
    time_zone: str = ""


WorkerFact = (
    TermChanged
    | RecordExpiring
    | RecordExpired
    | ComplianceChanged
    | DiscrepancyDetected
    | ApplicationMoved
    | StepTerm
)
LawFact = LawAnnounced | LawStarted | ReviewMissed | LawTurned


def terms_of(
    facts: Facts, registry: Registry, time_zone: str, pauses: Sequence[Pause] = ()
) -> tuple[TermNow, ...]:
    """The terms of all records of a worker."""
    held = {one.casefold() for one in held_specialties(facts, registry.posts)}
    return tuple(
        TermNow(
            id=one.id,
            expire_date=one.term.effective,
            state=one.term.state.value,
            solved=_solved(one, facts, registry, held),
            time_zone=time_zone,
            paused=quiet(pauses, one.entry.specialty, facts.today, one.entry.record_date),
        )
        for one in facts.records
    )


def document_terms(
    holdings: Holdings,
    registry: Registry,
    today: date,
    time_zone: str,
    pauses: Sequence[Pause] = (),
) -> tuple[TermNow, ...]:
    """The terms of documents that are reminded of."""
    return tuple(
        TermNow(
            id=one.document,
            expire_date=one.valid_until,
            state="EXPIRED" if one.valid_until < today else "VALID",
            solved=one.solved,
            time_zone=time_zone,
            profile=one.profile,
            paused=bool(one.specialty) and quiet(pauses, one.specialty, today),
        )
        for one in paper_terms(holdings, registry.catalogue)
    )


def _solved(record: Record, facts: Facts, registry: Registry, held: set[str]) -> bool:
    specialty, end = record.entry.specialty, record.term.effective
    if end is None or record.term.state in {State.ANNULLED, State.NOT_ADMITTED_YET}:
        return True
    best = facts.best((specialty,))
    if best is not None and best.id != record.id:
        return True
    if gives_right(record):
        return False
    years = registry.law.number("accr.break_years", facts.today)
    return specialty.casefold() not in held or facts.today > years_after(end, years)


def term_facts(
    worker: str,
    before: Mapping[str, TermNow] | None,
    now: Sequence[TermNow],
    *,
    today: date,
    revision: int,
    recommended_months: int,
) -> tuple[list[WorkerFact], dict[str, TermNow]]:
    """What is to be announced about terms, and the terms to remember.

    A term is announced when it comes within the horizon of the first reminder and at each later
    difference. The state in which a worker was met first is not announced as a change.
    """
    old_terms = dict(before or {})
    made: list[WorkerFact] = []
    known: dict[str, TermNow] = {}

    def tell(term: TermNow) -> None:
        months = recommended_months if term.of_record and not term.quiet else 0
        made.append(
            TermChanged(worker=worker, term=term, revision=revision, recommended_months=months)
        )

    for term in now:
        old = old_terms.pop(term.id, None)
        told = old is not None and old.announced
        if (told and old is not None and old.shape != term.shape) or (
            not told and _due(term, today)
        ):
            tell(term)
            told = True
        known[term.id] = replace(term, announced=told)
        if old is not None and old.state != term.state and not term.solved and term.of_record:
            if term.state == State.EXPIRING.value:
                made.append(RecordExpiring(worker=worker, term=term, revision=revision))
            elif term.state == State.EXPIRED.value:
                made.append(RecordExpired(worker=worker, term=term, revision=revision))
    for gone in old_terms.values():
        if gone.announced and not gone.quiet:
            tell(replace(gone, expire_date=None, state=State.ANNULLED.value, solved=True))
    return made, known


def _due(term: TermNow, today: date) -> bool:
    near = term.expire_date is not None and (term.expire_date - today).days <= HORIZON_DAYS
    return near and not term.quiet
