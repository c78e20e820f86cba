"""Facts over a real NATS: heard at once, and after a cut nothing is missed."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from google.protobuf.message import Message
from lkmr.accreditation.v1 import events_pb2 as accreditation_events
from lkmr.auth.v1 import events_pb2 as auth_events
from lkmr.notify.v1 import events_pb2 as notify_events
from played_cabinet import COOKIE, ENTRY_ID, PERSON, WORKER, Build, Cabinet, until

from lkmr_gateway.entry import key_of
from lkmr_servicekit.events import Announcement, Bus, headers_of

pytestmark = pytest.mark.servers


async def announce(bus: Bus, resource: str, message: Message) -> None:
    fact = Announcement(resource, message)
    headers = headers_of(fact, uuid.uuid4(), "test", datetime.now(UTC))
    await bus.client.publish(fact.subject, message.SerializeToString(), headers=headers)
    await bus.client.flush()


@pytest.fixture
async def hearing(build: Build, infra: Any) -> AsyncIterator[Cabinet]:
    secret = infra.nats_password("gateway")
    cabinet = await build(nats_url=infra.nats_url("gateway"), nats_password=secret)
    task = asyncio.create_task(cabinet.facts.run())
    await until(lambda: cabinet.facts.listens)
    yield cabinet
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def a_bus(infra: Any, service: str) -> Bus:
    return Bus(infra.nats_url(service), infra.nats_password(service), name=service)


async def test_a_revocation_reaches_the_gateway_at_once(hearing: Cabinet, infra: Any) -> None:
    hearing.signed_in()
    await hearing.get("/api/v1/session")
    assert len(hearing.parts.sessions) == 1

    async with await a_bus(infra, "auth") as bus:
        fact = auth_events.SessionRevoked(
            session="persons/1/sessions/2", session_hash=key_of(COOKIE.encode())
        )
        await announce(bus, fact.session, fact)
        await until(lambda: len(hearing.parts.sessions) == 0, seconds=1)


async def test_a_changed_entry_empties_the_cache(hearing: Cabinet, infra: Any) -> None:
    hearing.signed_in()
    await hearing.get("/api/v1/accreditations")
    assert hearing.parts.cache.bytes

    async with await a_bus(infra, "accreditation") as bus:
        name = f"workers/{WORKER}/accreditations/{ENTRY_ID}"
        fact = accreditation_events.AccreditationRecorded(accreditation=name, version=1)
        await announce(bus, name, fact)
        await until(lambda: not hearing.parts.cache.bytes, seconds=1)


async def test_nonsense_on_the_bus_is_passed_over(hearing: Cabinet, infra: Any) -> None:
    async with await a_bus(infra, "notify") as bus:
        await bus.client.publish("lkmr.notify.v1.message.created", b"\xff\xff")
        bad = notify_events.MessageCreated(message="persons/../messages")
        await announce(bus, "x", bad)
        good = notify_events.MessageCreated(message=f"persons/{PERSON}/messages/{ENTRY_ID}")
        await announce(bus, good.message, good)

    assert (await hearing.get("/healthz")).status_code == 200
    assert hearing.parts.gate is not None
