"""What the use cases need from outside."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from lkmr_education.domain.activity import Activity, Kind
from lkmr_education.domain.catalogue import Programme
from lkmr_education.domain.certificate import Certificate, Check, Confirmation
from lkmr_education.domain.counting import Study
from lkmr_education.domain.plan import PlanItem
from lkmr_education.domain.record import Record
from lkmr_education.usecases.files import CertificateFile
from lkmr_education.usecases.outside import Codes, Feeds, LawCopy, Quarantine, Reports, Studies
from lkmr_servicekit.events import Event
from lkmr_servicekit.identity import Caller
from lkmr_servicekit.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One version of an activity: who made it and what it changed, old and new."""

    version: int
    actor: str
    content: dict[str, tuple[str, str]]
    update_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Everything about a worker that the account needs, read at once."""

    id: str
    record: Record | None
    direction: str = ""
    studies: Sequence[Study] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What a register answered about a document; `fields` are those that differ."""

    check: Check
    fields: tuple[str, ...] = ()


class Directory(Protocol):
    """Jobs and admissions of workers; `accreditation` knows them."""

    async def find(self, worker: str) -> Record:
        """The present record. Raises RegisterUnavailable, WorkerNotFound."""
        ...

    async def find_many(self, workers: Sequence[str]) -> Sequence[Record]:
        """Records that are at hand; who is left out is to be asked for alone.

        Raises RegisterUnavailable.
        """
        ...


class Checks(Protocol):
    """The register of education documents (ФИС ФРДО)."""

    async def check(self, certificate: Certificate) -> CheckResult:
        """What the register says now; SOURCE_DOWN when it does not answer."""
        ...


class Reader(Protocol):
    """Reads outside a unit of work."""

    async def find_worker(self, worker: str) -> Worker | None: ...

    async def find_workers(self, workers: Sequence[str]) -> dict[str, Worker]:
        """Those workers that are known."""
        ...

    async def plan_of(self, worker: str) -> Sequence[PlanItem]:
        """Items that are not removed, by deadline."""
        ...

    async def plans_of(self, workers: Sequence[str]) -> dict[str, Sequence[PlanItem]]:
        """Items of many workers that are not removed, by deadline."""
        ...

    async def asked_of(self, workers: Sequence[str]) -> Sequence[PlanItem]:
        """Items that wait for the head's word."""
        ...

    async def opened_by(self, secret_hash: bytes) -> str | None:
        """The worker whose calendar a secret opens."""
        ...

    async def file_of(self, worker: str, certificate: str) -> CertificateFile | None:
        """Where the file of a document lies; None when there is none."""
        ...

    async def changes_of(self, worker: str, activity: str) -> Sequence[Change]:
        """Changes of one activity, newest first."""
        ...


class Workers(Protocol):
    """Workers inside a unit of work."""

    async def store(self, record: Record) -> None:
        """Store what the register says; makes the worker known."""
        ...

    async def store_all(self, records: Sequence[Record]) -> None:
        """Store what the register says about many."""
        ...

    async def lock(self, worker: str) -> bool:
        """Keep others from writing about this worker until the end; False for an unknown one."""
        ...

    async def forget_record(self, worker: str) -> None:
        """Note that the register changed: the next read asks anew."""
        ...


class Activities(Protocol):
    """Activities inside a unit of work."""

    async def find(self, worker: str, activity: str) -> Activity | None: ...

    async def find_external(self, worker: str, external_id: str) -> Activity | None:
        """The activity that the portal or a provider calls so."""
        ...

    async def add(self, activity: Activity, *, actor: str) -> None: ...

    async def save(self, old: Activity, new: Activity, *, actor: str) -> None:
        """Store a new version and what it changed."""
        ...

    async def announce_credit(self, worker: str, activity: str) -> None:
        """Tell that hours of a worker are to be counted anew."""
        ...

    async def announce_credits(self, moved: Mapping[str, str]) -> None:
        """Tell it of several workers, each with an activity of theirs."""
        ...

    async def announce_load(self, workers: Iterable[str]) -> None:
        """Tell it of many workers by one fact."""
        ...


class Certificates(Protocol):
    """Documents and confirmations inside a unit of work."""

    async def find(self, worker: str, certificate: str) -> Certificate | None: ...

    async def add(self, certificate: Certificate) -> bool:
        """Store it; False when a document of this issuer with this number is there already."""
        ...

    async def issue(self, certificate: Certificate) -> None:
        """Store what a provider issued; another word about the same document is checked anew."""
        ...

    async def owner_of(self, issuer: str, number: str) -> str | None:
        """The worker whose document of this issuer and number is stored."""
        ...

    async def claim_files(
        self, *, now: datetime, lease: timedelta, size: int
    ) -> Sequence[Certificate]:
        """Documents whose file is to be fetched, kept from others for the length of the lease."""
        ...

    async def file_later(self, certificate: Certificate, moment: datetime) -> None:
        """Note when a file is to be asked for again."""
        ...

    async def file_stored(self, certificate: Certificate, file: CertificateFile) -> None:
        """Note where a file lies; the first file that a provider sent tells that it came in."""
        ...

    async def claim_due(
        self, *, now: datetime, lease: timedelta, size: int
    ) -> Sequence[Certificate]:
        """Documents that are due and whose worker has not refused, kept from others till then."""
        ...

    async def claim_of(
        self, worker: str, *, asked_before: datetime, until: datetime
    ) -> Sequence[Certificate]:
        """Documents of a worker that ФИС ФРДО keeps and was not asked about since a moment.

        They are kept from others until another moment; none of a worker who has refused.
        """
        ...

    async def ask_at(self, certificate: str, moment: datetime) -> None:
        """Have the register asked about a document from a moment on."""
        ...

    async def save_check(self, certificate: Certificate, *, next_time: datetime | None) -> None:
        """Store what the register said, and when to ask again."""
        ...

    async def announce_wait(self, certificate: Certificate) -> None:
        """Tell that it began to wait for its entry into the register, or waits no more."""
        ...

    async def of_activity(
        self, worker: str, activity: str
    ) -> tuple[Certificate | None, Confirmation | None]:
        """The newest document of an activity and its valid confirmation."""
        ...

    async def confirm(self, confirmation: Confirmation) -> None:
        """Store a confirmation; an earlier valid one of the activity is revoked."""
        ...

    async def ground_on_code(self, activity: str) -> bool:
        """Note that a valid credit of the portal rests on a code; False when there is none."""
        ...

    async def revoke(self, activity: str, now: datetime) -> bool:
        """Revoke the valid confirmation of an activity; False when there is none."""
        ...


class Consents(Protocol):
    """What workers decided on asking registers about their documents, inside a unit of work.

    A worker who has decided nothing yet has refused nothing.
    """

    async def decide(self, worker: str, *, given: bool, time: datetime) -> bool:
        """Keep a decision; False for one that is not later than what is kept."""
        ...

    async def refused(self, worker: str) -> bool:
        """Whether the last decision is a refusal; it cannot change until the end."""
        ...

    async def ask_anew(self, worker: str, moment: datetime) -> None:
        """Have the register asked about what it never answered and is not to be asked about."""
        ...


class Plans(Protocol):
    """The development plan inside a unit of work."""

    async def find(self, worker: str, item: str) -> PlanItem | None: ...

    async def of_activity(self, worker: str, activity: str) -> PlanItem | None:
        """The item that an activity carries out."""
        ...

    async def add(self, items: Sequence[PlanItem]) -> None: ...

    async def save(self, item: PlanItem) -> None: ...

    async def choose_direction(self, worker: str, direction: str) -> None: ...

    async def renew_calendar(self, worker: str, secret_hash: bytes, now: datetime) -> None: ...


class Catalogue(Protocol):
    """What a load of the catalogue writes."""

    async def store(self, programmes: Sequence[Programme], *, generation: int) -> None:
        """Store a batch; known programmes are replaced."""
        ...

    async def drop_older(self, generation: int) -> int:
        """Remove what a whole load no longer named; tells how many."""
        ...


class CatalogueSearch(Protocol):
    """Reads of the catalogue."""

    async def search(
        self, query: str, *, specialty: str, kind: str, today: date, size: int, skip: int
    ) -> Sequence[Programme]: ...

    async def find(self, programme: str) -> Programme | None: ...

    async def candidates(
        self, specialty: str, kinds: Sequence[Kind], *, today: date, size: int
    ) -> Sequence[Programme]: ...

    async def of_attestation(self, code: str, *, today: date, size: int) -> Sequence[Programme]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A worker as staff lists name them."""

    worker: str
    family_name: str
    given_name: str
    patronymic: str
    position: str
    department: str
    organization_name: str = ""


class Staff(Protocol):
    """Who works where; `accreditation` knows it and gives only what the caller may see."""

    async def page(
        self, *, department: str, page_size: int, page_token: str
    ) -> tuple[Sequence[Member], str]:
        """A page of members and the token of the next one."""
        ...


class Claims(Protocol):
    """Which events were already handled."""

    async def first_time(self, consumer: str, event: Event[Any]) -> bool: ...


class Repeats(Protocol):
    """Repeated commands."""

    async def replay(
        self, caller: Caller, method: str, request_id: str, body: bytes
    ) -> bytes | None: ...

    async def store(
        self, caller: Caller, method: str, request_id: str, response: bytes
    ) -> None: ...


class UnitOfWork(Transaction, Protocol):
    """One transaction over everything this service stores."""

    @property
    def workers(self) -> Workers: ...

    @property
    def activities(self) -> Activities: ...

    @property
    def certificates(self) -> Certificates: ...

    @property
    def consents(self) -> Consents: ...

    @property
    def plans(self) -> Plans: ...

    @property
    def catalogue(self) -> Catalogue: ...

    @property
    def studies(self) -> Studies: ...

    @property
    def feeds(self) -> Feeds: ...

    @property
    def codes(self) -> Codes: ...

    @property
    def law(self) -> LawCopy: ...

    @property
    def reports(self) -> Reports: ...

    @property
    def quarantine(self) -> Quarantine: ...

    @property
    def inbox(self) -> Claims: ...

    @property
    def requests(self) -> Repeats: ...


NewUnitOfWork = Callable[[], UnitOfWork]
