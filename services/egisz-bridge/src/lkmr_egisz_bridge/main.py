"""Composition root: what the process can do, top to bottom."""

from functools import partial

import httpx2
from lkmr.egisz_bridge.v1 import egisz_bridge_service_pb2 as pb
from lkmr.egisz_bridge.v1.egisz_bridge_service_pb2_grpc import (
    add_EgiszBridgeServiceServicer_to_server,
)
from lkmr.egisz_bridge.v1.learning_service_pb2_grpc import add_LearningServiceServicer_to_server
from lkmr.egisz_bridge.v1.report_service_pb2_grpc import add_ReportServiceServicer_to_server

from lkmr_access.auth_client import AuthClient, revocations
from lkmr_egisz_bridge.api.callbacks import serve_callbacks
from lkmr_egisz_bridge.api.learning_servicer import LearningServicer
from lkmr_egisz_bridge.api.report_servicer import ReportServicer
from lkmr_egisz_bridge.api.rules import LEARNING, REPORTS, RULES, SERVICE
from lkmr_egisz_bridge.api.servicer import EgiszBridgeServicer
from lkmr_egisz_bridge.clients.accreditation_center.client import AccreditationCenterClient
from lkmr_egisz_bridge.clients.document_register.client import DocumentRegisterClient
from lkmr_egisz_bridge.clients.guard import Guard
from lkmr_egisz_bridge.clients.health_authority.client import HealthAuthorityClient
from lkmr_egisz_bridge.clients.http import new_client
from lkmr_egisz_bridge.clients.insured_register.client import InsuredRegisterClient
from lkmr_egisz_bridge.clients.learning_portal.client import LearningPortalClient
from lkmr_egisz_bridge.clients.licence_register.client import LicenceRegisterClient
from lkmr_egisz_bridge.clients.worker_register.client import WorkerRegisterClient
from lkmr_egisz_bridge.config import Config
from lkmr_egisz_bridge.domain.breaker import Breaker
from lkmr_egisz_bridge.messaging.announce import receipt_received, register_record_changed
from lkmr_egisz_bridge.storage.exchange_log import StoredExchangeLog
from lkmr_egisz_bridge.storage.lease import LeasedJob
from lkmr_egisz_bridge.storage.receipts import ReceiptUnitOfWork
from lkmr_egisz_bridge.storage.unit_of_work import FeedUnitOfWork
from lkmr_egisz_bridge.usecases.check_identity import IdentityCheck
from lkmr_egisz_bridge.usecases.follow_changes import follow_changes
from lkmr_egisz_bridge.usecases.ports import (
    ACCREDITATION_CENTER,
    DOCUMENT_REGISTER,
    HEALTH_AUTHORITY,
    INSURED_REGISTER,
    LEARNING_PORTAL,
    LICENCE_REGISTER,
    WORKER_REGISTER,
)
from lkmr_servicekit.audit_wire import OutboxJournal
from lkmr_servicekit.clock import Clock, SystemClock, monotonic
from lkmr_servicekit.database import Database
from lkmr_servicekit.grpc_client import Peer
from lkmr_servicekit.grpc_server import GrpcServer
from lkmr_servicekit.identity import TokenVerifier
from lkmr_servicekit.messaging import run_messaging
from lkmr_servicekit.program import Program, run
from lkmr_servicekit.telemetry import counter

NAME = "egisz-bridge"
_checks = counter(
    "lkmr_identity_checks_total", "Identity checks by result", ("known", "name", "birth", "policy")
)


async def start(program: Program, settings: Config) -> None:
    """Build everything and let it run."""
    enter = program.stack.enter_async_context
    clock = SystemClock.from_env()
    database = await enter(Database(settings.database_dsn))
    program.health.checks["database"] = database.answers
    records = StoredExchangeLog(database, clock)
    program.background("exchange_log", records.run())

    outside = new_client(
        ca=settings.egisz_ca,
        cert=settings.egisz_cert,
        key=settings.egisz_key,
        connections=2 * settings.outside_places,
    )
    program.stack.push_async_callback(outside.aclose)
    (
        worker_guard,
        insured_guard,
        portal_guard,
        document_guard,
        center_guard,
        licence_guard,
        authority_guard,
    ) = (
        _guard(register, settings, records, clock)
        for register in (
            WORKER_REGISTER,
            INSURED_REGISTER,
            LEARNING_PORTAL,
            DOCUMENT_REGISTER,
            ACCREDITATION_CENTER,
            LICENCE_REGISTER,
            HEALTH_AUTHORITY,
        )
    )
    workers = WorkerRegisterClient(
        settings.frmr_url, client=outside, guard=worker_guard, clock=clock
    )
    insured = _insured(settings, outside, insured_guard, clock)
    licences = LicenceRegisterClient(
        settings.licences_url, client=outside, guard=licence_guard, clock=clock
    )

    center = AccreditationCenterClient(
        settings.fac_url, client=outside, guard=center_guard, clock=clock
    )

    auth = AuthClient(await enter(Peer("auth", settings.auth_url, tls_dir=settings.tls_dir)))
    verifier = TokenVerifier(auth.verification_keys, clock)
    servicer = EgiszBridgeServicer(
        workers,
        insured,
        center,
        licences,
        (
            worker_guard,
            insured_guard,
            licence_guard,
            portal_guard,
            document_guard,
            center_guard,
            authority_guard,
        ),
        clock,
        _count_check,
    )
    server = GrpcServer(
        NAME,
        settings.grpc_listen,
        tls_dir=settings.tls_dir,
        rules=RULES,
        verifier=verifier,
        journal=OutboxJournal(database, NAME, clock),
    )
    server.add(SERVICE, servicer, add_EgiszBridgeServiceServicer_to_server)
    learning = LearningServicer(
        workers,
        LearningPortalClient(settings.nmo_url, client=outside, guard=portal_guard, clock=clock),
        DocumentRegisterClient(
            settings.frdo_url, client=outside, guard=document_guard, clock=clock
        ),
    )
    server.add(LEARNING, learning, add_LearningServiceServicer_to_server)
    authority = HealthAuthorityClient(
        settings.authority_url, client=outside, guard=authority_guard, clock=clock
    )
    new_receipts = partial(ReceiptUnitOfWork, database, clock=clock, announcement=receipt_received)
    reports = ReportServicer(authority, new_receipts)
    server.add(REPORTS, reports, add_ReportServiceServicer_to_server)

    new_store = partial(
        FeedUnitOfWork,
        database,
        register=WORKER_REGISTER,
        clock=clock,
        announcement=register_record_changed,
    )
    feed = LeasedJob(
        database,
        name="register_feed",
        work=partial(follow_changes, workers=workers, new_store=new_store),
        seconds=settings.poll_seconds,
    )
    program.background("register_feed", feed.run())
    messaging = run_messaging(
        settings, service=NAME, database=database, clock=clock, watchers=revocations(verifier)
    )
    program.background("messaging", messaging)
    if settings.callback_listen:
        await enter(serve_callbacks(settings.callback_listen, feed.ring, settings.tls_dir))
    await enter(server)


def _guard(register: str, settings: Config, records: StoredExchangeLog, clock: Clock) -> Guard:
    return Guard(
        register,
        records=records,
        clock=clock,
        breaker=Breaker(monotonic, reset_seconds=settings.breaker_reset_seconds),
        places=settings.outside_places,
        request_seconds=settings.request_seconds,
    )


def _insured(
    settings: Config, outside: httpx2.AsyncClient, guard: Guard, clock: Clock
) -> InsuredRegisterClient:
    return InsuredRegisterClient(
        settings.ferzl_url,
        version=settings.ferzl_version,
        token=settings.ferzl_token,
        client=outside,
        guard=guard,
        clock=clock,
    )


def _count_check(check: IdentityCheck[pb.WorkerCard]) -> None:
    verdict = check.verdict
    _checks.labels(
        str(verdict.in_worker_register).lower(),
        verdict.name.name,
        verdict.birth_date.name,
        verdict.policy_number.name,
    ).inc()


def main() -> None:
    """Run until a signal. Raises pydantic.ValidationError naming a missing setting."""
    settings = Config.load()
    run(NAME, settings, partial(start, settings=settings))
