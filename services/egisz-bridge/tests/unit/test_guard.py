import asyncio

import httpx2
import pytest

from lkmr_egisz_bridge.clients.guard import STATE_SECONDS, Attempt, ExchangeRecord, Guard
from lkmr_egisz_bridge.clients.http import OutsideFault, exchange, retry_after_seconds
from lkmr_egisz_bridge.domain.breaker import Breaker
from lkmr_egisz_bridge.domain.errors import RegisterUnavailable
from lkmr_servicekit.clock import FakeClock, monotonic


class Records(list[ExchangeRecord]):
    def record(self, record: ExchangeRecord) -> None:
        self.append(record)


def a_guard(records: Records, *, seconds: float = 0.2, places: int = 2) -> Guard:
    return Guard(
        "worker_register",
        records=records,
        clock=FakeClock(),
        breaker=Breaker(monotonic),
        places=places,
        request_seconds=seconds,
    )


async def hang(_: Attempt) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (OutsideFault("OVERLOADED", "429", 7), "OVERLOADED"),
        (httpx2.ConnectError("refused"), "NO_ANSWER"),
        (httpx2.ReadTimeout("slow"), "TIMED_OUT"),
        (OSError("gone"), "NO_ANSWER"),
    ],
)
async def test_every_fault_of_a_register_is_one_refusal_and_one_record(
    fault: Exception, cause: str
) -> None:
    records = Records()

    async def work(_: Attempt) -> None:
        raise fault

    with pytest.raises(RegisterUnavailable) as refused:
        await a_guard(records).call("find_worker", work)

    assert refused.value.metadata["cause"] == cause
    assert [record.result for record in records] == [cause]


async def test_a_call_has_one_limit_of_time_whatever_it_waits_for() -> None:
    records = Records()
    guard = a_guard(records, seconds=0.05, places=1)
    first = asyncio.create_task(guard.call("x", hang, seconds=5))
    await asyncio.sleep(0)

    with pytest.raises(RegisterUnavailable) as refused:
        await guard.call("waits_for_a_place", hang)

    assert refused.value.metadata["cause"] == "TIMED_OUT"
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert [record.result for record in records] == ["TIMED_OUT", "ABANDONED"]


async def test_an_open_breaker_answers_at_once_and_the_state_says_so() -> None:
    records = Records()
    guard = a_guard(records)

    async def work(_: Attempt) -> None:
        raise OutsideFault("NOT_AVAILABLE", "503")

    for _ in range(5):
        with pytest.raises(RegisterUnavailable):
            await guard.call("x", work)
    with pytest.raises(RegisterUnavailable) as refused:
        await guard.call("x", hang)

    assert refused.value.metadata["cause"] == "PAUSED"
    assert len(records) == 5
    assert not (await guard.state()).available


async def test_a_state_that_nobody_knows_is_asked_for() -> None:
    guard = a_guard(Records())
    asked: list[bool] = []

    async def probe() -> None:
        asked.append(True)

    guard.probe = probe
    assert (await guard.state()).available
    assert asked == [True]


async def test_a_probe_that_hangs_keeps_nobody_waiting_and_is_sent_once() -> None:
    guard, freed = a_guard(Records()), asyncio.Event()
    asked: list[bool] = []

    async def probe() -> None:
        asked.append(True)
        await freed.wait()

    guard.probe = probe
    async with asyncio.timeout(STATE_SECONDS * 8):
        assert (await guard.state()).available
        assert (await guard.state()).available
    assert asked == [True]
    freed.set()


@pytest.mark.parametrize(
    ("status", "available"), [(200, True), (404, True), (405, True), (503, False)]
)
async def test_a_register_that_says_anything_below_500_answers(
    status: int, *, available: bool
) -> None:
    guard = a_guard(Records())
    transport = httpx2.MockTransport(lambda _: httpx2.Response(status))
    async with httpx2.AsyncClient(transport=transport) as client:
        guard.probe = guard.probe_at("http://register/", client)
        assert (await guard.state()).available is available


@pytest.mark.parametrize(
    ("answer", "cause", "seconds"),
    [
        (httpx2.Response(429, headers={"retry-after": "5"}), "OVERLOADED", 5),
        (httpx2.Response(503, headers={"retry-after": "soon"}), "NOT_AVAILABLE", 0),
        (httpx2.Response(500), "FAILED", 0),
        (httpx2.Response(302, headers={"location": "http://elsewhere/"}), "REDIRECT_REFUSED", 0),
        (httpx2.Response(200, content=b"x" * 101), "ANSWER_TOO_LARGE", 0),
    ],
)
async def test_answers_that_are_not_taken(
    answer: httpx2.Response, cause: str, seconds: int
) -> None:
    transport = httpx2.MockTransport(lambda _: answer)
    async with httpx2.AsyncClient(transport=transport) as client:
        request = client.build_request("GET", "https://register.example/x")
        with pytest.raises(OutsideFault) as fault:
            await exchange(client, request, max_bytes=100, clock=FakeClock())

    assert (fault.value.cause, fault.value.retry_after_seconds) == (cause, seconds)


async def test_cards_that_have_not_changed_never_pause_the_register() -> None:
    """Sign-in asks the same register: a pause here refuses everybody who comes meanwhile."""
    records = Records()
    guard = a_guard(records)
    unchanged = httpx2.Response(304, headers={"etag": '"7"'})
    transport = httpx2.MockTransport(lambda _: unchanged)
    async with httpx2.AsyncClient(transport=transport) as client:

        async def work(_: Attempt) -> int:
            request = client.build_request("GET", "https://register.example/workers/7")
            return (await exchange(client, request, max_bytes=100, clock=FakeClock())).status

        answers = [await guard.call("get_worker", work) for _ in range(10)]

    assert answers == [304] * 10
    assert {record.result for record in records} == {"OK"}
    assert (await guard.state()).available


def test_retry_after_is_a_number_or_a_date() -> None:
    now = FakeClock().now()

    assert retry_after_seconds("120", now) == 120
    assert retry_after_seconds("Mon, 23 Nov 2026 11:33:00 GMT", now) == 60
    assert retry_after_seconds("Mon, 23 Nov 2020 11:33:00 GMT", now) == 0
    assert retry_after_seconds("-1", now) == 0
    assert retry_after_seconds("", now) == 0
