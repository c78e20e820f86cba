"""One transaction over everything this service stores."""

from typing import Self

from lkmr_education.storage.catalogue import CatalogueRepository
from lkmr_education.storage.certificates import CertificateRepository
from lkmr_education.storage.codes import CodeRepository
from lkmr_education.storage.consents import ConsentRepository
from lkmr_education.storage.erasure import StoredErasure
from lkmr_education.storage.feeds import FeedRepository
from lkmr_education.storage.law import LawRepository
from lkmr_education.storage.plan import PlanRepository
from lkmr_education.storage.quarantine import QuarantineRepository
from lkmr_education.storage.reports import ReportRepository
from lkmr_education.storage.repositories import (
    ActivityRepository,
    Announce,
    Facts,
    WorkerRepository,
)
from lkmr_education.storage.studies import StudyRepository
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.database import Database, UnitOfWork
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.idempotency import Requests
from lkmr_servicekit.inbox import Inbox
from lkmr_servicekit.outbox import Outbox


class EducationUnitOfWork(UnitOfWork):
    """Repositories, outbox, inbox and repeats over one connection."""

    workers: WorkerRepository
    activities: ActivityRepository
    certificates: CertificateRepository
    consents: ConsentRepository
    plans: PlanRepository
    catalogue: CatalogueRepository
    studies: StudyRepository
    feeds: FeedRepository
    quarantine: QuarantineRepository
    codes: CodeRepository
    reports: ReportRepository
    law: LawRepository
    erasure: StoredErasure
    inbox: Inbox
    requests: Requests

    def __init__(
        self, database: Database, *, keys: KeyRing, clock: Clock, announce: Announce
    ) -> None:
        super().__init__(database)
        self._keys, self._clock, self._announce = keys, clock, announce

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        outbox = Outbox(self.connection, source="education", clock=self._clock)
        facts = Facts(outbox, self._announce)
        self.workers = WorkerRepository(self.connection, self._keys)
        self.activities = ActivityRepository(self.connection, facts)
        self.certificates = CertificateRepository(self.connection, self._keys, facts)
        self.consents = ConsentRepository(self.connection)
        self.plans = PlanRepository(self.connection, facts)
        self.catalogue = CatalogueRepository(self.connection)
        self.studies = StudyRepository(self.connection, facts)
        self.feeds = FeedRepository(self.connection, self._clock)
        self.quarantine = QuarantineRepository(self.connection, self._keys)
        self.codes = CodeRepository(self.connection, self._keys)
        self.law = LawRepository(self.connection)
        self.reports = ReportRepository(self.connection, self._clock)
        self.erasure = StoredErasure(self.connection)
        self.inbox = Inbox(self.connection, self._clock)
        self.requests = Requests(self.connection, self._clock)
        return self
