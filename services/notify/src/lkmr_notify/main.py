"""Composition root: what the process can do, top to bottom."""

import asyncio
import random
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from typing import Any

import httpx2
from lkmr.notify.v1.events_pb2 import ErasureReported
from lkmr.notify.v1.notify_administration_service_pb2_grpc import (
    add_NotifyAdministrationServiceServicer_to_server,
)
from lkmr.notify.v1.notify_service_pb2_grpc import add_NotifyServiceServicer_to_server

from lkmr_access.auth_client import AuthClient, revocations
from lkmr_access.erasure_wire import ErasureHandler
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
from lkmr_notify.domain.reminders import Profile, read_profiles
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
from lkmr_notify.usecases.announce import (
    Announcing,
    announce_law_change,
    bring_portions,
    settle_steered,
)
from lkmr_notify.usecases.browsers import PushHosts
from lkmr_notify.usecases.courier import Courier
from lkmr_notify.usecases.deliver import Delivering
from lkmr_notify.usecases.digests import send_digests
from lkmr_notify.usecases.note_bounce import note_bounce
from lkmr_notify.usecases.notes import Notes
from lkmr_notify.usecases.ports import Delivery, Facts
from lkmr_notify.usecases.preferences import Choosing
from lkmr_notify.usecases.remind import Reminding, remind_due
from lkmr_notify.usecases.seal_texts import seal_texts
from lkmr_notify.usecases.tell_of_fact import Fact, Telling, tell_of_facts
from lkmr_notify.usecases.terms import Planning, TermSource, note_terms
from lkmr_notify.usecases.unsubscribe_links import UnsubscribeLinks
from lkmr_notify.usecases.work import NewUnitOfWork
from lkmr_servicekit.audit_wire import OutboxJournal
from lkmr_servicekit.clock import Clock, SystemClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.grpc_client import JobTokens, Peer
from lkmr_servicekit.grpc_server import GrpcServer
from lkmr_servicekit.identity import TokenVerifier
from lkmr_servicekit.keys import open_keyring
from lkmr_servicekit.messaging import run_messaging
from lkmr_servicekit.program import Program, run
from lkmr_servicekit.telemetry import counter

NAME = "notify"
_tries = counter("lkmr_deliveries_total", "Tries of deliveries by end", ("channel", "outcome"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What the parts of the process share."""

    program: Program
    settings: Config
    clock: Clock
    database: Database
    ring: KeyRing
    texts: Texts
    rules: Rules
    new_uow: Callable[[], NotifyUnitOfWork]
    auth: AuthClient
    people: PeopleClient
    facts: Mapping[str, Facts]
    links: UnsubscribeLinks
    vapid: Vapid | None


async def start(program: Program, settings: Config) -> None:
    """Build everything and let it run."""
    base = await _base(program, settings)
    await _send(base)
    announcing = Announcing(
        people=base.people,
        rules=base.rules,
        texts=base.texts,
        new_uow=base.new_uow,
        clock=base.clock,
    )
    _work_in_rounds(base, announcing)
    verifier = TokenVerifier(base.auth.verification_keys, base.clock)
    _listen(base, announcing, verifier)
    await _serve(base, announcing, verifier)


async def _base(program: Program, settings: Config) -> Base:
    enter, clock = program.stack.enter_async_context, SystemClock.from_env()
    database = await enter(Database(settings.database_dsn))
    program.health.checks["database"] = database.answers
    ring = await open_keyring(NAME, settings, OutboxJournal(database, NAME, clock))
    texts, rules = load_data()
    peers = [
        await enter(Peer(name, url, tls_dir=settings.tls_dir))
        for name, url in (
            ("auth", settings.auth_url),
            ("accreditation", settings.accreditation_url),
        )
    ]
    auth = AuthClient(peers[0])
    tokens = JobTokens(auth.job_token, clock)
    secret = settings.vapid_key.get_secret_value()
    return Base(
        program=program,
        settings=settings,
        clock=clock,
        database=database,
        ring=ring,
        texts=texts,
        rules=rules,
        new_uow=partial(
            NotifyUnitOfWork,
            database,
            ring,
            clock=clock,
            created=message_created,
            failed=delivery_failed,
        ),
        auth=auth,
        people=PeopleClient(peers[0], tokens.token),
        facts={"accreditation": AccreditationsClient(peers[1], tokens.token)},
        links=UnsubscribeLinks(settings.cabinet_url, partial(ring.index, "unsubscribe")),
        vapid=Vapid(secret, settings.vapid_contact, clock) if secret else None,
    )


async def _send(base: Base) -> None:
    """What is due goes out; letters that come back are noted."""
    settings, enter = base.settings, base.program.stack.enter_async_context
    http = await enter(httpx2.AsyncClient(trust_env=False, follow_redirects=False))
    smtp = smtp_sender(settings)
    base.program.stack.push_async_callback(smtp.close)
    browsers = BrowserReader(base.database, base.ring)
    push = push_sender(base.vapid, http, browsers=browsers.of, forget=browsers.forget)
    delivering = Delivering(
        people=base.people,
        senders=senders_of(smtp, settings.sms_url, push, http),
        texts=base.texts,
        rules=base.rules,
        notes=Notes(base.new_uow, base.clock),
        clock=base.clock,
        cabinet_url=settings.cabinet_url,
        unsubscribe=lambda one, group: base.links.link(one.person, group),
        jitter=random.random,
        pause=asyncio.sleep,
        observe=_count_try,
    )
    courier = Courier(
        delivering,
        new_uow=base.new_uow,
        places=settings.send_places,
        bulk_places=settings.send_places // 2,
    )
    loop = DeliveryLoop(base.database, work=courier, clock=base.clock)
    base.program.background("deliveries", loop.run())
    if settings.bounce_listen and settings.bounce_domain:
        taker = partial(_note_bounce, base.new_uow, base.clock)
        place = (settings.bounce_listen, settings.bounce_domain)
        await enter(bounce_door(*place, taker, tls_dir=settings.tls_dir))


def _work_in_rounds(base: Base, announcing: Announcing) -> None:
    """Reminders and digests that are due, portions of announcements."""
    reminding = Reminding(
        people=base.people,
        facts=base.facts,
        rules=base.rules,
        texts=base.texts,
        profiles=reminder_profiles(),
        new_uow=base.new_uow,
        clock=base.clock,
    )

    async def remind() -> int:
        gathered = await send_digests(texts=base.texts, new_uow=base.new_uow, clock=base.clock)
        return gathered + await remind_due(reminding)

    async def announce() -> int:
        followed = await settle_steered(announcing)
        return followed + await bring_portions(announcing)

    for name, work in (
        ("reminders", remind),
        ("announcements", announce),
        ("seals", partial(seal_texts, base.new_uow)),
    ):
        base.program.background(name, rounds(base.database, name, work))


def _listen(base: Base, announcing: Announcing, verifier: TokenVerifier) -> None:
    """Facts of other services become messages, terms and announcements."""
    planning = Planning(profiles=reminder_profiles(), new_uow=base.new_uow, clock=base.clock)
    telling = Telling(
        people=base.people,
        facts=base.facts,
        rules=base.rules,
        texts=base.texts,
        new_uow=base.new_uow,
        clock=base.clock,
    )

    async def tell(facts: Sequence[Fact], consumer: str) -> object:
        return await tell_of_facts(facts, consumer=consumer, parts=telling)

    async def note(facts: Sequence[Fact], source: TermSource, consumer: str) -> object:
        return await note_terms(facts, source, consumer=consumer, parts=planning)

    erasures = ErasureHandler(NAME, ErasureReported, new_uow=base.new_uow, clock=base.clock)
    messaging = run_messaging(
        base.settings,
        service=NAME,
        database=base.database,
        clock=base.clock,
        subscriptions=[
            *subscriptions(base.rules.events, tell),
            *term_subscriptions(term_sources(), note),
            *law_subscriptions(partial(announce_law_change, parts=announcing)),
            erasures.subscription(),
        ],
        watchers=revocations(verifier),
    )
    base.program.background("messaging", messaging)


async def _serve(base: Base, announcing: Announcing, verifier: TokenVerifier) -> None:
    """The inbox and preferences for people, announcements and deliveries for operators."""
    server = GrpcServer(
        NAME,
        base.settings.grpc_listen,
        tls_dir=base.settings.tls_dir,
        rules=RULES | ADMINISTRATION_RULES,
        verifier=verifier,
        journal=OutboxJournal(base.database, NAME, base.clock),
    )
    servicer = NotifyServicer(
        reader=PostgresMessageReader(base.database, base.ring),
        new_uow=base.new_uow,
        clock=base.clock,
        choosing=Choosing(
            people=base.people, rules=base.rules, new_uow=base.new_uow, clock=base.clock
        ),
        links=base.links,
        push_key=base.vapid.public_key if base.vapid else "",
        push_hosts=PushHosts.listed(base.settings.push_hosts),
    )
    server.add(SERVICE, servicer, add_NotifyServiceServicer_to_server)
    administration = AdministrationServicer(
        parts=announcing,
        announcements=AnnouncementReader(base.database),
        operators=OperatorReader(base.database),
    )
    server.add(ADMINISTRATION, administration, add_NotifyAdministrationServiceServicer_to_server)
    await base.program.stack.enter_async_context(server)


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


def reminder_profiles() -> dict[str, Profile]:
    """When to remind of terms of each kind."""
    return read_profiles(_toml("reminders.toml"))


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
