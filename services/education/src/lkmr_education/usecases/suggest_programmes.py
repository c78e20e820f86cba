"""What closes the gap of each open cycle in time, and what gives a missing attestation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lkmr_education.domain.activity import Kind
from lkmr_education.domain.catalogue import Programme, Suggestion, suggest
from lkmr_education.domain.cycle import Progress
from lkmr_education.domain.norms import Norms
from lkmr_education.domain.posts import Attestation, Posts
from lkmr_education.usecases.account import Account
from lkmr_education.usecases.ports import CatalogueSearch

SHOWN = 12
_OF_EACH = 12  # of each kind and length
_AHEAD = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForCycle:
    """Suggestions for one cycle; `late` counts those that would be credited too late."""

    progress: Progress
    deadline: date
    items: Sequence[Suggestion]
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ForAttestation:
    """Programmes that give a missing attestation."""

    attestation: Attestation
    items: Sequence[Programme]


async def suggest_for_cycles(
    account: Account, *, posts: Posts, catalogue: CatalogueSearch, norms: Norms
) -> list[ForCycle]:
    """For each cycle that lacks hours."""
    today, record = account.present.today, account.present.worker.record
    level = posts.required_level(record, today) if record else None
    made = []
    for one in account.current:
        kinds = kinds_for(one)
        if not kinds:
            continue
        found = await catalogue.candidates(one.cycle.specialty, kinds, today=today, size=_OF_EACH)
        deadline = one.cycle.expire_date or today + _AHEAD
        if deadline < today:
            deadline = today + _AHEAD
        ranked = suggest(
            found,
            one.statement,
            deadline=deadline,
            required_level=level,
            norms=norms,
            today=today,
        )
        in_time = [item for item in ranked if item.in_time]
        made.append(
            ForCycle(
                progress=one,
                deadline=deadline,
                items=in_time[:SHOWN],
                late=len(ranked) - len(in_time),
            )
        )
    return made


def kinds_for(one: Progress) -> list[Kind]:
    """Kinds that bring missing hours: events do not help while only programmes are missing."""
    account = one.statement
    if account.sufficient:
        return []
    events = account.missing > account.missing_programme
    return [kind for kind in Kind if _helps(kind, events=events)]


def _helps(kind: Kind, *, events: bool) -> bool:
    return kind in {Kind.PK, Kind.DISTANCE} or (events and kind.is_portal)


async def suggest_for_attestations(
    account: Account, *, catalogue: CatalogueSearch, size: int = 3
) -> list[ForAttestation]:
    """For each absent attestation the programmes that give it (F-059: warning and offer)."""
    today = account.present.today
    made = []
    for one in account.attestations:
        if one.is_absent and one.required.code != "ACCREDITATION":
            found = await catalogue.of_attestation(one.required.code, today=today, size=size)
            made.append(ForAttestation(attestation=one, items=found))
    return made
