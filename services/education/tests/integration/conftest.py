import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from sysconfig import get_path
from typing import Any

import orjson
import pytest
from lkmr.education.v1 import education_service_pb2 as pb

from lkmr_education.api.base import Parts
from lkmr_education.api.servicer import Servicer
from lkmr_education.clients.paper_reader import PaperReader
from lkmr_education.clients.picture_reader import PictureReader
from lkmr_education.clients.report_files import ReportFiles
from lkmr_education.clients.signer import GostReportSigner
from lkmr_education.clients.vault import VaultFiles
from lkmr_education.domain.catalogue import Programme
from lkmr_education.domain.certificate import Certificate, Check, Scan
from lkmr_education.domain.cycle import Cycle
from lkmr_education.domain.errors import (
    FileNotAtPortal,
    FileUnsafe,
    PortalUnavailable,
    RegisterUnavailable,
    WorkerNotFound,
)
from lkmr_education.domain.norms import Norms
from lkmr_education.domain.notice import Fault, TypedNotice
from lkmr_education.domain.record import Record
from lkmr_education.messaging.announce import announce
from lkmr_education.storage.catalogue import CatalogueReader
from lkmr_education.storage.quarantine import QuarantineReader
from lkmr_education.storage.reader import PostgresReader
from lkmr_education.storage.reports import ReportReader
from lkmr_education.storage.unit_of_work import EducationUnitOfWork
from lkmr_education.usecases.build_reports import ReportBuilder, Sources
from lkmr_education.usecases.follow_portal import PortalReader
from lkmr_education.usecases.load_catalogue import load_catalogue
from lkmr_education.usecases.norm_book import NormBook
from lkmr_education.usecases.outside import Redeemed
from lkmr_education.usecases.ports import CheckResult, Member
from lkmr_education.usecases.present_worker import present_worker
from lkmr_education.usecases.retry_kept import KeptNotices
from lkmr_gost import generate_private_key, self_signed_certificate
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.files import FileVault, FolderStore
from lkmr_servicekit.identity import Caller, CallerKind, current_caller

from ..builders import GP1, NORMS, POSTS, SPECIALTIES, WORKER, a_record

FONTS = Path(get_path("purelib")) / "fontpkg_pt_sans" / "files"
MALWARE = b"malware of the test"
EMPTY = ";".join(
    f"DELETE FROM {table}"  # noqa: S608 - names of this list
    for table in (
        "law_copy",
        "report",
        "code_attempt",
        "calendar_link",
        "plan_item",
        "consent",
        "confirmation",
        "certificate",
        "activity_change",
        "activity",
        "worker",
        "programme",
        "outside_feed",
        "quarantine",
        "outbox",
        "request_log",
    )
)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    secret = base64.b64encode(os.urandom(32)).decode()
    content = {"active": "k1", "keys": {"k1": secret}, "index_key": secret}
    path: Path = tmp_path_factory.mktemp("keys") / "education.keys"
    path.write_text(json.dumps(content))
    return KeyRing.from_file("education", path)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="module")
def education_url(database: Callable[[str], Any]) -> str:
    return str(database("education").url)


@pytest.fixture
async def store(education_url: str) -> AsyncIterator[Database]:
    async with Database(education_url) as opened:
        await opened.pool.execute(EMPTY)
        yield opened


@dataclass
class PlayedDirectory:
    """`accreditation` as far as this service asks it."""

    clock: FakeClock
    record: Record = field(default_factory=a_record)
    asked: int = 0
    away: bool = False
    at_hand: Collection[str] = ()
    without_card: Collection[str] = ()

    async def find(self, worker: str) -> Record:
        self.asked += 1
        if self.away:
            raise RegisterUnavailable
        return (
            replace(self.record, fetch_time=self.clock.now())
            if worker == WORKER
            else Record(
                worker=worker,
                jobs=(),
                entries=(),
                fetch_time=self.clock.now(),
                confirm_time=None if worker in self.without_card else self.clock.now(),
            )
        )

    async def find_many(self, workers: Sequence[str]) -> list[Record]:
        if self.away:
            raise RegisterUnavailable
        return [replace(self.record, worker=one) for one in workers if one in self.at_hand]


@dataclass
class PlayedPortal:
    """Notices in portions; the place is the number of those behind."""

    told: list[TypedNotice] = field(default_factory=list)
    portion: int = 3
    breaks_at: int = 10**9
    files: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, Redeemed] = field(default_factory=dict)

    async def notices(self, place: str) -> AsyncIterator[tuple[Sequence[TypedNotice], str]]:
        start = int(place or 0)
        while start < len(self.told):
            if start >= self.breaks_at:
                raise PortalUnavailable
            part = self.told[start : start + self.portion]
            start += len(part)
            yield part, str(start)

    async def programmes(self, known_edition: str) -> AsyncIterator[Any]:
        raise PortalUnavailable
        yield  # the port is an iterator

    async def redeem(self, worker: str, code: str, cycles: Sequence[Cycle]) -> Redeemed:
        assert worker == WORKER
        assert cycles
        return self.answers.get(code, Redeemed("UNKNOWN"))

    async def file(self, identity: str) -> AsyncIterator[bytes]:
        if identity not in self.files:
            raise FileNotAtPortal
        for start in range(0, len(self.files[identity]), 65536):
            yield self.files[identity][start : start + 65536]


class PlayedRegister:
    """ФИС ФРДО: says what it was told to, then that it is down; notes what it was asked about."""

    def __init__(self, *answers: Check) -> None:
        self.answers, self.asked, self.silent = list(answers), list[str](), False

    async def check(self, certificate: Certificate) -> CheckResult:
        self.asked.append(certificate.number)
        if self.silent:
            await asyncio.Event().wait()
        return CheckResult(check=self.answers.pop(0) if self.answers else Check.SOURCE_DOWN)


class Strict(PlayedDirectory):
    """Knows one worker, and whom it is told of."""

    known: frozenset[str] = frozenset({WORKER})

    async def find(self, worker: str) -> Record:
        record = await super().find(worker)
        if worker not in self.known:
            raise WorkerNotFound
        return record


class PlayedScanner:
    """Finds one word in files, and looks through everything else."""

    async def scan(self, content: bytes) -> Scan:
        if MALWARE in content:
            raise FileUnsafe
        return Scan.NOTHING_FOUND


@dataclass
class PlayedStaff:
    """Whom `accreditation` would show."""

    members: list[Member] = field(default_factory=list)

    async def of(
        self, organization_oid: str, *, page_size: int, page_token: str
    ) -> tuple[list[Member], str]:
        """The staff of one organisation, in pages of two."""
        assert organization_oid == GP1
        assert page_size
        everybody, _ = await self.page(department="", page_size=page_size, page_token="")
        start = int(page_token or 0)
        rest = start + 2 < len(everybody)
        return everybody[start : start + 2], str(start + 2) if rest else ""

    async def page(
        self, *, department: str, page_size: int, page_token: str
    ) -> tuple[list[Member], str]:
        one = Member(
            worker=WORKER,
            family_name="Петров",
            given_name="Илья",
            patronymic="Андреевич",
            position="врач-кардиолог",
            department="кардиологическое отделение",
            organization_name="Поликлиника № 1",
        )
        return [one, *self.members], ""


def a_person(worker: str = WORKER, *roles: str, **more: str) -> Caller:
    return Caller(
        CallerKind.PERSON,
        more.pop("subject", "person-1"),
        9e9,
        worker=worker,
        organization_oid=more.pop("oid", GP1),
        roles=roles or ("DOCTOR",),
        **more,
    )


@dataclass
class Service:
    """The servicer over a real database; every call names who asks."""

    servicer: Servicer
    directory: PlayedDirectory
    store: Database
    new_uow: Callable[[], EducationUnitOfWork]
    clock: FakeClock
    portal: PlayedPortal
    staff: PlayedStaff

    @contextmanager
    def asked_by(self, caller: Caller) -> Iterator[Servicer]:
        mark = current_caller.set(caller)
        try:
            yield self.servicer
        finally:
            current_caller.reset(mark)

    async def call(self, method: str, request: Any, caller: Caller | None = None) -> Any:
        with self.asked_by(caller or a_person()) as servicer:
            answer = await getattr(servicer, method)(request, None)
        return orjson.loads(answer.body) if hasattr(answer, "body") else answer

    async def add(self, caller: Caller | None = None, **fields: str) -> Any:
        values = {
            "kind": "PK",
            "title": "Аритмии: диагностика",
            "organizer": "Академия",
            "start_date": "2026-03-02",
            "end_date": "2026-03-20",
            "hours": "36",
        }
        request = pb.CreateActivityRequest(parent=f"workers/{WORKER}", **(values | fields))
        return await self.call("CreateActivity", request, caller)

    async def with_document(self, number: str = "ПК-1", **fields: str) -> Any:
        made = await self.add(**fields)
        request = pb.AddCertificateRequest(
            parent=f"workers/{WORKER}/activities/{made['id']}",
            number=number,
            issue_date="2026-03-21",
        )
        return await self.call("AddCertificate", request)

    async def load(self, *programmes: Programme, generation: int = 1) -> None:
        async def batches() -> AsyncIterator[list[Programme]]:
            yield list(programmes)

        await load_catalogue(batches(), generation=generation, new_uow=self.new_uow)

    async def plan(self) -> Any:
        return await self.call("ReadPlan", pb.ReadPlanRequest(name=f"workers/{WORKER}"))

    async def search(self, query: str, **fields: Any) -> list[str]:
        request = pb.SearchCatalogueRequest(query=query, **fields)
        found = await self.call("SearchCatalogue", request)
        return [one["title"] for one in found["items"]]

    async def summary(self, caller: Caller | None = None) -> Any:
        request = pb.ReadSummaryRequest(name=f"workers/{WORKER}")
        return await self.call("ReadSummary", request, caller)

    async def subjects(self) -> list[str]:
        rows = await self.store.pool.fetch("SELECT subject FROM outbox ORDER BY id")
        return [row["subject"].rpartition("v1.")[2] for row in rows]


def signer(folder: Path, clock: FakeClock) -> GostReportSigner:
    """A signer with a fresh key."""
    key, certificate = folder / "signer.key", folder / "signer.pem"
    private = generate_private_key()
    key.write_bytes(private.to_pem())
    span = {"not_before": datetime(2020, 1, 1, tzinfo=UTC)}
    span["not_after"] = datetime(2040, 1, 1, tzinfo=UTC)
    certificate.write_bytes(self_signed_certificate(private, common_name="test", **span))
    return GostReportSigner(key, certificate, clock)


def book(new_uow: Callable[[], EducationUnitOfWork], norms: Norms = NORMS) -> NormBook:
    """A book that knows the norms already."""
    made = NormBook(owner=PlayedLaw(norms), new_uow=new_uow)
    made._norms = norms
    return made


@dataclass
class PlayedLaw:
    """`accreditation` as the owner of the law."""

    norms: Norms = NORMS
    away: bool = False

    async def in_force(self) -> Norms:
        if self.away:
            raise RegisterUnavailable
        return self.norms


@pytest.fixture
def service(store: Database, keys: KeyRing, clock: FakeClock, tmp_path: Path) -> Service:
    new_uow = partial(EducationUnitOfWork, store, keys=keys, clock=clock, announce=announce)
    directory, reader = PlayedDirectory(clock), PostgresReader(store, keys)
    portal, staff, scanner = PlayedPortal(), PlayedStaff(), PlayedScanner()
    present = partial(
        present_worker, reader=reader, directory=directory, new_uow=new_uow, clock=clock
    )
    norms = book(new_uow)
    sources = Sources(employees=staff, reader=reader, present=present, book=norms, posts=POSTS)
    parts = Parts(
        reader=reader,
        present=present,
        new_uow=new_uow,
        catalogue=CatalogueReader(store),
        staff=staff,
        book=norms,
        posts=POSTS,
        portal=portal,
        checks=PlayedRegister(),
        files=VaultFiles(FileVault(FolderStore(tmp_path), keys), scanner),
        texts=PaperReader(PictureReader.installed()),
        scanner=scanner,
        kept=KeptNotices(
            directory=directory, new_uow=new_uow, specialties=SPECIALTIES, clock=clock
        ),
        shelf=QuarantineReader(store, keys),
        reports=ReportReader(store),
        builder=ReportBuilder(sources, new_uow=new_uow, clock=clock),
        signer=signer(tmp_path, clock),
        printer=ReportFiles(FONTS),
        clock=clock,
    )
    return Service(Servicer(parts), directory, store, new_uow, clock, portal, staff)


@dataclass
class World:
    service: Service
    portal: PlayedPortal
    directory: Strict
    reader: PortalReader
    kept: KeptNotices
    shelf: QuarantineReader

    async def tell(self, *notices: TypedNotice) -> tuple[int, int, int]:
        self.portal.told += notices
        taken = await self.reader.follow()
        return taken.applied, taken.skipped, taken.kept

    async def hours(self) -> int:
        return int((await self.service.summary())["main"]["counted_hours"])

    async def faults(self) -> list[Fault]:
        found = await self.shelf.page(resolved=False, size=50, position=None)
        return [one.fault for one in found]

    async def activities(self) -> list[dict[str, Any]]:
        rows = await self.service.store.pool.fetch("SELECT * FROM activity ORDER BY external_id")
        return [dict(row) for row in rows]


@pytest.fixture
def world(service: Service, keys: KeyRing) -> World:
    portal, directory = PlayedPortal(), Strict(service.clock)
    parts: dict[str, Any] = {
        "directory": directory,
        "new_uow": service.new_uow,
        "specialties": SPECIALTIES,
        "clock": service.clock,
    }
    return World(
        service,
        portal,
        directory,
        PortalReader(portal=portal, **parts),
        KeptNotices(**parts),
        QuarantineReader(service.store, keys),
    )
