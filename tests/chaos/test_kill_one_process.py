"""kill -9 of any one process while a journey runs: it goes on, and nothing is lost or doubled."""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
from nats.aio.client import Client

from lkmr_rig.layout import PROGRAMS, SERVICES
from lkmr_rig.threaded import ThreadedSuite

from ..support.events import OpenPage
from ..support.own_suite import eventually, eventually_nothing, own_suite, rows, with_streams
from ..support.visitor import Visitor
from .changes import WALKER, WITNESS, Change, Register, Walk, about_changes, tells_of

pytestmark = pytest.mark.journey

ROLES = ("notify", "accreditation", "nats", "egisz-bridge", "postgres", "gateway", "auth")
SOAK_ROUNDS = 4
GOES_ON_SECONDS = 60
ALL_ARRIVED_SECONDS = 150  # a mail that was on its way when notify died waits for its lease, 90 s
LAST_RETRY_SECONDS = 240  # after eight failed deliveries an event rests for two minutes
KILL_WITHIN_SECONDS = 0.8  # a change needs about as long from the register to the mailbox
BURST = 8
SEED = int(os.environ.get("LKMR_CHAOS_SEED", "20261124"))


@pytest.fixture
def suite() -> Iterator[ThreadedSuite]:
    with own_suite("chaos") as started:
        yield started


@pytest.mark.proves("F-258")
def test_each_process_dies_once_and_nothing_is_lost_or_doubled(suite: ThreadedSuite) -> None:
    survive(suite, ROLES)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_many_deaths_in_turn_lose_and_double_nothing(suite: ThreadedSuite) -> None:
    survive(suite, ROLES * SOAK_ROUNDS)


def survive(suite: ThreadedSuite, roles: tuple[str, ...]) -> None:
    """Kill one role after another at random moments of a running journey; then count."""
    chance = random.Random(SEED)  # noqa: S311 - the same moments in each run
    with Visitor(suite) as walker, Visitor(suite) as witness:
        for visitor, worker in ((walker, WALKER), (witness, WITNESS)):
            visitor.sign_in(worker.login)
        registers = [Register(walker, WALKER), Register(witness, WITNESS)]
        for register in registers:  # what stands there at the first reading is no news
            assert register.pages("accreditations")
        with Walk(registers[0]) as walk, OpenPage(witness) as page:
            registers[1].wait_for(registers[1].record(), GOES_ON_SECONDS)
            for role in roles:
                journey_after_death_of(
                    suite, role, registers[1], chance.uniform(0, KILL_WITHIN_SECONDS)
                )
                assert walk.faults == []
            page_heard_each_message_once(page, registers[1])
        assert walk.faults == []
        for register in registers:
            everything_arrived_once(suite, register, notify_deaths=roles.count("notify"))
    nothing_is_left_over(suite)


def journey_after_death_of(
    suite: ThreadedSuite, role: str, register: Register, moment: float
) -> None:
    """Kill a role so many seconds after a burst of changes; they and later ones get through."""
    in_flight = [register.record() for _ in range(BURST)]
    time.sleep(moment)
    pid = suite.kill(role)
    suite.wait_restarted(role, after=pid)
    entry = register.record()
    register.wait_for(entry, GOES_ON_SECONDS)
    register.wait_for(register.annul(entry), GOES_ON_SECONDS)
    for change in in_flight:
        register.wait_for(change, GOES_ON_SECONDS, mail=False)
    if role == "auth":
        with Visitor(suite) as newcomer:
            newcomer.sign_in("sidorova")
            assert newcomer.api("session")["roles"] == ["NURSE"]


def page_heard_each_message_once(page: OpenPage, register: Register) -> None:
    """A page that stayed open, however often it had to connect again."""
    wanted = [str(one["id"]) for one in register.told()]

    def heard() -> list[str]:
        return [str(one["id"]) for one in about_changes(page.data_of("message"))]

    eventually(
        lambda: len(heard()) >= len(wanted), GOES_ON_SECONDS, "all messages on the open page"
    )
    assert sorted(heard()) == sorted(wanted)
    assert page.data_of("session_ended") == []
    assert page.connections > 1


def everything_arrived_once(
    suite: ThreadedSuite, register: Register, *, notify_deaths: int
) -> None:
    """Each change: one entry, one message, at most one e-mail, and one unless notify died."""
    wanted = Counter((change.kind, change.specialty) for change in register.made)
    assert set(wanted.values()) == {1}

    def told() -> list[dict[str, object]] | None:
        items = register.told()
        return items if len(items) >= len(wanted) else None

    messages = eventually(told, ALL_ARRIVED_SECONDS, "a message for each change")
    assert [times(messages, change) for change in register.made] == [1] * len(register.made)
    assert len(messages) == len(wanted)
    names = {str(one["id"]) for one in messages}
    eventually(
        lambda: names <= set(register.letters()) | ends_unknown(suite, names),
        ALL_ARRIVED_SECONDS,
        "a mail for each change, or a word that its end is not known",
    )
    letters = register.letters()
    assert set(letters.values()) == {1}
    if not notify_deaths:
        assert set(letters) == names

    entries = Counter(
        one["specialty"]
        for one in register.pages("accreditations")
        if one["specialty"].startswith("проверка стойкости")
    )
    assert entries == Counter({change.specialty for change in register.made})
    deliveries = rows(
        suite,
        "notify",
        "SELECT message_id::text AS message, count(*) AS times FROM delivery"
        " WHERE channel = 'EMAIL' AND message_id::text = ANY($1) GROUP BY message_id",
        sorted(names),
    )
    assert {row["message"]: row["times"] for row in deliveries} == dict.fromkeys(names, 1)


def ends_unknown(suite: ThreadedSuite, messages: set[str]) -> set[str]:
    """Messages whose letter was handed over as notify died: never repeated (decision 0010)."""
    found = rows(
        suite,
        "notify",
        "SELECT message_id::text AS message FROM delivery WHERE channel = 'EMAIL'"
        " AND state = 'TECHNICAL_FAILURE' AND message_id::text = ANY($1)",
        sorted(messages),
    )
    return {row["message"] for row in found}


def times(messages: list[dict[str, object]], change: Change) -> int:
    """How many messages tell of a change."""
    return sum(tells_of(one, change) for one in messages)


def nothing_is_left_over(suite: ThreadedSuite) -> None:
    """No event waits, none was given up, no mail is still to be sent or was refused."""
    for service in SERVICES:
        eventually(partial(outbox_is_empty, suite, service), 20, f"empty outbox of {service}")
        assert rows(suite, service, "SELECT * FROM dead_event") == []
    eventually_nothing(
        lambda: with_streams(suite, unhandled), LAST_RETRY_SECONDS, "events still to be handled"
    )
    # An announcement also goes to people who never signed in: their addresses are not known.
    # At night it waits for the morning.
    on_the_way = (
        "SELECT DISTINCT state FROM delivery WHERE coalesce(reason, '') <> 'ADDRESS_UNKNOWN'"
        " AND state NOT IN ('DELIVERED', 'TECHNICAL_FAILURE') AND due_time <= now()"
    )
    eventually_nothing(
        lambda: [row["state"] for row in rows(suite, "notify", on_the_way)],
        ALL_ARRIVED_SECONDS,
        "letters still on their way",
    )
    told = [line for program in PROGRAMS for line in unexplained(suite, program)]
    assert not told, "\n".join(told)


def unexplained(suite: ThreadedSuite, program: str) -> list[str]:
    """What a program could not name: a death elsewhere is no excuse for a fault of its own."""
    lines = suite.home.log(program, 1).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if '"level": "error"' in line or "Traceback" in line]


def outbox_is_empty(suite: ThreadedSuite, service: str) -> bool:
    """Whether everything that a service wanted to say is in JetStream."""
    return rows(suite, service, "SELECT 1 FROM outbox WHERE publish_time IS NULL LIMIT 1") == []


async def unhandled(client: Client) -> dict[str, int]:
    """Events that a consumer has still to take or to acknowledge."""
    streams = client.jetstream()
    found: dict[str, int] = {}
    for stream in await streams.streams_info():
        for one in await streams.consumers_info(stream.config.name or ""):
            if left := (one.num_pending or 0) + (one.num_ack_pending or 0):
                found[one.name] = left
    return found
