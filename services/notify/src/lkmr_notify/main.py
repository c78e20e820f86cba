"""Composition root: what the process can do, top to bottom."""

import asyncio
import random
import tomllib
from functools import partial
from importlib.resources import files

import httpx2
from lkmr.notify.v1.notify_service_pb2_grpc import add_NotifyServiceServicer_to_server

from lkmr_access.auth_client import AuthClient, revocations
from lkmr_notify.api.rules import RULES, SERVICE
from lkmr_notify.api.servicer import NotifyServicer
from lkmr_notify.clients.accreditations import AccreditationsClient
from lkmr_notify.clients.people import PeopleClient
from lkmr_notify.clients.sms import SmsSender
from lkmr_notify.clients.smtp import SmtpSender
from lkmr_notify.config import Config
from lkmr_notify.domain.delivery import Channel, Result
from lkmr_notify.domain.texts import Texts
from lkmr_notify.messaging.announce import delivery_failed, message_created
from lkmr_notify.messaging.handlers import KINDS, subscriptions
from lkmr_notify.storage.reader import PostgresMessageReader
from lkmr_notify.storage.unit_of_work import NotifyUnitOfWork
from lkmr_notify.storage.work import DeliveryLoop
from lkmr_notify.usecases.deliver import Deliverer
from lkmr_notify.usecases.ports import Delivery, Sender, Tell
from lkmr_notify.usecases.tell_about_accreditation import tell_about_accreditation
from lkmr_servicekit.audit_wire import OutboxJournal
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.grpc_client import JobTokens, Peer
from lkmr_servicekit.grpc_server import GrpcServer
from lkmr_servicekit.identity import TokenVerifier
from lkmr_servicekit.messaging import run_messaging
from lkmr_servicekit.program import Program, run
from lkmr_servicekit.telemetry import counter

NAME = "notify"
_tries = counter("lkmr_deliveries_total", "Tries of deliveries by end", ("channel", "outcome"))


async def start(program: Program, settings: Config) -> None:
    """Build everything and let it run."""
    enter, clock = program.stack.enter_async_context, SystemClock.from_env()
    database = await enter(Database(settings.database_dsn))
    program.health.checks["database"] = database.answers
    texts = load_texts()
    new_uow = partial(
        NotifyUnitOfWork, database, clock=clock, created=message_created, failed=delivery_failed
    )

    auth_peer = await enter(Peer("auth", settings.auth_url, tls_dir=settings.tls_dir))
    accreditation = await enter(
        Peer("accreditation", settings.accreditation_url, tls_dir=settings.tls_dir)
    )
    auth = AuthClient(auth_peer)
    tokens = JobTokens(auth.job_token, clock)
    people = PeopleClient(auth_peer, tokens.token)

    senders: dict[Channel, Sender] = {
        Channel.EMAIL: SmtpSender(
            settings.smtp_url, password=settings.smtp_password, mail_from=settings.mail_from
        )
    }
    if settings.sms_url:
        http = await enter(httpx2.AsyncClient(trust_env=False, follow_redirects=False))
        senders[Channel.SMS] = SmsSender(settings.sms_url, http)
    deliverer = Deliverer(
        people=people,
        senders=senders,
        texts=texts,
        new_uow=new_uow,
        clock=clock,
        cabinet_url=settings.cabinet_url,
        jitter=random.random,
        pause=asyncio.sleep,
        observe=_count_try,
    )
    loop = DeliveryLoop(database, work=deliverer.deliver_due, clock=clock)
    program.background("deliveries", loop.run())

    tell: Tell = partial(
        tell_about_accreditation,
        people=people,
        accreditations=AccreditationsClient(accreditation, tokens.token),
        texts=texts,
        new_uow=new_uow,
        clock=clock,
    )
    verifier = TokenVerifier(auth.verification_keys, clock)
    messaging = run_messaging(
        settings,
        service=NAME,
        database=database,
        clock=clock,
        subscriptions=subscriptions(tell),
        watchers=revocations(verifier),
    )
    program.background("messaging", messaging)

    server = GrpcServer(
        NAME,
        settings.grpc_listen,
        tls_dir=settings.tls_dir,
        rules=RULES,
        verifier=verifier,
        journal=OutboxJournal(database, NAME, clock),
    )
    servicer = NotifyServicer(PostgresMessageReader(database), new_uow, clock)
    server.add(SERVICE, servicer, add_NotifyServiceServicer_to_server)
    await enter(server)


def load_texts() -> Texts:
    """The texts in the package. Raises LookupError when a kind has none."""
    content = files("lkmr_notify").joinpath("templates.toml").read_text(encoding="utf-8")
    texts = Texts(tomllib.loads(content))
    if missing := KINDS - texts.kinds:
        raise LookupError(f"kinds without a text: {sorted(missing)}")
    return texts


def _count_try(delivery: Delivery, result: Result) -> None:
    _tries.labels(delivery.channel.value, result.outcome.name).inc()


def main() -> None:
    """Run until a signal. Raises pydantic.ValidationError naming a missing setting."""
    settings = Config.load()
    run(NAME, settings, partial(start, settings=settings))
