"""Composition of the gateway process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import urlsplit

from lkmr_esia import TokenPolicy, TrustedCertificates
from lkmr_gateway import limits
from lkmr_gateway.app import application
from lkmr_gateway.backends import (
    access,
    accreditation,
    administration,
    applications,
    auth,
    compliance,
    data_requests,
    documents,
    drafts,
    education,
    education_outside,
    education_reports,
    egisz_bridge,
    identity,
    incidents,
    journal,
    notify,
    passkeys,
)
from lkmr_gateway.backends.notify_administration import Operators
from lkmr_gateway.backends.repeatable import repeatable
from lkmr_gateway.cache import AnswerCache
from lkmr_gateway.composer import Composer
from lkmr_gateway.config import Config
from lkmr_gateway.csrf import Csrf
from lkmr_gateway.edge import Edge, EdgeRules
from lkmr_gateway.entry import Entry
from lkmr_gateway.esia import EsiaTokens
from lkmr_gateway.facts import Facts
from lkmr_gateway.gate import HEAVY_AT_ONCE, Gate
from lkmr_gateway.journal import Acts, Spool
from lkmr_gateway.listen import Connections, configuration, listening
from lkmr_gateway.lost_form import keep_lost_form
from lkmr_gateway.measures import Requests
from lkmr_gateway.pages.assets import assets
from lkmr_gateway.pages.render import environment
from lkmr_gateway.parts import Parts
from lkmr_gateway.portal import PortalPages
from lkmr_gateway.session import Sessions
from lkmr_gateway.sse import PER_SESSION, Inbox, Streams
from lkmr_gateway.systems import Systems
from lkmr_gateway.trust import Hearing
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.events import Bus
from lkmr_servicekit.grpc_client import Peer
from lkmr_servicekit.health import Health
from lkmr_servicekit.program import Program, run
from lkmr_servicekit.telemetry import log

_ORIGINS_SECONDS = 2.0


def main() -> None:
    """Run the gateway until it is told to stop."""
    settings = Config.load()

    async def start(program: Program) -> None:
        await serve(program, settings)

    run("gateway", settings, start)


async def serve(program: Program, settings: Config) -> None:
    """Build everything and open the listeners."""
    environment()
    assets()
    peers = [
        await program.stack.enter_async_context(
            Peer(name, target, tls_dir=settings.tls_dir, repeatable=repeatable(name))
        )
        for name, target in (
            ("auth", settings.auth_url),
            ("accreditation", settings.accreditation_url),
            ("notify", settings.notify_url),
            ("egisz-bridge", settings.egisz_bridge_url),
            ("education", settings.education_url),
        )
    ]
    parts, edge, facts, connections = build(program.health, settings, peers)
    edge.requests.register()
    program.background("load", edge.load.measure())
    program.background("facts", facts.run())
    known = follow_origins(edge, parts.administration.origins, settings.authorities)
    program.background("origins", known)
    program.background("activity", parts.sessions.report())
    program.background("journal", parts.acts.run())
    program.background("catch-up", parts.streams.catch_up())
    program.stack.push_async_callback(parts.sessions.report_due, 0.0)
    if settings.https_listen and settings.https_cert and settings.https_key:
        pair = (settings.https_cert, settings.https_key)
        await program.stack.enter_async_context(
            listening(configuration(edge, settings.https_listen, connections, pair))
        )
    if settings.http_listen:
        await program.stack.enter_async_context(
            listening(configuration(edge, settings.http_listen, connections))
        )
    await program.stack.enter_async_context(draining(parts.streams, settings.drain_seconds))


def build(
    health: Health, settings: Config, peers: list[Peer]
) -> tuple[Parts, Edge, Facts, Connections]:
    """The parts of a gateway over its peers, in the order of `serve`."""
    clock = SystemClock.from_env()
    to_auth, to_identity = auth.Auth(peers[0]), identity.Identity(peers[0])
    to_accreditation = accreditation.Accreditations(peers[1])
    to_notify = notify.Inbox(peers[2])
    to_bridge = egisz_bridge.EgiszBridge(peers[3])
    factor, replicas = settings.limit_factor, settings.replicas
    hearing = Hearing()
    policy = TokenPolicy(
        issuer=settings.esia_issuer,
        client_ids=frozenset({settings.esia_client_id}),
        certificates=TrustedCertificates(settings.esia_trust_certs_dir),
    )
    sessions = Sessions(
        resolve=to_auth.resolve,
        touch=to_auth.touch,
        verify=EsiaTokens(policy, clock).verify,
        hearing=hearing,
        clock=clock,
        size=settings.session_cache_size,
    )
    cache = AnswerCache(settings.answer_cache_bytes)
    csrf = Csrf(settings.csrf_key.get_secret_value())

    async def renew(entry: Entry) -> Entry:
        return sessions.peek(entry.key, entry.agent) or await sessions.resolve(
            entry.key, entry.agent
        )

    streams = Streams(
        Inbox(
            read=lambda entry, name: _body(to_notify.read(name, entry.token)),
            since=lambda entry, last: to_notify.since(
                f"persons/{entry.person}/messages/{last}", entry.token
            ),
            newest=lambda entry: _body(to_notify.page(entry.token)),
        ),
        clock,
        renew,
        per_session=int(PER_SESSION * max(1.0, factor)),
        total=10_000,
    )
    sessions.on_end(streams.end_session)
    spool = Spool(settings.spool_dir / "acts") if settings.spool_dir else None
    acts = Acts(to_auth.record_acts, spool)
    gate = Gate(
        sessions=sessions,
        csrf=csrf,
        acts=acts,
        clock=clock,
        by_session=limits.Buckets(limits.SESSION_RATE.scaled(factor, replicas)),
        by_person=limits.Buckets(limits.PERSON_RATE.scaled(factor, replicas)),
        heavy=limits.Buckets(limits.HEAVY_RATE.scaled(factor, replicas)),
        renew=to_identity.renew,
        heavy_at_once=HEAVY_AT_ONCE * max(1.0, factor),
    )
    composer = Composer(
        csrf, clock, PortalPages(settings.esia_base_url.rstrip("/"), settings.portal_pages)
    )
    parts = Parts(
        clock=clock,
        health=health,
        auth=to_auth,
        identity=to_identity,
        passkeys=passkeys.Passkeys(peers[0]),
        access=access.Access(peers[0]),
        drafts=drafts.Drafts(peers[0]),
        data_requests=data_requests.DataRequests(peers[0]),
        administration=administration.Administration(peers[0]),
        incidents=incidents.Incidents(peers[0]),
        accreditations=to_accreditation,
        applications=applications.Applications(peers[1]),
        compliance=compliance.Compliance(peers[1]),
        inbox=to_notify,
        operators=Operators(peers[2]),
        education=education.Education(peers[4]),
        education_outside=education_outside.EducationOutside(peers[4]),
        documents=documents.Documents(peers[1]),
        education_reports=education_reports.EducationReports(peers[4]),
        sessions=sessions,
        streams=streams,
        gate=gate,
        acts=acts,
        journal=journal.Journal(peers[0]),
        csrf=csrf,
        composer=composer,
        systems=Systems(to_auth, to_bridge, tuple(peers), clock),
        cache=cache if settings.answer_cache else None,
        public_origin=settings.origins[0] if settings.origins else "",
    )
    requests = Requests()
    load = limits.Load(int(settings.inflight_limit * settings.load_factor))
    connections = Connections(settings.load_factor, max(1.0, factor), streams)
    requests.gauges.update(
        {
            "lkmr_gateway_acts_waiting": ("Acts that auth has not taken", lambda: acts.waiting),
            "lkmr_gateway_sessions": ("Sessions in memory", lambda: len(sessions)),
            "lkmr_gateway_streams": ("Open event streams", lambda: streams.count),
            "lkmr_gateway_in_flight": ("Requests under way", lambda: load.in_flight),
            "lkmr_gateway_cache_bytes": ("Bytes of kept answers", lambda: cache.bytes),
            "lkmr_gateway_cache_hits": ("Answers given from memory", lambda: cache.hits),
            "lkmr_gateway_loop_lag_seconds": ("How long ready work waits", lambda: load.lag),
        }
    )
    edge = Edge(
        application(parts),
        rules=EdgeRules(
            authorities=settings.authorities,
            form_origins=settings.esia_origins,
            address_header=settings.client_address_header.lower().encode(),
            log_ratio=settings.access_log_ratio,
        ),
        load=load,
        addresses=limits.Buckets(limits.ADDRESS_RATE.scaled(factor, replicas)),
        page_of=composer.fault_page,
        record=gate.record,
        keep_form=partial(keep_lost_form, parts.drafts),
        clock=clock,
        requests=requests,
    )
    bus = Bus(settings.nats_url, settings.nats_password.get_secret_value(), name="gateway")
    facts = Facts(bus, sessions, streams, cache, hearing)
    return parts, edge, facts, connections


async def follow_origins(
    edge: Edge, ask: Callable[[], Awaitable[frozenset[str]]], own: frozenset[bytes]
) -> None:
    """Answer at the addresses of the organisations too; they count within seconds."""
    while True:
        try:
            added = await ask()
        except ServiceError as fault:
            log.warning("origins.not_read", reason=fault.reason)
        else:
            edge.authorities = own | {urlsplit(one).netloc.encode() for one in added}
        await asyncio.sleep(_ORIGINS_SECONDS)


async def _body(read: Awaitable[tuple[bytes, str]]) -> bytes:
    return (await read)[0]


@asynccontextmanager
async def draining(streams: Streams, seconds: float) -> AsyncIterator[None]:
    """At the end: pages are told to connect elsewhere, then a moment for balancers to see it."""
    try:
        yield
    finally:
        streams.drain()
        await asyncio.sleep(seconds)
