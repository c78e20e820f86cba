"""What the use cases need from the world of learning, and from what is kept of it."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from lkmr_education.domain.activity import Activity
from lkmr_education.domain.catalogue import Programme
from lkmr_education.domain.certificate import Confirmation
from lkmr_education.domain.cycle import Cycle
from lkmr_education.domain.norms import Norms
from lkmr_education.domain.notice import Fault, TypedNotice
from lkmr_education.domain.report import Report

STUDIES, CATALOGUE = "studies", "catalogue"
BUILD_LEASE = timedelta(minutes=1)
"""How long a report that is being built is kept from other instances; begins anew at each step."""


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The portal's answer to a code, the units that it credits, and the id of the study."""

    answer: str
    hours: int = 0
    study: str = ""


class Portal(Protocol):
    """The НМО portal. Every method raises PortalUnavailable."""

    def notices(self, place: str) -> AsyncIterator[tuple[Sequence[TypedNotice], str]]:
        """Notices behind a place to the present end, each portion with the place behind it.

        Raises PlaceUnknown.
        """
        ...

    def programmes(self, known_edition: str) -> AsyncIterator[tuple[Sequence[Programme], str]]:
        """The whole catalogue with its edition; nothing when that is the known one."""
        ...

    async def redeem(self, worker: str, code: str, cycles: Sequence[Cycle]) -> Redeemed:
        """What it says to a code of an event (ИКП)."""
        ...

    def file(self, identity: str) -> AsyncIterator[bytes]:
        """The file of a certificate. Raises FileNotAtPortal."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """How far a feed was read; `generation` counts whole loads."""

    text: str = ""
    generation: int = 0


class Feeds(Protocol):
    """Places in what is read from outside, inside a unit of work."""

    async def place(self, name: str) -> Place: ...

    async def heard(self, name: str) -> datetime | None:
        """When it was last read to its present end; None before the first time."""
        ...

    async def note_heard(self, name: str) -> None:
        """Note that it was read to its present end."""
        ...

    async def move(self, name: str, before: Place, after: Place) -> bool:
        """Note how far it was read; False when another instance did so meanwhile."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A notice that was not believed."""

    id: str
    notice: TypedNotice
    fault: Fault
    receive_time: datetime
    tries: int = 0
    resolution: str = ""
    resolved_by: str = ""
    resolve_time: datetime | None = None


class Quarantine(Protocol):
    """Notices kept apart, inside a unit of work; their content is sealed."""

    async def keep(self, kept: Kept, *, next_try: datetime | None) -> bool:
        """Keep a notice; False for one that is kept already."""
        ...

    async def find(self, identity: str) -> Kept | None:
        """One that is open or resolved; its row stays locked."""
        ...

    async def due(self, now: datetime, size: int) -> Sequence[Kept]:
        """Open ones that are to be tried again; rows that others hold are left out."""
        ...

    async def tried(self, kept: Kept, fault: Fault, next_try: datetime | None) -> None:
        """Note another try that failed."""
        ...

    async def resolve(self, kept: Kept, resolution: str, by: str, now: datetime) -> None:
        """Close it: APPLIED, REPEATED or DISMISSED."""
        ...


class Studies(Protocol):
    """Activities that the portal knows, many at once, inside a unit of work."""

    async def known_workers(self, workers: Collection[str]) -> set[str]:
        """Those that are stored; their rows stay locked until the end."""
        ...

    async def told(self, studies: Collection[tuple[str, str]]) -> dict[tuple[str, str], Activity]:
        """Activities by worker and id of the study; their rows stay locked."""
        ...

    async def own(self, workers: Collection[str]) -> dict[str, list[Activity]]:
        """Activities of these workers that the portal has said nothing about yet."""
        ...

    async def add_credited(
        self, credited: Sequence[tuple[Activity, Confirmation]], *, actor: str, announced: bool
    ) -> None:
        """Store new activities with their confirmations; each is announced, or none."""
        ...


class Codes(Protocol):
    """Codes that people typed, inside a unit of work; only their index is kept."""

    async def tries(self, worker: str, since: datetime) -> int:
        """How many codes this worker typed since a moment."""
        ...

    async def note(self, worker: str, code: str, now: datetime) -> str:
        """Note a try; its id."""
        ...

    async def taken_for(self, studies: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those studies, by worker and id, that a code of this worker was taken for."""
        ...

    async def answered(self, identity: str, answer: str, study: str) -> None:
        """Note what the portal said, and which study it credits."""
        ...


class KeptReader(Protocol):
    """Reads of the quarantine for operators."""

    async def page(
        self, *, resolved: bool, size: int, position: tuple[datetime, str] | None
    ) -> Sequence[Kept]:
        """Oldest first."""
        ...

    async def count_open(self) -> int: ...


class Reports(Protocol):
    """Reports inside a unit of work."""

    async def find(self, identity: str) -> Report | None:
        """The report; its row stays locked until the end."""
        ...

    async def add(self, report: Report) -> None: ...

    async def save(self, report: Report) -> None: ...

    async def claim_builds(self, now: datetime, lease: timedelta) -> Sequence[Report]:
        """Those to be built, kept from others for the length of the lease."""
        ...

    async def build_later(self, identity: str, moment: datetime) -> None:
        """Let go of one that is not built yet: it is due at a moment."""
        ...

    async def claim(self, now: datetime, lease: timedelta) -> Sequence[Report]:
        """Those to be sent or asked about, kept from others for the length of the lease."""
        ...


class ReportShelf(Protocol):
    """Reads of reports of an organisation."""

    async def page(
        self, organization: str, *, size: int, position: tuple[datetime, str] | None
    ) -> Sequence[Report]:
        """Newest first."""
        ...

    async def find(self, organization: str, identity: str) -> Report | None: ...


class LawCopy(Protocol):
    """The copy of the norms, inside a unit of work."""

    async def read(self) -> Norms:
        """What was kept last; empty before the first time."""
        ...

    async def keep(self, norms: Norms) -> None:
        """Keep these in place of what was there."""
        ...
