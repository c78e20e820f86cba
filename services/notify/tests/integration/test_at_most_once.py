"""A process that dies while a letter is handed over does not send it again."""

import asyncio
import signal
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.events import Bus

from .conftest import Suite
from .test_service import rows, tell, until

pytestmark = pytest.mark.servers


@pytest.fixture
async def bus(suite: Suite) -> AsyncIterator[Bus]:
    secret = suite.infra.nats_password("bootstrap")
    async with Bus(suite.infra.nats_url("bootstrap"), secret, name="test") as opened:
        await opened.ensure_stream("accreditation")
        yield opened


async def end_lease(suite: Suite, person: str) -> None:
    await rows(
        suite,
        "UPDATE delivery SET next_try_time = $2 WHERE person_id = $1 AND state = 'SENDING'",
        uuid.UUID(person),
        SystemClock().now(),
    )


async def ended(suite: Suite, person: str) -> Any:
    found = await rows(
        suite,
        "SELECT state, reason FROM delivery WHERE person_id = $1 AND next_try_time IS NULL",
        uuid.UUID(person),
    )
    return found[0] if found else None


async def test_killed_after_the_relay_has_the_letter_it_is_not_sent_again(
    suite: Suite, bus: Bus
) -> None:
    person, died = str(uuid.uuid4()), asyncio.Event()
    loop = asyncio.get_running_loop()

    def die() -> None:
        suite.stop(how=signal.SIGKILL)
        loop.call_soon_threadsafe(died.set)

    suite.relay.taken.append(die)
    await tell(bus, f"w-{person}")
    async with asyncio.timeout(30):
        await died.wait()
    suite.start()
    await end_lease(suite, person)
    end = await until(lambda: ended(suite, person), seconds=30)

    assert (end["state"], end["reason"]) == ("TECHNICAL_FAILURE", "END_UNKNOWN")
    assert len(suite.relay.to(person)) == 1


async def test_a_relay_that_refuses_in_words_is_asked_again(suite: Suite, bus: Bus) -> None:
    person = str(uuid.uuid4())
    suite.relay.answers.append("452 4.2.2 mailbox full")

    await tell(bus, f"w-{person}")
    found: Callable[[], Any] = lambda: suite.relay.to(person)  # noqa: E731 - a condition
    await until(found, seconds=40)

    end = await until(lambda: ended(suite, person))
    assert end["state"] == "DELIVERED"
