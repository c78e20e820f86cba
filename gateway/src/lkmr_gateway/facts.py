"""Facts of the services as they pass on the bus: they end sessions, empty caches, reach open pages.

Core NATS, without any promise; what a gap may have hidden is asked again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from google.protobuf.message import Message
from lkmr.accreditation.v1 import events_pb2 as accreditation
from lkmr.auth.v1 import events_pb2 as auth
from lkmr.education.v1 import events_pb2 as education
from lkmr.notify.v1 import events_pb2 as notify
from nats.aio.msg import Msg

from lkmr_gateway.cache import AnswerCache
from lkmr_gateway.session import Sessions
from lkmr_gateway.sse import Streams
from lkmr_gateway.trust import Hearing
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.events import Bus, event_of, subject_of
from lkmr_servicekit.resource_names import ids_in
from lkmr_servicekit.telemetry import counter, log

_LANES, _LANE_LENGTH = 16, 256
_REPLACED = "PROFILE_SWITCHED"
_heard = counter(
    "lkmr_gateway_facts_total", "Facts heard, by subject and outcome", ("subject", "outcome")
)


class Facts:
    """Hears facts for one gateway."""

    def __init__(
        self, bus: Bus, sessions: Sessions, streams: Streams, cache: AnswerCache, hearing: Hearing
    ) -> None:
        self._bus, self._sessions, self._streams = bus, sessions, streams
        self._cache, self._hearing = cache, hearing
        self.listens = False
        self._lanes: list[asyncio.Queue[tuple[str, str]]] = [
            asyncio.Queue(_LANE_LENGTH) for _ in range(_LANES)
        ]

    async def run(self) -> None:
        """Connect, however long it takes, and listen until cancelled."""
        async with self._bus:
            self._bus.on_reconnect(self._after_gap)
            await self._watch(auth.SessionRevoked, self._session_revoked)
            await self._watch(auth.SessionChanged, self._session_changed)
            await self._watch(auth.ErasureOrdered, self._erasure_ordered)
            for kind in (
                accreditation.AccreditationRecorded,
                accreditation.AccreditationChanged,
                accreditation.AccreditationAnnulled,
            ):
                await self._watch(kind, self._accreditation_changed)
            await self._watch(accreditation.ApplicationChanged, self._application_changed)
            for changed in (
                education.ActivityChanged,
                education.PlanItemChanged,
                education.CreditChanged,
            ):
                await self._watch(changed, self._education_changed)
            await self._watch(education.CreditsLoaded, self._credits_loaded)
            await self._watch(notify.MessageCreated, self._message_created)
            await self._after_gap()
            self.listens = True
            log.info("facts.listens")
            async with asyncio.TaskGroup() as group:
                group.create_task(self._hearing.follow(lambda: self._bus))
                for lane in self._lanes:
                    group.create_task(self._deliver(lane))

    async def _after_gap(self) -> None:
        self._hearing.gap()
        self._cache.clear()
        self._streams.all_behind()

    async def _watch(
        self, kind: type[Message], action: Callable[[str, Any], Awaitable[None]]
    ) -> None:
        subject = subject_of(kind)

        async def heard(message: Msg) -> None:
            try:
                event = event_of(kind, message.subject, message.headers, message.data)
                await action(event.resource, event.data)
            except (ValueError, KeyError, ServiceError) as fault:
                _heard.labels(subject, "unreadable").inc()
                log.warning("fact.unreadable", subject=subject, kind=type(fault).__name__)
            else:
                _heard.labels(subject, "heard").inc()

        await self._bus.watch(subject, heard)

    async def _session_revoked(self, _: str, fact: auth.SessionRevoked) -> None:
        self._sessions.revoke(bytes(fact.session_hash))
        if fact.reason == _REPLACED:
            self._streams.replaced(bytes(fact.session_hash))
        else:
            self._streams.end_session(bytes(fact.session_hash), _end_code(fact.reason))

    async def _session_changed(self, _: str, fact: auth.SessionChanged) -> None:
        self._sessions.ask_anew(bytes(fact.session_hash))

    async def _erasure_ordered(self, _: str, fact: auth.ErasureOrdered) -> None:
        """What is kept about the person is forgotten before its minute is over."""
        for owner in (fact.person, fact.worker):
            if owner:
                self._cache.flush(owner)

    async def _accreditation_changed(
        self, _: str, fact: accreditation.AccreditationChanged
    ) -> None:
        worker, identity = ids_in(fact.accreditation, "workers", "accreditations")
        UUID(identity)
        self._cache.flush(f"workers/{worker}")
        self._streams.changed(worker, fact.accreditation)

    async def _application_changed(self, _: str, fact: accreditation.ApplicationChanged) -> None:
        """An application on its way changes the state of the entry that it renews."""
        (worker,) = ids_in(fact.worker, "workers")
        UUID(worker)
        self._cache.flush(fact.worker)
        self._streams.changed(worker, fact.application)

    async def _education_changed(self, resource: str, _: Message) -> None:
        """Studies, plan or hours of a worker changed: open pages read anew."""
        worker = resource.partition("/")[2].partition("/")[0]
        UUID(worker)
        self._streams.changed(worker, resource)

    async def _credits_loaded(self, _: str, fact: education.CreditsLoaded) -> None:
        """Hours of many workers changed: those of them who look read anew."""
        for name in fact.workers:
            (worker,) = ids_in(name, "workers")
            UUID(worker)
            self._streams.changed(worker, name)

    async def _message_created(self, _: str, fact: notify.MessageCreated) -> None:
        person, _ = ids_in(fact.message, "persons", "messages")
        self._cache.flush(f"persons/{person}")
        if not self._streams.has_pages(person):
            return
        try:
            self._lanes[hash(person) % _LANES].put_nowait((person, fact.message))
        except asyncio.QueueFull:
            self._streams.person_behind(person)

    async def _deliver(self, lane: "asyncio.Queue[tuple[str, str]]") -> None:
        """One person's messages one after another."""
        while True:
            person, name = await lane.get()
            try:
                await self._streams.message_created(person, name)
            except Exception as fault:  # noqa: BLE001 - one odd message must not end the others
                log.error("fact.not_delivered", kind=type(fault).__name__)
                self._streams.person_behind(person)


def _end_code(reason: str) -> str:
    """What a page says: a session that its own person ended is simply over."""
    if reason == "SUSPICIOUS":
        return "LKMR-AUTH-020"
    return "LKMR-AUTH-002" if reason in {"SIGNED_OUT", "EXPIRED"} else "LKMR-AUTH-021"
