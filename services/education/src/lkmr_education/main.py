"""Composition root: builds what this process can do, top to bottom."""

import tomllib
from functools import partial
from importlib.resources import files
from typing import Any

from lkmr.education.v1.education_service_pb2_grpc import add_EducationServiceServicer_to_server
from lkmr.education.v1.events_pb2 import ErasureReported

from lkmr_access.auth_client import AuthClient, revocations
from lkmr_access.erasure_wire import ErasureHandler
from lkmr_education.api.base import Parts
from lkmr_education.api.rules import RULES, SERVICE
from lkmr_education.api.servicer import Servicer
from lkmr_education.clients.bridge import LearningBridge
from lkmr_education.clients.directory import AccreditationDirectory
from lkmr_education.clients.law import AccreditationLaw
from lkmr_education.clients.paper_reader import PaperReader
from lkmr_education.clients.picture_reader import PictureReader
from lkmr_education.clients.receiver import AuthorityReceiver
from lkmr_education.clients.report_files import ReportFiles
from lkmr_education.clients.signer import GostReportSigner
from lkmr_education.clients.staff import AccreditationStaff
from lkmr_education.clients.vault import VaultFiles
from lkmr_education.config import Config
from lkmr_education.domain.certificate import Scan
from lkmr_education.domain.errors import FileUnsafe
from lkmr_education.domain.posts import Posts
from lkmr_education.domain.specialties import Specialties
from lkmr_education.messaging.announce import announce
from lkmr_education.messaging.handlers import Handlers
from lkmr_education.storage.catalogue import CatalogueReader
from lkmr_education.storage.quarantine import QuarantineReader
from lkmr_education.storage.reader import PostgresReader
from lkmr_education.storage.reports import ReportReader
from lkmr_education.storage.unit_of_work import EducationUnitOfWork
from lkmr_education.usecases.build_reports import ReportBuilder, Sources
from lkmr_education.usecases.check_documents import check_documents
from lkmr_education.usecases.fetch_files import fetch_files
from lkmr_education.usecases.follow_portal import PortalReader
from lkmr_education.usecases.keep_catalogue import keep_catalogue
from lkmr_education.usecases.keeping import Keeping, Task, until_idle
from lkmr_education.usecases.norm_book import NormBook
from lkmr_education.usecases.ports import Directory, NewUnitOfWork
from lkmr_education.usecases.present_worker import present_worker
from lkmr_education.usecases.reports import follow_reports
from lkmr_education.usecases.retry_kept import KeptNotices
from lkmr_servicekit.audit import beside
from lkmr_servicekit.audit_wire import OutboxJournal
from lkmr_servicekit.clock import Clock, SystemClock
from lkmr_servicekit.database import Database, holding
from lkmr_servicekit.files import FileVault, FolderStore
from lkmr_servicekit.grpc_client import JobTokens, Peer
from lkmr_servicekit.grpc_server import GrpcServer
from lkmr_servicekit.identity import TokenVerifier
from lkmr_servicekit.keys import open_keyring
from lkmr_servicekit.malware import ClamScanner
from lkmr_servicekit.messaging import run_messaging
from lkmr_servicekit.program import Program, run

NAME = "education"


async def start(config: Config, program: Program) -> None:
    """Open connections, begin to listen, then serve."""
    enter, clock = program.stack.enter_async_context, SystemClock.from_env()
    database = await enter(Database(config.database_dsn))
    program.health.checks["database"] = database.answers
    auth = AuthClient(await enter(Peer("auth", config.auth_url, tls_dir=config.tls_dir)))
    accreditation = await enter(
        Peer("accreditation", config.accreditation_url, tls_dir=config.tls_dir)
    )
    bridge = await enter(Peer("egisz-bridge", config.egisz_bridge_url, tls_dir=config.tls_dir))
    keys = await open_keyring(NAME, config, OutboxJournal(database, NAME, clock))
    tokens = JobTokens(auth.job_token, clock)
    new_uow = partial(EducationUnitOfWork, database, keys=keys, clock=clock, announce=announce)

    reader = PostgresReader(database, keys)
    directory = AccreditationDirectory(accreditation, tokens.token, clock)
    present = beside(
        partial(present_worker, reader=reader, directory=directory, new_uow=new_uow, clock=clock)
    )

    scanner = ClamScanner(config.scanner_url, said=Scan, unsafe=FileUnsafe)
    outside, files = (
        LearningBridge(bridge, tokens.token),
        VaultFiles(FileVault(FolderStore(config.files_dir), keys), scanner),
    )
    kept = KeptNotices(
        directory=directory,
        new_uow=new_uow,
        specialties=Specialties.from_data(data("specialties.toml")),
        clock=clock,
    )
    book = NormBook(owner=AccreditationLaw(accreditation, tokens.token), new_uow=new_uow)
    await book.open()
    staff = AccreditationStaff(accreditation, tokens.token)
    posts = Posts.from_data(data("posts.toml"), data("directions.toml"))
    builder = ReportBuilder(
        Sources(employees=staff, reader=reader, present=present, book=book, posts=posts),
        new_uow=new_uow,
        clock=clock,
    )
    keeping = Keeping(
        tasks(
            config=config,
            book=book,
            outside=outside,
            receiver=AuthorityReceiver(bridge, tokens.token),
            files=files,
            directory=directory,
            kept=kept,
            builder=builder,
            new_uow=new_uow,
            clock=clock,
        ),
        started=lambda: program.health.started,
        hold=partial(holding, database),
    )
    for name, work in keeping.works().items():
        program.background(name, work)

    verifier = TokenVerifier(auth.verification_keys, clock)
    erasures = ErasureHandler(NAME, ErasureReported, new_uow=new_uow, clock=clock, drop=files.drop)
    events = run_messaging(
        config,
        service=NAME,
        database=database,
        clock=clock,
        subscriptions=[
            *Handlers(new_uow=new_uow, clock=clock).subscriptions(),
            erasures.subscription(),
        ],
        watchers=revocations(verifier),
    )
    program.background("messaging", events)
    server = GrpcServer(
        NAME,
        config.grpc_listen,
        tls_dir=config.tls_dir,
        rules=RULES,
        verifier=verifier,
        journal=OutboxJournal(database, NAME, clock),
    )
    parts = Parts(
        reader=reader,
        present=present,
        new_uow=new_uow,
        catalogue=CatalogueReader(database),
        staff=staff,
        book=book,
        posts=posts,
        portal=outside,
        checks=outside,
        files=files,
        texts=PaperReader(PictureReader.installed()),
        scanner=scanner,
        kept=kept,
        shelf=QuarantineReader(database, keys),
        reports=ReportReader(database),
        builder=builder,
        signer=GostReportSigner(config.signing_key, config.signing_certificate, clock),
        printer=ReportFiles(config.fonts_dir),
        clock=clock,
    )
    server.add(SERVICE, Servicer(parts), add_EducationServiceServicer_to_server)
    await enter(server)


def tasks(
    *,
    config: Config,
    book: NormBook,
    outside: LearningBridge,
    receiver: AuthorityReceiver,
    files: VaultFiles,
    directory: Directory,
    kept: KeptNotices,
    builder: ReportBuilder,
    new_uow: NewUnitOfWork,
    clock: Clock,
) -> list[Task]:
    """What goes on beside the service."""
    reader = PortalReader(
        portal=outside,
        directory=directory,
        new_uow=new_uow,
        specialties=kept.specialties,
        clock=clock,
    )
    check = partial(check_documents, checks=outside, new_uow=new_uow, clock=clock)
    fetch = partial(fetch_files, portal=outside, files=files, new_uow=new_uow, clock=clock)
    follow = partial(follow_reports, receiver=receiver, new_uow=new_uow, clock=clock)
    load = partial(keep_catalogue, portal=outside, new_uow=new_uow)
    return [
        Task(
            name="norms",
            work=book.renew,
            seconds=config.norms_seconds,
            longest_fault_seconds=1.0,
        ),
        Task(name="portal", work=reader.follow, seconds=config.portal_seconds, alone=True),
        Task(name="kept-notices", work=kept.retry_due, seconds=30, alone=True),
        Task(name="document-checks", work=until_idle(check), seconds=config.checks_seconds),
        Task(
            name="report-builds",
            work=until_idle(builder.build_due),
            seconds=config.checks_seconds,
        ),
        Task(name="reports", work=follow, seconds=config.checks_seconds),
        Task(name="certificate-files", work=until_idle(fetch), seconds=config.checks_seconds),
        Task(
            name="catalogue",
            work=load,
            seconds=config.catalogue_seconds,
            delay_seconds=config.catalogue_delay_seconds,
            alone=True,
        ),
    ]


def data(name: str) -> dict[str, Any]:
    """Dated data that is shipped with the service."""
    return tomllib.loads(files("lkmr_education").joinpath(name).read_text("utf-8"))


def main() -> None:
    """Run the service until it is told to stop."""
    config = Config.load()
    run(NAME, config, partial(start, config))
