"""Composition root: what the process can do, top to bottom."""

import asyncio
import random
import tomllib
from functools import partial
from importlib.resources import files
from typing import Any

import httpx2
from lkmr.notify.v1.notify_administration_service_pb2_grpc import (
    add_NotifyAdministrationServiceServicer_to_server,
)
from lkmr.notify.v1.notify_service_pb2_grpc import add_NotifyServiceServicer_to_server

from lkmr_access.auth_client import AuthClient, revocations
from lkmr_notify.api.administration_rules import RULES as ADMINISTRATION_RULES
from lkmr_notify.api.administration_rules import SERVICE as ADMINISTRATION
from lkmr_notify.api.administration_servicer import AdministrationServicer
from lkmr_notify.api.rules import RULES, SERVICE
from lkmr_notify.api.servicer import NotifyServicer
from lkmr_notify.clients.accreditations import AccreditationsClient
from lkmr_notify.clients.bounces import bounce_of
from lkmr_notify.clients.people import PeopleClient
from lkmr_notify.clients.senders import (
    SmtpSender,
    Vapid,
    letter_signer,
    push_sender,
    senders_of,
)
from lkmr_notify.config import Config
from lkmr_notify.domain.delivery import Result
from lkmr_notify.domain.reminders import read_profiles
from lkmr_notify.domain.rules import Rules
from lkmr_notify.domain.texts import Texts
from lkmr_notify.messaging.announce import delivery_failed, message_created
from lkmr_notify.messaging.bounces import bounce_door
from lkmr_notify.messaging.handlers import law_subscriptions, subscriptions, term_subscriptions
from lkmr_notify.storage.announcements import AnnouncementReader
from lkmr_notify.storage.browsers import BrowserReader
from lkmr_notify.storage.operators import OperatorReader
from lkmr_notify.storage.reader import PostgresMessageReader
from lkmr_notify.storage.rounds import rounds
from lkmr_notify.storage.unit_of_work import NotifyUnitOfWork
from lkmr_notify.storage.work import DeliveryLoop
from lkmr_notify.usecases.announce import Announcing, announce_law_change, bring_portions
from lkmr_notify.usecases.browsers import PushHosts
from lkmr_notify.usecases.deliver import Courier, Delivering
from lkmr_notify.usecases.digests import send_digests
from lkmr_notify.usecases.note_bounce import note_bounce
from lkmr_notify.usecases.ports import Delivery
from lkmr_notify.usecases.tell_of_fact import Fact, Telling, tell_of_fact
from lkmr_notify.usecases.terms import Reminding, TermSource, note_term, remind_due
from lkmr_notify.usecases.unsubscribe_links import UnsubscribeLinks
from lkmr_notify.usecases.work import NewUnitOfWork
from lkmr_servicekit.audit_wire import OutboxJournal
from lkmr_servicekit.clock import Clock, SystemClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.grpc_client import JobTokens, Peer
from lkmr_servicekit.grpc_server import GrpcServer
from lkmr_servicekit.identity import TokenVerifier
from lkmr_servicekit.keys import open_keyring
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
    ring = await open_keyring(NAME, settings, OutboxJournal(database, NAME, clock))
    texts, rules = load_data()
    new_uow = partial(
        NotifyUnitOfWork,
        database,
        ring,
        clock=clock,
        created=message_created,
        failed=delivery_failed,
    )

    auth_peer = await enter(Peer("auth", settings.auth_url, tls_dir=settings.tls_dir))
    accreditation = await enter(
        Peer("accreditation", settings.accreditation_url, tls_dir=settings.tls_dir)
    )
    auth = AuthClient(auth_peer)
    tokens = JobTokens(auth.job_token, clock)
    people = PeopleClient(auth_peer, tokens.token)
    facts = {"accreditation": AccreditationsClient(accreditation, tokens.token)}
    links = UnsubscribeLinks(settings.cabinet_url, partial(ring.index, "unsubscribe"))

    secret = settings.vapid_key.get_secret_value()
    vapid = Vapid(secret, settings.vapid_contact, clock) if secret else None
    http = await enter(httpx2.AsyncClient(trust_env=False, follow_redirects=False))
    smtp = smtp_sender(settings)
    program.stack.push_async_callback(smtp.close)
    readers = BrowserReader(database, ring)
    push = push_sender(vapid, http, browsers=readers.of, forget=readers.forget)
    delivering = Delivering(
        people=people,
        senders=senders_of(smtp, settings.sms_url, push, http),
        texts=texts,
        rules=rules,
        new_uow=new_uow,
        clock=clock,
        cabinet_url=settings.cabinet_url,
        unsubscribe=lambda one, group: links.link(one.person, group),
        jitter=random.random,
        pause=asyncio.sleep,
        observe=_count_try,
    )
    courier = Courier(
        delivering, places=settings.send_places, bulk_places=settings.send_places // 2
    )
    program.background("deliveries", DeliveryLoop(database, work=courier, clock=clock).run())
    if settings.bounce_listen and settings.bounce_domain:
        taker = partial(_note_bounce, new_uow, clock)
        await enter(bounce_door(settings.bounce_listen, settings.bounce_domain, taker))

    telling = Telling(
        people=people, facts=facts, rules=rules, texts=texts, new_uow=new_uow, clock=clock
    )

    reminding = Reminding(
        people=people,
        facts=facts,
        rules=rules,
        texts=texts,
        profiles=read_profiles(_toml("reminders.toml")),
        new_uow=new_uow,
        clock=clock,
    )
    announcing = Announcing(people=people, rules=rules, texts=texts, new_uow=new_uow, clock=clock)

    async def tell(fact: Fact, consumer: str) -> object:
        return await tell_of_fact(fact, consumer=consumer, parts=telling)

    async def note(fact: Fact, source: TermSource, consumer: str) -> object:
        return await note_term(fact, source, consumer=consumer, parts=reminding)

    async def house() -> int:
        gathered = await send_digests(texts=texts, new_uow=new_uow, clock=clock)
        return gathered + await remind_due(reminding)

    program.background("reminders", rounds(database, "reminders", house))
    program.background(
        "announcements", rounds(database, "announcements", partial(bring_portions, announcing))
    )

    verifier = TokenVerifier(auth.verification_keys, clock)
    messaging = run_messaging(
        settings,
        service=NAME,
        database=database,
        clock=clock,
        subscriptions=[
            *subscriptions(rules.events, tell),
            *term_subscriptions(term_sources(), note),
            *law_subscriptions(partial(announce_law_change, parts=announcing)),
        ],
        watchers=revocations(verifier),
    )
    program.background("messaging", messaging)

    server = GrpcServer(
        NAME,
        settings.grpc_listen,
        tls_dir=settings.tls_dir,
        rules=RULES | ADMINISTRATION_RULES,
        verifier=verifier,
        journal=OutboxJournal(database, NAME, clock),
    )
    servicer = NotifyServicer(
        reader=PostgresMessageReader(database),
        new_uow=new_uow,
        clock=clock,
        people=people,
        links=links,
        push_key=vapid.public_key if vapid else "",
        push_hosts=push_hosts(settings.push_hosts),
    )
    server.add(SERVICE, servicer, add_NotifyServiceServicer_to_server)
    administration = AdministrationServicer(
        parts=announcing,
        announcements=AnnouncementReader(database),
        operators=OperatorReader(database),
    )
    server.add(ADMINISTRATION, administration, add_NotifyAdministrationServiceServicer_to_server)
    await enter(server)


def smtp_sender(settings: Config) -> SmtpSender:
    """The sender of letters. Raises ValueError, OSError for a setting that does not fit."""
    return SmtpSender(
        settings.smtp_url,
        password=settings.smtp_password,
        mail_from=settings.mail_from,
        sign=letter_signer(settings.dkim_domain, settings.dkim_selector, settings.dkim_key_file),
        bounces=settings.bounce_domain,
        ca_file=settings.smtp_ca,
    )


def push_hosts(text: str) -> PushHosts:
    """Hosts and, for development, origins without TLS."""
    names = frozenset(one.strip() for one in text.split(",") if one.strip())
    plain = frozenset(one for one in names if one.startswith("http://"))
    return PushHosts(names - plain, plain)


def term_sources() -> list[TermSource]:
    """The events that tell of terms."""
    return [TermSource(**one) for one in _toml("rules.toml")["term"]]


def load_data() -> tuple[Texts, Rules]:
    """Texts and rules of the package. Raises LookupError, ValueError when they do not fit."""
    texts = Texts(_toml("templates.toml"))
    return texts, Rules(_toml("rules.toml"), texts.kinds)


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(files("lkmr_notify").joinpath(name).read_text(encoding="utf-8"))


async def _note_bounce(new_uow: NewUnitOfWork, clock: Clock, recipient: str, content: bytes) -> str:
    bounce = bounce_of(recipient, content)
    if bounce is None:
        return "unreadable"
    if not bounce.permanent:
        return "passing"
    known = await note_bounce(
        bounce.delivery, bounce.made, bounce.reason, new_uow=new_uow, clock=clock
    )
    return "noted" if known else "unknown"


def _count_try(delivery: Delivery, result: Result) -> None:
    _tries.labels(delivery.channel.value, result.outcome.name).inc()


def main() -> None:
    """Run until a signal. Raises pydantic.ValidationError naming a missing setting."""
    settings = Config.load()
    run(NAME, settings, partial(start, settings=settings))
