"""One transaction over everything this service stores."""

from collections.abc import Callable, Sequence
from typing import Self

from lkmr_accreditation.domain.documents import DocumentFact
from lkmr_accreditation.domain.events import LawFact, WorkerFact
from lkmr_accreditation.domain.worker import EntryChanged
from lkmr_accreditation.storage.applications import ApplicationRepository
from lkmr_accreditation.storage.changes import ChangeFeed
from lkmr_accreditation.storage.compliance import ComplianceRepository
from lkmr_accreditation.storage.documents import DocumentRepository
from lkmr_accreditation.storage.erasure import StoredErasure
from lkmr_accreditation.storage.extracts import ExtractRepository
from lkmr_accreditation.storage.hours_due import HoursDueRepository
from lkmr_accreditation.storage.law import LawRepository
from lkmr_accreditation.storage.licences import LicenceRepository
from lkmr_accreditation.storage.partner_use import PartnerUse
from lkmr_accreditation.storage.pauses import PauseRepository
from lkmr_accreditation.storage.sync import SyncRepository
from lkmr_accreditation.storage.workers import WorkerRepository
from lkmr_accreditation.usecases.ports import IssuedExtract
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.database import Database, UnitOfWork
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.events import Announcement
from lkmr_servicekit.idempotency import Requests
from lkmr_servicekit.inbox import Inbox
from lkmr_servicekit.outbox import Outbox

Fact = EntryChanged | IssuedExtract | WorkerFact | LawFact | DocumentFact
Announce = Callable[[Fact], Announcement]


class AccreditationUnitOfWork(UnitOfWork):
    """Repositories, outbox and inbox over one connection."""

    documents: DocumentRepository
    licences: LicenceRepository
    requests: Requests

    def __init__(
        self, database: Database, *, keys: KeyRing, clock: Clock, announce: Announce
    ) -> None:
        super().__init__(database)
        self._keys, self._clock, self._announce = keys, clock, announce

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self.workers = WorkerRepository(self.connection, self._keys)
        self.extracts = ExtractRepository(self.connection, self._keys)
        self.sync = SyncRepository(self.connection)
        self.compliance = ComplianceRepository(self.connection, self._keys)
        self.hours_due = HoursDueRepository(self.connection)
        self.applications = ApplicationRepository(self.connection, self._keys)
        self.requests = Requests(self.connection, self._clock)
        self.law = LawRepository(self.connection)
        self.changes = ChangeFeed(self.connection)
        self.pauses = PauseRepository(self.connection)
        self.partner_use = PartnerUse(self.connection)
        self.documents = DocumentRepository(self.connection, self._keys)
        self.licences = LicenceRepository(self.connection, self._keys, self.documents)
        self.erasure = StoredErasure(self.connection, self._keys)
        self.inbox = Inbox(self.connection, self._clock)
        outbox = Outbox(self.connection, source="accreditation", clock=self._clock)
        self.announce = _Announcer(outbox, self._announce)
        return self

    async def commit(self) -> None:
        """Keep the work; what changed enters the feed last, because writers of it queue up."""
        if self.announce.changes:
            await self.changes.add(self.announce.changes, self._clock.now())
        await super().commit()


class _Announcer:
    """Writes facts of this service into the outbox of the transaction."""

    def __init__(self, outbox: Outbox, convert: Announce) -> None:
        self._outbox, self._convert = outbox, convert
        self.changes: list[EntryChanged] = []

    async def entries_changed(self, changes: Sequence[EntryChanged]) -> None:
        """Announce what changed in the entries of a worker."""
        self.changes += changes
        await self._outbox.add([self._convert(change) for change in changes])

    async def facts(self, facts: Sequence[WorkerFact | LawFact]) -> None:
        """Announce what became of terms, verdicts and law."""
        await self._outbox.add([self._convert(fact) for fact in facts])

    async def extract_issued(self, extract: IssuedExtract) -> None:
        """Announce that an extract was formed or given out again."""
        await self._outbox.add([self._convert(extract)])

    async def documents(self, facts: Sequence[DocumentFact]) -> None:
        """Announce what became of documents."""
        await self._outbox.add([self._convert(fact) for fact in facts])
