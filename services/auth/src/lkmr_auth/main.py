"""Composition root: what the process can do, top to bottom."""

import asyncio
import tomllib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import httpx2
from lkmr.auth.v1.access_service_pb2_grpc import add_AccessServiceServicer_to_server
from lkmr.auth.v1.administration_service_pb2_grpc import (
    add_AdministrationServiceServicer_to_server,
)
from lkmr.auth.v1.auth_service_pb2_grpc import add_AuthServiceServicer_to_server
from lkmr.auth.v1.data_request_service_pb2_grpc import (
    add_DataRequestServiceServicer_to_server,
)
from lkmr.auth.v1.draft_service_pb2_grpc import add_DraftServiceServicer_to_server
from lkmr.auth.v1.identity_service_pb2_grpc import add_IdentityServiceServicer_to_server
from lkmr.auth.v1.incident_service_pb2_grpc import add_IncidentServiceServicer_to_server
from lkmr.auth.v1.journal_service_pb2_grpc import add_JournalServiceServicer_to_server
from lkmr.auth.v1.passkey_service_pb2_grpc import add_PasskeyServiceServicer_to_server

from lkmr_access.auth_client import revocations
from lkmr_auth.api import (
    access_servicer,
    administration_rules,
    data_request_servicer,
    draft_servicer,
    identity_servicer,
    incident_servicer,
    journal_servicer,
    passkey_servicer,
)
from lkmr_auth.api.administration_servicer import AdministrationServicer
from lkmr_auth.api.rules import RULES, SERVICE
from lkmr_auth.api.servicer import AuthServicer
from lkmr_auth.clients.admissions import AccreditationAdmissions
from lkmr_auth.clients.approvals import HttpApprovals
from lkmr_auth.clients.archive import FolderArchive
from lkmr_auth.clients.esia.by_date import ByDate
from lkmr_auth.clients.esia.client import EsiaClient
from lkmr_auth.clients.esia.gateway import GatewayClient
from lkmr_auth.clients.esia.request import RequestWriter
from lkmr_auth.clients.esia.transport import Transport, new_http
from lkmr_auth.clients.password_hash import Argon2Hasher
from lkmr_auth.clients.registers import BridgeRegisters
from lkmr_auth.clients.sms import HttpCodeSender
from lkmr_auth.clients.webauthn_checks import WebAuthnChecks
from lkmr_auth.clients.witness import FolderWitness
from lkmr_auth.config import Config
from lkmr_auth.domain.erasure_act import Operator
from lkmr_auth.domain.outside_term import OutsideTerm
from lkmr_auth.domain.policy import with_policies
from lkmr_auth.domain.session import Limits
from lkmr_auth.domain.sign_in import CALLBACK_PATH
from lkmr_auth.domain.suspicion import Networks, Rules
from lkmr_auth.messaging.announce import announcement_of
from lkmr_auth.messaging.erasure_handlers import erasure_reports
from lkmr_auth.messaging.handlers import ActIntake
from lkmr_auth.messaging.register_handlers import Facts, RegisterHandlers
from lkmr_auth.storage import shipped
from lkmr_auth.storage.administration import StoredAdministration
from lkmr_auth.storage.assessments import StoredAssessments
from lkmr_auth.storage.chain import StoredChain
from lkmr_auth.storage.journal import OwnJournal
from lkmr_auth.storage.journal_reader import JournalReader
from lkmr_auth.storage.months import StoredMonths
from lkmr_auth.storage.unit_of_work import StoredUnitOfWork
from lkmr_auth.usecases.access.policies import retention_in_force, values_in_force
from lkmr_auth.usecases.administration.follow_register import follow_register
from lkmr_auth.usecases.administration.keep_addresses import list_origins
from lkmr_auth.usecases.administration.ports import AdministrationParts
from lkmr_auth.usecases.administration.warn_of_terms import warn_of_terms
from lkmr_auth.usecases.administration.watch_journal import JournalWatch
from lkmr_auth.usecases.assess import terms_to_warn_of
from lkmr_auth.usecases.erasure.collect import keep_erasures, note_report
from lkmr_auth.usecases.erasure.parts import ErasureParts
from lkmr_auth.usecases.keep_house import close_rotated, sweep
from lkmr_auth.usecases.keep_journal import keep_journal
from lkmr_auth.usecases.keep_months import MonthParts, keep_months
from lkmr_auth.usecases.know_lapses import follow_many
from lkmr_auth.usecases.outside_ports import Esia
from lkmr_auth.usecases.parts import AccessParts, IdentityParts, PasskeyParts, SignInParts
from lkmr_auth.usecases.record_acts import record_acts
from lkmr_auth.usecases.refresh_esia_tokens import refresh_esia_tokens
from lkmr_auth.usecases.resolve_session import SessionParts
from lkmr_auth.usecases.signing_keys import SigningKeys
from lkmr_auth.usecases.start_limit import StartLimit
from lkmr_esia import TokenPolicy, TrustedCertificates
from lkmr_gost import best_signer
from lkmr_gost import self_test as signer_self_test
from lkmr_servicekit.audit_wire import OutboxJournal
from lkmr_servicekit.background import repeated
from lkmr_servicekit.clock import MOSCOW, Clock, SystemClock, day_in
from lkmr_servicekit.database import Database, holding
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.events import Event
from lkmr_servicekit.grpc_client import Peer
from lkmr_servicekit.grpc_server import GrpcServer
from lkmr_servicekit.identity import TokenVerifier
from lkmr_servicekit.keys import open_keyring
from lkmr_servicekit.messaging import run_messaging
from lkmr_servicekit.partitions import ensure_months
from lkmr_servicekit.program import Program, run
from lkmr_servicekit.telemetry import log

NAME = "auth"
_LOOK_SECONDS = 0.5


async def start(program: Program, settings: Config) -> None:
    """Build everything and let it run."""
    enter, clock = program.stack.enter_async_context, SystemClock.from_env()
    database = await enter(Database(settings.database_dsn))
    program.health.checks["database"] = database.answers
    keyring = await open_keyring(NAME, settings, OutboxJournal(database, NAME, clock))
    new_uow = partial(
        StoredUnitOfWork, database, keyring, clock=clock, announcement=announcement_of
    )
    keys = SigningKeys(new_uow, clock)
    await keys.refresh()

    http = await enter(new_http(settings.esia_ca_bundle))
    esia, terms = await _esia(settings, http, clock)
    bridge = await enter(Peer("egisz-bridge", settings.egisz_bridge_url, tls_dir=settings.tls_dir))
    peer = await enter(Peer("accreditation", settings.accreditation_url, tls_dir=settings.tls_dir))
    admissions = AccreditationAdmissions(peer, _job(keys, "practice_check"))
    posts, policies = shipped.posts(), shipped.policies()
    limits = Limits(
        idle=timedelta(seconds=settings.session_idle_seconds),
        absolute=timedelta(seconds=settings.session_absolute_seconds),
        parallel=int(settings.sessions_per_person * settings.limit_factor),
        step_up=timedelta(seconds=settings.step_up_seconds),
        renewal=timedelta(seconds=settings.session_renewal_seconds),
    )
    sign_in = SignInParts(
        new_uow=new_uow,
        esia=esia,
        registers=BridgeRegisters(bridge, _job(keys, "register_follow")),
        admissions=admissions,
        sender=HttpCodeSender(settings.sms_url, http),
        clock=clock,
        limits=limits,
        code_key=keyring.index("one_time_code.code_hmac", "key"),
        sends_per_hour=int(settings.code_sends_per_hour * settings.limit_factor),
        sends_per_address=int(settings.code_sends_per_address * settings.limit_factor),
        posts=posts,
        legal=shipped.legal(),
        policies=policies,
    )
    sessions = SessionParts(
        new_uow=new_uow, clock=clock, limits=limits, keys=keys, policies=policies
    )
    new_administration = partial(
        StoredAdministration, database, keyring, clock=clock, announcement=announcement_of
    )
    administration = AdministrationParts(
        new_uow=new_administration,
        clock=clock,
        limits=limits,
        operator=settings.operator_organization,
    )

    async def own_keys() -> dict[str, bytes]:
        return keys.published()

    verifier = TokenVerifier(own_keys, clock)
    servicer = AuthServicer(
        sign_in, sessions, frozenset(settings.origins), StartLimit(settings.limit_factor)
    )
    server = GrpcServer(
        NAME,
        settings.grpc_listen,
        tls_dir=settings.tls_dir,
        rules=RULES
        | identity_servicer.RULES
        | journal_servicer.RULES
        | passkey_servicer.RULES
        | access_servicer.RULES
        | draft_servicer.RULES
        | data_request_servicer.RULES,
        verifier=verifier,
        journal=OwnJournal(database, clock),
    )
    server.add(SERVICE, servicer, add_AuthServiceServicer_to_server)
    identity = IdentityParts(
        codes=sign_in,
        sessions=sessions,
        hasher=Argon2Hasher(),
        approvals=HttpApprovals(settings.esia_approval_url, http),
        legal=shipped.legal(),
        terms=shipped.terms(),
    )
    server.add(
        draft_servicer.SERVICE,
        draft_servicer.DraftServicer(new_uow, clock),
        add_DraftServiceServicer_to_server,
    )
    keeping = PasskeyParts(new_uow=new_uow, ceremonies=WebAuthnChecks(), clock=clock)
    _face_people(server, identity, keeping)
    access = AccessParts(
        new_uow=administration.new_uow,
        policies=policies,
        terms=shipped.terms(),
        clock=clock,
        operator=settings.operator_organization,
    )
    chain, (witness, archive) = StoredChain(database, clock), _keepers(settings)
    journal = journal_servicer.JournalServicer(
        entries=JournalReader(database, keyring),
        chain=chain,
        rows=chain,
        archive=archive,
        witness=witness,
        words=shipped.words(),
        access=access,
    )
    server.add(journal_servicer.SERVICE, journal, add_JournalServiceServicer_to_server)
    erasing = ErasureParts(
        access=access,
        new_uow=new_administration,
        applications=admissions,
        fate=shipped.fate(),
        operator=Operator(name=settings.operator_name, address=settings.operator_address),
        sign=witness.sign,
    )
    _face_administrators(server, administration, access, erasing)

    await _months(database, clock)  # before the first row, so that no month begins in the rest
    intake = ActIntake(partial(record_acts, new_uow=new_uow, clock=clock))
    messaging = run_messaging(
        settings,
        service=NAME,
        database=database,
        clock=clock,
        subscriptions=[
            *intake.subscriptions(),
            *_handlers(sign_in, administration).subscriptions(),
            *erasure_reports(partial(note_report, parts=erasing)),
        ],
        watchers=revocations(verifier),
    )
    program.background("messaging", messaging)

    async def know_origins() -> None:
        added = await list_origins(parts=administration)
        servicer.allowed_origins = frozenset(settings.origins) | added

    rounds: list[tuple[str, Callable[[], Awaitable[object]], float]] = [
        ("keys", keys.refresh, 30),
        ("origins", know_origins, 2),
        (
            "esia-renewal",
            partial(refresh_esia_tokens, new_uow=new_uow, esia=esia, clock=clock),
            5,
        ),
        ("esia-look", partial(_look_at, esia), 15),
        ("journal", partial(keep_journal, chain, witness, clock), 0.2),
        ("journal-months", partial(_months, database, clock), 3600),
        *_archiving(settings, database, clock, archive, access),
        ("outside-terms", _warnings(database, clock, terms, administration), 3600),
        ("erasures", partial(keep_erasures, parts=erasing), 2),
        ("closing", partial(close_rotated, parts=sessions), 1),
        ("sweep", partial(sweep, parts=sessions), 30),
    ]
    rules = _rules(settings)
    watch = JournalWatch(rules, _networks(settings), administration)

    async def know_policies() -> None:
        watch.adopt(with_policies(rules, await values_in_force(parts=access)))

    rounds.append(("policies", know_policies, 5))
    program.background("suspicion", _watching(database, watch))
    for name, work, seconds in rounds:
        program.background(name, repeated(name, work, seconds=seconds))
    await enter(server)


def _job(keys: SigningKeys, purpose: str) -> Callable[[], str]:
    """Tokens for background work of this program."""
    return lambda: keys.signer().job_token(NAME, purpose)[0]


def _handlers(sign_in: SignInParts, administration: AdministrationParts) -> RegisterHandlers:
    """What follows when a card of the register or a verdict about a worker changed."""

    async def card(worker: str, version: int, event: Event[Any]) -> None:
        await follow_register(
            worker,
            min_version=version,
            event=event,
            registers=sign_in.registers,
            posts=sign_in.posts,
            parts=administration,
        )

    async def verdicts(facts: Facts) -> None:
        await follow_many(facts, admissions=sign_in.admissions, parts=administration)

    return RegisterHandlers(card, verdicts)


def _face_people(server: GrpcServer, identity: IdentityParts, keeping: PasskeyParts) -> None:
    """What people do with their own proofs."""
    server.add(
        identity_servicer.SERVICE,
        identity_servicer.IdentityServicer(identity),
        add_IdentityServiceServicer_to_server,
    )
    server.add(
        passkey_servicer.SERVICE,
        passkey_servicer.PasskeyServicer(identity, keeping),
        add_PasskeyServiceServicer_to_server,
    )


def _face_administrators(
    server: GrpcServer,
    administration: AdministrationParts,
    access: AccessParts,
    erasing: ErasureParts,
) -> None:
    """What administrators and heads do, and rights beyond the matrix."""
    server.add(
        administration_rules.SERVICE,
        AdministrationServicer(administration),
        add_AdministrationServiceServicer_to_server,
    )
    server.add(
        incident_servicer.SERVICE,
        incident_servicer.IncidentServicer(administration),
        add_IncidentServiceServicer_to_server,
    )
    server.add(
        access_servicer.SERVICE,
        access_servicer.AccessServicer(access),
        add_AccessServiceServicer_to_server,
    )
    server.add(
        data_request_servicer.SERVICE,
        data_request_servicer.DataRequestServicer(access, erasing),
        add_DataRequestServiceServicer_to_server,
    )


def _rules(settings: Config) -> Rules:
    """What looks like a stranger: an operator's file as it stands, or the one in the package."""
    if settings.suspicion_file is not None:
        return Rules.read(tomllib.loads(settings.suspicion_file.read_text(encoding="utf-8")))
    return shipped.suspicion().times(settings.limit_factor)


def _networks(settings: Config) -> Networks:
    """Where addresses are; without a file nothing is known and no travel is impossible."""
    if settings.networks_file is None:
        return Networks()
    return Networks.read(settings.networks_file.read_text(encoding="utf-8").splitlines())


async def _watching(database: Database, watch: JournalWatch) -> None:
    """Look at the journal for ever, in one instance at a time."""
    while True:
        try:
            async with holding(database, "suspicion"):
                watch.forget()
                while True:
                    await watch.look()
                    await asyncio.sleep(_LOOK_SECONDS)
        except ServiceError as fault:
            log.warning("background.postponed", work="suspicion", reason=fault.reason)
        except Exception as fault:  # noqa: BLE001 - a look that failed must not end the looks
            log.error("background.failed", work="suspicion", kind=type(fault).__name__)
        await asyncio.sleep(1)


async def _esia(
    settings: Config, http: httpx2.AsyncClient, clock: Clock
) -> tuple[Esia, tuple[OutsideTerm, ...]]:
    """The way to ESIA that the settings choose, and what of it ends on a day."""
    policy = TokenPolicy(
        issuer=settings.esia_issuer,
        client_ids=frozenset({settings.esia_client_id}),
        certificates=TrustedCertificates(settings.esia_trust_certs_dir),
        algorithms=settings.jwt_algorithms,
        leeway_seconds=settings.esia_leeway_seconds,
    )
    if settings.esia_adapter == "gateway":
        log.info("esia.gateway_ready")
        return _gateway_esia(settings, http, clock, policy), ()
    direct, certificate = await _direct_esia(settings, http, clock, policy)
    if settings.esia_direct_until is None:
        return direct, (certificate,)
    known = settings.esia_gateway_url and settings.esia_gateway_secret.get_secret_value()
    after = _gateway_esia(settings, http, clock, policy) if known else None
    last_day = settings.esia_direct_until
    by_date = ByDate(before=direct, after=after, last_day=last_day, clock=clock)
    return by_date, (certificate, OutsideTerm(kind="ESIA_DIRECT_ENDS", last_day=last_day))


def _gateway_esia(
    settings: Config, http: httpx2.AsyncClient, clock: Clock, policy: TokenPolicy
) -> Esia:
    """Through a certified gateway."""
    return GatewayClient(
        transport=Transport(settings.esia_gateway_url, http, clock),
        policy=policy,
        clock=clock,
        public_url=settings.esia_gateway_public_url or settings.esia_gateway_url,
        client_id=settings.esia_client_id,
        client_secret=settings.esia_gateway_secret,
        scope=settings.esia_scopes,
    )


async def _direct_esia(
    settings: Config, http: httpx2.AsyncClient, clock: Clock, policy: TokenPolicy
) -> tuple[Esia, OutsideTerm]:
    """Signed by us, with the end of our certificate."""
    signer = await asyncio.to_thread(
        best_signer, settings.esia_client_key, settings.esia_client_cert
    )
    certificate = signer_self_test(signer)
    log.info(
        "esia.client_ready",
        signer=type(signer).__name__,
        certificate_hash=certificate.hash,
        certificate_end=certificate.not_after.isoformat(),
    )
    writer = RequestWriter(
        signer=signer,
        client_id=settings.esia_client_id,
        scope=settings.esia_scopes,
        scope_org=settings.esia_scope_org,
        person_filter=settings.esia_person_filter,
    )
    client = EsiaClient(
        transport=Transport(settings.esia_base_url, http, clock),
        writer=writer,
        policy=policy,
        clock=clock,
        public_url=settings.esia_public_url or settings.esia_base_url,
        redirect_uri=settings.origins[0] + CALLBACK_PATH,
    )
    last_day = day_in(MOSCOW, certificate.not_after)
    return client, OutsideTerm(kind="ESIA_CERTIFICATE_ENDS", last_day=last_day)


def _keepers(settings: Config) -> tuple[FolderWitness, FolderArchive]:
    """What is kept of the journal outside the database."""
    witness = FolderWitness(settings.audit_dir, settings.statement_key, settings.instance)
    witness.prepare()
    return witness, FolderArchive(settings.archive_folder, settings.statement_key)


async def _months(database: Database, clock: Clock) -> None:
    """Partitions of the journal for this month and the next ones."""
    await ensure_months(database, ("journal_entry",), clock.now())


def _archiving(
    settings: Config, database: Database, clock: Clock, archive: FolderArchive, access: AccessParts
) -> list[tuple[str, Callable[[], Awaitable[object]], float]]:
    """Archive and end months of the journal, in one instance at a time; where there is a place."""
    if settings.archive_dir is None:
        log.warning("journal.no_archive")
        return []
    parts = MonthParts(
        months=StoredMonths(database, clock),
        chain=StoredChain(database, clock),
        archive=archive,
        clock=clock,
        terms=partial(retention_in_force, parts=access),
    )

    async def work() -> None:
        async with holding(database, "journal-archive"):
            await keep_months(parts)

    return [("journal-archive", work, 3600)]


def _warnings(
    database: Database,
    clock: Clock,
    terms: tuple[OutsideTerm, ...],
    administration: AdministrationParts,
) -> Callable[[], Awaitable[object]]:
    """Tell security administrators of days to come: outside, and of assessments."""
    assessments = StoredAssessments(database, clock)

    async def work() -> None:
        dues = await terms_to_warn_of(
            terms=shipped.assessments(), assessments=assessments, clock=clock
        )
        await warn_of_terms([*terms, *dues], parts=administration)

    return work


async def _look_at(esia: Esia) -> None:
    """Keep what `GetSignInHealth` tells true while nobody signs in."""
    with suppress(ServiceError):
        await esia.probe()


def main() -> None:
    """Run until a signal. Raises pydantic.ValidationError naming a missing setting."""
    settings = Config.load()
    run(NAME, settings, partial(start, settings=settings))
