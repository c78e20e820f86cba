"""One guarded way to each outside register: breaker, bulkhead, time limit, record of each call."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

import httpx2

from lkmr_egisz_bridge.clients.http import OutsideFault, exchange
from lkmr_egisz_bridge.domain.breaker import Breaker
from lkmr_egisz_bridge.domain.errors import RegisterUnavailable
from lkmr_egisz_bridge.usecases.ports import RegisterState
from lkmr_servicekit import telemetry
from lkmr_servicekit.clock import Clock, monotonic
from lkmr_servicekit.telemetry import log, seconds_histogram

T = TypeVar("T")

REQUEST_SECONDS = 2.5
BACKGROUND_SECONDS = 20.0
PLACES = 20
STATE_FRESH_SECONDS, STATE_SECONDS, PROBE_SECONDS = 30.0, 0.5, 1.0
_PROBE_BYTES = 256 * 1024

_seconds = seconds_histogram(
    "lkmr_outside_call_seconds", "Time of a call to an outside register", ("register", "result")
)


@dataclass(frozen=True, slots=True)
class ExchangeRecord:
    """One call to an outside system, without any data about a person."""

    time: datetime
    system: str
    operation: str
    result: str
    code: str
    duration_ms: int
    trace_id: str


class ExchangeLog(Protocol):
    """Where calls are recorded."""

    def record(self, record: ExchangeRecord) -> None:
        """Take a record; it is stored soon after."""
        ...


@dataclass(slots=True)
class Attempt:
    """What the call under way wants to have recorded about its answer."""

    result: str = "OK"
    code: str = ""


class Guard:
    """The calls to one register.

    `call` raises RegisterUnavailable for whatever keeps a register from answering.
    """

    def __init__(
        self,
        register: str,
        *,
        records: ExchangeLog,
        clock: Clock,
        breaker: Breaker,
        places: int = PLACES,
        request_seconds: float = REQUEST_SECONDS,
    ) -> None:
        self.register, self._records, self._clock = register, records, clock
        self._breaker, self.request_seconds = breaker, request_seconds
        self._places = asyncio.Semaphore(places)
        self._available, self._since, self._seen = True, clock.now(), -1e9
        self.probe: Callable[[], Awaitable[object]] | None = None
        self._probing: asyncio.Task[None] | None = None

    async def call(
        self,
        operation: str,
        work: Callable[[Attempt], Awaitable[T]],
        *,
        seconds: float | None = None,
    ) -> T:
        """Run one call inside the limits; `seconds` is the whole time, waiting for a place too."""
        if not self._breaker.admits():
            raise self._refusal("PAUSED", round(self._breaker.seconds_left()))
        attempt, start, began = Attempt(), monotonic(), self._clock.now()
        try:
            with telemetry.span(f"{self.register} {operation}", kind="CLIENT"):
                async with asyncio.timeout(seconds or self.request_seconds), self._places:
                    answer = await work(attempt)
        except OutsideFault as fault:
            attempt.result, attempt.code = fault.cause, fault.code or attempt.code
            raise self._failed(fault.cause, fault.retry_after_seconds) from None
        except (TimeoutError, httpx2.TimeoutException):
            attempt.result = "TIMED_OUT"
            raise self._failed("TIMED_OUT") from None
        except (httpx2.HTTPError, OSError):
            attempt.result = "NO_ANSWER"
            raise self._failed("NO_ANSWER") from None
        except BaseException:
            attempt.result = "ABANDONED"
            self._breaker.abandoned()
            raise
        else:
            self._breaker.succeeded()
            self._note(available=True)
            return answer
        finally:
            took = monotonic() - start
            _seconds.labels(self.register, attempt.result).observe(took)
            trace = telemetry.current_trace()
            self._records.record(
                ExchangeRecord(
                    began,
                    self.register,
                    operation,
                    attempt.result,
                    attempt.code,
                    round(took * 1000),
                    trace.trace_id if trace else "",
                )
            )

    async def state(self) -> RegisterState:
        """What was seen last; a probe is sent when the last call was long ago.

        A probe that takes longer than half a second tells its word to the next who asks, so that
        one register that hangs does not hide the others.
        """
        if monotonic() - self._seen > STATE_FRESH_SECONDS and self.probe is not None:
            if self._probing is None or self._probing.done():
                self._probing = asyncio.create_task(self._probed(self.probe))
            await asyncio.wait({self._probing}, timeout=STATE_SECONDS)
        return RegisterState(self.register, self._available, self._since)

    def probe_at(self, url: str, client: httpx2.AsyncClient) -> Callable[[], Awaitable[object]]:
        """A probe by GET for a register without a call that asks nothing.

        Whatever it answers below 500, it answers.
        """

        async def work(attempt: Attempt) -> None:
            request = client.build_request("GET", url)
            answer = await exchange(client, request, max_bytes=_PROBE_BYTES, clock=self._clock)
            attempt.code = str(answer.status)

        return partial(self.call, "probe", work, seconds=PROBE_SECONDS)

    async def _probed(self, probe: Callable[[], Awaitable[object]]) -> None:
        with suppress(RegisterUnavailable):
            await probe()

    def refusal(self, cause: str) -> RegisterUnavailable:
        """What callers are told when a register answers, but not as it should."""
        return self._refusal(cause, 0)

    def _failed(self, cause: str, retry_after: int = 0) -> RegisterUnavailable:
        self._breaker.failed(retry_after)
        self._note(available=False)
        return self._refusal(cause, retry_after)

    def _refusal(self, cause: str, retry_after: int) -> RegisterUnavailable:
        metadata = {"register": self.register, "cause": cause}
        if retry_after > 0:
            metadata["retry_seconds"] = str(retry_after)
        return RegisterUnavailable(metadata)

    def _note(self, *, available: bool) -> None:
        self._seen = monotonic()
        if available != self._available:
            self._available, self._since = available, self._clock.now()
            log.info("register.state", register=self.register, available=available)
