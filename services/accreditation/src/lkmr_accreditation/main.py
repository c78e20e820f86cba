"""Composition root: builds what this process can do, top to bottom."""

import asyncio
from functools import partial

from lkmr.accreditation.v1.accreditation_service_pb2_grpc import (
    add_AccreditationServiceServicer_to_server,
)
from lkmr.accreditation.v1.application_service_pb2_grpc import (
    add_ApplicationServiceServicer_to_server,
)
from lkmr.accreditation.v1.compliance_service_pb2_grpc import (
    add_ComplianceServiceServicer_to_server,
)
from lkmr.accreditation.v1.document_service_pb2_grpc import (
    add_DocumentServiceServicer_to_server,
)
from lkmr.accreditation.v1.events_pb2 import ErasureReported

from lkmr_access.auth_client import AuthClient, revocations
from lkmr_access.erasure_wire import ErasureHandler
from lkmr_accreditation.api.application_servicer import ApplicationServicer
from lkmr_accreditation.api.application_servicer import Parts as ApplicationServicerParts
from lkmr_accreditation.api.compliance_servicer import ComplianceServicer
from lkmr_accreditation.api.compliance_servicer import Parts as ComplianceParts
from lkmr_accreditation.api.document_servicer import DocumentServicer
from lkmr_accreditation.api.document_servicer import Parts as DocumentParts
from lkmr_accreditation.api.rules import APPLICATIONS, COMPLIANCE, DOCUMENTS, RULES, SERVICE
from lkmr_accreditation.api.servicer import Parts, Servicer
from lkmr_accreditation.clients.center import CenterClient
from lkmr_accreditation.clients.education import EducationClient
from lkmr_accreditation.clients.inspector import ChildInspector
from lkmr_accreditation.clients.licences import LicenceClient
from lkmr_accreditation.clients.printer import TypstPrinter
from lkmr_accreditation.clients.register import RegisterClient
from lkmr_accreditation.clients.seal import Seal
from lkmr_accreditation.clients.sheets import StaffSheets
from lkmr_accreditation.clients.study_register import StudyRegisterClient
from lkmr_accreditation.clients.vault import DocumentVault
from lkmr_accreditation.config import Config
from lkmr_accreditation.domain.documents import Scan
from lkmr_accreditation.domain.errors import DocumentUnsafe
from lkmr_accreditation.messaging.announce import announce
from lkmr_accreditation.messaging.handlers import Handlers
from lkmr_accreditation.storage.application_reader import PostgresApplications
from lkmr_accreditation.storage.board import PostgresStaff
from lkmr_accreditation.storage.reader import PostgresReader
from lkmr_accreditation.storage.shipped import shipped_book, shipped_catalogue, shipped_forms
from lkmr_accreditation.storage.specialists import PostgresSpecialists
from lkmr_accreditation.storage.traits import PostgresTraits
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.application_parts import ApplicationParts
from lkmr_accreditation.usecases.application_works import ApplicationWorks
from lkmr_accreditation.usecases.ask_extract import StaffExtracts
from lkmr_accreditation.usecases.fill_hours import HoursFiller, statements_of_many
from lkmr_accreditation.usecases.follow_loads import LoadFollower
from lkmr_accreditation.usecases.keeping import Keeping
from lkmr_accreditation.usecases.licences import LicenceWork
from lkmr_accreditation.usecases.refresh_hours import refresh_hours
from lkmr_accreditation.usecases.refresh_worker import refresh_worker
from lkmr_accreditation.usecases.scrub import FileScrub
from lkmr_accreditation.usecases.study_papers import StudyPaperWork
from lkmr_accreditation.usecases.sweep import FileSweep
from lkmr_accreditation.usecases.sync_register import sync_register
from lkmr_servicekit.audit import beside
from lkmr_servicekit.audit_wire import OutboxJournal
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.database import Database, holding
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.files import FileVault, FolderStore
from lkmr_servicekit.grpc_client import JobTokens, Peer
from lkmr_servicekit.grpc_server import GrpcServer
from lkmr_servicekit.identity import TokenVerifier
from lkmr_servicekit.inbox import Subscription
from lkmr_servicekit.keys import open_keyring
from lkmr_servicekit.malware import ClamScanner
from lkmr_servicekit.messaging import run_messaging
from lkmr_servicekit.program import Program, run
from lkmr_servicekit.telemetry import log

NAME = "accreditation"


async def start(config: Config, program: Program) -> None:
    """Open connections, begin to listen, then serve."""
    enter, clock = program.stack.enter_async_context, SystemClock.from_env()
    database = await enter(Database(config.database_dsn))
    program.health.checks["database"] = database.answers
    auth = AuthClient(await enter(Peer("auth", config.auth_url, tls_dir=config.tls_dir)))
    bridge = await enter(Peer("egisz-bridge", config.egisz_bridge_url, tls_dir=config.tls_dir))
    school = await enter(Peer("education", config.education_url, tls_dir=config.tls_dir))
    job_token = JobTokens(auth.job_token, clock).token
    register, hours = RegisterClient(bridge, job_token), EducationClient(school, job_token)
    seal = Seal(config.seal_certificates, config.seal_key)
    keys = await open_keyring(NAME, config, OutboxJournal(database, NAME, clock))
    new_uow = partial(AccreditationUnitOfWork, database, keys=keys, clock=clock, announce=announce)
    book = shipped_book()
    await book.reload(new_uow)
    refresh = beside(partial(refresh_worker, register=register, new_uow=new_uow, clock=clock))

    if config.register_sync_enabled:
        program.background("register-sync", _sync(config, database, register, new_uow, clock))
    hold = partial(holding, database)
    keeping = Keeping(new_uow=new_uow, book=book, clock=clock, hold=hold)
    for name, work in keeping.works().items():
        program.background(name, work)

    verifier, reader = TokenVerifier(auth.verification_keys, clock), PostgresReader(database)
    of_many = partial(statements_of_many, reader=reader, hours=hours, book=book, clock=clock)
    loads = LoadFollower(of_many=of_many, new_uow=new_uow, clock=clock, hold=hold)
    program.background("hours-due", loads.run())
    vault = DocumentVault(FileVault(FolderStore(config.files_dir), keys))
    handlers = Handlers(
        register=register,
        new_uow=new_uow,
        clock=clock,
        hours=partial(
            refresh_hours, reader=reader, hours=hours, new_uow=new_uow, book=book, clock=clock
        ),
        loads=loads.note,
    )
    program.background(
        "messaging",
        run_messaging(
            config,
            service=NAME,
            database=database,
            clock=clock,
            subscriptions=[*handlers.subscriptions(), _erasures(new_uow, vault, clock)],
            watchers=revocations(verifier),
        ),
    )
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
        mentorships=PostgresTraits(database),
        specialists=PostgresSpecialists(database, keys),
        refresh=refresh,
        new_uow=new_uow,
        printer=TypstPrinter(config.fonts_dir, seal),
        seal_keys=seal.keys(),
        book=book,
        clock=clock,
    )
    server.add(SERVICE, Servicer(parts), add_AccreditationServiceServicer_to_server)
    staff = PostgresStaff(database, keys)
    filler = HoursFiller(staff=staff, of_many=of_many, new_uow=new_uow, clock=clock, hold=hold)
    program.background("hours-fill", filler.run())
    filed = PostgresApplications(database, keys)
    judged = ComplianceParts(
        reader=reader,
        traits=PostgresTraits(database),
        steps=filed,
        staff=staff,
        fill_hours=filler.ask,
        hours=hours,
        refresh=refresh,
        sheets=StaffSheets(config.fonts_dir),
        book=book,
        clock=clock,
    )
    server.add(COMPLIANCE, ComplianceServicer(judged), add_ComplianceServiceServicer_to_server)
    applying = ApplicationParts(
        recheck=hours.recheck,
        new_uow=new_uow,
        reader=filed,
        compliance=judged.of_now,
        forms=shipped_forms(),
        book=book,
        clock=clock,
    )
    filing = ApplicationWorks(center=CenterClient(bridge, job_token), parts=applying, hold=hold)
    for name, work in filing.works().items():
        program.background(name, work)
    asked = ApplicationServicerParts(
        applications=applying,
        signer=seal,
        staff=staff,
        extracts=StaffExtracts(issue=parts.issue, staff=staff, parts=applying),
    )
    server.add(APPLICATIONS, ApplicationServicer(asked), add_ApplicationServiceServicer_to_server)
    licences = LicenceClient(bridge, job_token)
    following = LicenceWork(
        register=licences, new_uow=new_uow, clock=clock, hold=hold, busy=keeping.loading
    )
    program.background("licences", following.run())
    studied = StudyRegisterClient(bridge, job_token)
    watching = (
        FileScrub(new_uow=new_uow, vault=vault, hold=hold, busy=keeping.loading),
        FileSweep(new_uow=new_uow, vault=vault, hold=hold),
        StudyPaperWork(register=studied, new_uow=new_uow, book=book, clock=clock, hold=hold),
    )
    for one in watching:
        program.background(one.name, one.run())
    papers = DocumentParts(
        reader=reader,
        staff=staff,
        refresh=refresh,
        new_uow=new_uow,
        vault=vault,
        inspector=ChildInspector(),
        scanner=ClamScanner(config.scanner_url, said=Scan, unsafe=DocumentUnsafe),
        licences=licences,
        catalogue=shipped_catalogue(),
        book=book,
        clock=clock,
    )
    server.add(DOCUMENTS, DocumentServicer(papers), add_DocumentServiceServicer_to_server)
    await enter(server)


def _erasures(
    new_uow: partial[AccreditationUnitOfWork], vault: DocumentVault, clock: SystemClock
) -> Subscription:
    """What auth orders to be destroyed."""
    return ErasureHandler(
        NAME, ErasureReported, new_uow=new_uow, clock=clock, drop=vault.drop
    ).subscription()


async def _sync(
    config: Config,
    database: Database,
    register: RegisterClient,
    new_uow: partial[AccreditationUnitOfWork],
    clock: SystemClock,
) -> None:
    """Take what is new in the register, again and again; one instance at a time."""
    while True:
        try:
            async with holding(database, "register-sync"):
                state = await sync_register(register=register, new_uow=new_uow, clock=clock)
            log.info("register.synced", loaded=state.loaded, total=state.total)
            await asyncio.sleep(config.register_sync_seconds)
        except ServiceError as fault:
            below = getattr(fault.__cause__, "reason", "")
            log.warning("register.sync_interrupted", reason=fault.reason, below=below)
            await asyncio.sleep(1)


def main() -> None:
    """Run the service until it is told to stop."""
    config = Config.load()
    run(NAME, config, partial(start, config))
