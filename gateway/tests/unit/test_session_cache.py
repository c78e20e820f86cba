"""Sessions in memory: when `auth` is asked, and when it must not be believed any longer."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from lkmr.auth.v1 import auth_service_pb2 as pb

from lkmr_gateway import entry as entry_module
from lkmr_gateway.entry import key_of, public_form
from lkmr_gateway.exchange import Refused
from lkmr_gateway.session import Sessions
from lkmr_gateway.trust import Hearing
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.errors import Category, ServiceError

AGENT = b"Mozilla/5.0 (Windows NT 10.0) Firefox/131.0"
COOKIE = b"c" * 43


def stamp(moment: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(moment)
    return made


class World:
    """Time, `auth` and the bus of a test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, size: int = 100) -> None:
        self.clock = FakeClock()
        self.seconds = 1000.0
        self.asked: list[tuple[bytes, str]] = []
        self.touched: list[datetime] = []
        self.fault: ServiceError | None = None
        self.gate: asyncio.Event | None = None
        self.token_good = True
        self.acted = self.clock.now()
        self.life = timedelta(hours=8)
        self.token_life = timedelta(minutes=5)
        monkeypatch.setattr(entry_module, "monotonic", lambda: self.seconds)
        self.hearing = Hearing(lambda: self.seconds)
        self.hearing.note()
        self.started = self.clock.now()
        self.sessions = Sessions(
            resolve=self.resolve,
            touch=self.touch,
            verify=self.verify,
            hearing=self.hearing,
            clock=self.clock,
            size=size,
            now=lambda: self.seconds,
        )

    def move(self, seconds: float, *, heard: bool = True) -> None:
        while seconds > 0:
            step = min(seconds, 1.0)
            seconds -= step
            self.seconds += step
            self.clock.move(seconds=step)
            if heard:
                self.hearing.note()

    async def resolve(self, key: bytes, device: str) -> pb.Session:
        self.asked.append((key, device))
        if self.gate is not None:
            await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        now = self.clock.now()
        return pb.Session(
            name="persons/p/sessions/s",
            person="p",
            worker="w",
            expire_time=stamp(self.started + self.life),
            active_time=stamp(self.acted),
            idle_seconds=900,
            caller_token="t",
            caller_token_expire_time=stamp(now + self.token_life),
            esia_access_token="e",
        )

    async def touch(self, key: bytes, moment: datetime) -> None:
        if self.fault is not None:
            raise self.fault
        assert key == key_of(COOKIE)
        self.touched.append(moment)

    async def verify(self, token: str) -> bool:
        assert token == "e"
        return self.token_good

    async def get(self, agent: bytes = AGENT, cookie: bytes = COOKIE) -> Any:
        return await self.sessions.get(cookie, agent)

    async def refused(self) -> str:
        with pytest.raises(Refused) as refusal:
            await self.get()
        return refusal.value.problem.reason


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def refusal(
    reason: str, category: Category = Category.UNAUTHENTICATED, /, **more: str
) -> ServiceError:
    return ServiceError(reason, category, more)


async def test_auth_is_asked_once(world: World) -> None:
    first = await world.get()
    world.move(100)

    assert await world.get() is first
    assert len(world.asked) == 1
    assert world.asked[0] == (key_of(COOKIE), "firefox;windows")


async def test_a_cookie_is_never_kept(world: World) -> None:
    entry = await world.get()

    held = [getattr(entry, name) for name in entry.__slots__]
    assert COOKIE not in held
    assert COOKIE.decode() not in held


async def test_without_a_cookie_nothing_is_asked(world: World) -> None:
    with pytest.raises(Refused):
        await world.get(cookie=b"")
    assert not world.asked


async def test_all_who_wait_share_one_question(world: World) -> None:
    world.gate = asyncio.Event()
    waits = [asyncio.create_task(world.get()) for _ in range(10)]
    await asyncio.sleep(0)
    world.gate.set()

    assert len(set(await asyncio.gather(*waits))) == 1
    assert len(world.asked) == 1


async def test_the_one_who_gives_up_does_not_end_the_question_of_others(world: World) -> None:
    world.gate = asyncio.Event()
    impatient, patient = (asyncio.create_task(world.get()) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.sleep(0)
    world.gate.set()

    assert (await patient).person == "p"


async def test_a_refused_cookie_is_remembered_for_a_moment(world: World) -> None:
    world.fault = refusal("SESSION_UNKNOWN")
    assert [await world.refused() for _ in range(3)] == ["SESSION_UNKNOWN"] * 3
    assert len(world.asked) == 1

    world.fault = None
    world.move(6)
    assert (await world.get()).person == "p"


async def test_auth_being_away_is_no_session_and_is_not_remembered(world: World) -> None:
    world.fault = refusal("PEER_UNAVAILABLE", Category.UNAVAILABLE)
    assert await world.refused() == "SESSION_STORE_UNAVAILABLE"

    world.fault = None
    assert (await world.get()).person == "p"


async def test_a_session_goes_on_without_auth_until_its_token_ends(world: World) -> None:
    await world.get()
    world.fault = refusal("PEER_UNAVAILABLE", Category.UNAVAILABLE)

    for _ in range(29):
        world.move(10)
        assert (await world.get()).person == "p"
        await asyncio.sleep(0)
    world.move(10)

    assert await world.refused() == "SESSION_STORE_UNAVAILABLE"


async def test_the_token_is_renewed_in_time_without_waiting(world: World) -> None:
    first = await world.get()
    world.move(240)

    assert await world.get() is first
    await asyncio.sleep(0.01)
    second = await world.get()

    assert second is not first
    assert len(world.asked) == 2
    assert second.valid_until > first.valid_until


async def test_idleness_ends_a_session_here_too(world: World) -> None:
    await world.get()
    world.move(240)
    world.sessions.act(await world.get())
    for _ in range(4):
        world.move(200)
        await world.get()
        await asyncio.sleep(0.001)
    world.acted = world.clock.now() - timedelta(seconds=800)
    world.move(110)

    assert await world.refused() == "SESSION_EXPIRED"


async def test_acts_at_another_gateway_count(world: World) -> None:
    await world.get()
    world.move(800)
    world.acted = world.clock.now()
    world.move(101)

    assert (await world.get()).person == "p"
    assert len(world.asked) >= 2


async def test_the_absolute_end_holds_whatever_the_person_does(world: World) -> None:
    world.life = timedelta(seconds=100)
    world.sessions.act(await world.get())
    world.move(101)
    world.fault = refusal("SESSION_EXPIRED")

    assert await world.refused() == "SESSION_EXPIRED"


async def test_another_device_is_told_to_auth(world: World) -> None:
    await world.get()
    world.fault = refusal("SESSION_REVOKED", reason="DEVICE_CHANGED")

    with pytest.raises(Refused) as refused:
        await world.get(agent=b"Mozilla/5.0 (X11; Linux) Chrome/128.0 Safari/537")

    assert world.asked[-1][1] == "chrome;linux"
    assert refused.value.problem.code == "LKMR-AUTH-021"
    assert await world.refused() == "SESSION_REVOKED"


async def test_an_update_of_the_browser_is_no_other_device(world: World) -> None:
    await world.get()

    await world.get(agent=AGENT.replace(b"131", b"132"))

    assert len(world.asked) == 1


async def test_a_revoked_session_is_gone_at_once(world: World) -> None:
    await world.get()
    world.fault = refusal("SESSION_REVOKED", reason="OTHER_DEVICE")

    world.sessions.revoke(key_of(COOKIE))

    assert len(world.sessions) == 0
    assert await world.refused() == "SESSION_REVOKED"


async def test_open_pages_hear_why_auth_ended_a_session(world: World) -> None:
    ended: list[tuple[bytes, str]] = []
    world.sessions.on_end(lambda key, code: ended.append((key, code)))
    await world.get()
    world.fault = refusal("SESSION_REVOKED", reason="OTHER_DEVICE")
    world.move(1)
    world.sessions.distrust()
    world.move(6)

    await world.refused()

    assert ended == [(key_of(COOKIE), "LKMR-AUTH-021")]


async def test_a_revocation_overtakes_an_answer_on_its_way(world: World) -> None:
    world.gate = asyncio.Event()
    waiting = asyncio.create_task(world.get())
    await asyncio.sleep(0)
    world.sessions.revoke(key_of(COOKIE))
    world.gate.set()

    with pytest.raises(Refused):
        await waiting
    assert len(world.sessions) == 0


async def test_without_the_bus_what_is_kept_is_trusted_for_five_seconds(world: World) -> None:
    await world.get()
    world.move(4, heard=False)
    await world.get()
    assert len(world.asked) == 1

    world.move(2, heard=False)
    await world.get()
    assert len(world.asked) == 2

    world.move(5.5, heard=False)
    world.fault = refusal("PEER_UNAVAILABLE", Category.UNAVAILABLE)
    assert await world.refused() == "SESSION_STORE_UNAVAILABLE"


async def test_after_a_gap_of_the_bus_everything_is_asked_again(world: World) -> None:
    await world.get()
    world.move(60)
    world.sessions.distrust()
    world.move(6)

    await world.get()

    assert len(world.asked) == 2


async def test_a_session_with_a_bad_esia_token_is_no_session(world: World) -> None:
    world.token_good = False

    assert await world.refused() == "ESIA_TOKEN_REFUSED"
    assert len(world.sessions) == 0


async def test_the_least_used_session_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch, size=2)
    for letter in (b"a", b"b", b"a", b"c"):
        await world.get(cookie=letter * 43)

    assert len(world.sessions) == 2
    await world.get(cookie=b"a" * 43)
    assert len(world.asked) == 3


async def test_acts_are_told_at_most_once_a_minute(world: World) -> None:
    entry = await world.get()
    for _ in range(30):
        world.move(1)
        world.sessions.act(entry)
    await world.sessions.report_due(60)
    assert not world.touched

    world.move(31)
    await world.sessions.report_due(60)
    await world.sessions.report_due(60)

    assert len(world.touched) == 1
    assert abs((world.touched[0] - world.clock.now()).total_seconds() + 31) < 1


async def test_an_act_that_could_not_be_told_is_told_later(world: World) -> None:
    entry = await world.get()
    world.move(61)
    world.sessions.act(entry)
    world.fault = refusal("PEER_UNAVAILABLE", Category.UNAVAILABLE)
    await world.sessions.report_due(60)
    world.fault = None

    await world.sessions.report_due(60)

    assert len(world.touched) == 1


async def test_an_ended_session_is_noticed_when_acts_are_told(world: World) -> None:
    entry = await world.get()
    world.move(61)
    world.sessions.act(entry)
    world.fault = refusal("SESSION_EXPIRED")

    await world.sessions.report_due(60)

    assert len(world.sessions) == 0
    assert world.clock.now().tzinfo is UTC


def test_a_session_holds_no_more_memory_than_its_own_size() -> None:
    made = public_form(pb.Session(person="p", given_name="Анна"))

    assert sys.getsizeof(made) < len(made) + 64
    agents = [AGENT[:5] + AGENT[5:] + b" " for _ in range(2)]
    assert agents[0] is not agents[1]
    assert entry_module.shared(agents[0]) is entry_module.shared(agents[1])
