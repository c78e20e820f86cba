"""Figures about sign-in."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.telemetry import counter, gauge, seconds_histogram

_outcomes = counter(
    "lkmr_auth_sign_in_steps_total", "Steps of sign-in by outcome", ("step", "outcome")
)
_seconds = seconds_histogram(
    "lkmr_auth_sign_in_step_seconds", "Time of a step of sign-in", ("step",)
)
_journeys = seconds_histogram(
    "lkmr_auth_sign_in_seconds", "Time from the return of ESIA's answer to the open session"
)
_quantiles = gauge(
    "lkmr_auth_sign_in_quantile_seconds",
    "The same time, quantiles of the last 1000 sign-ins",
    ("quantile",),
)
_outside = seconds_histogram(
    "lkmr_auth_sign_in_outside_seconds",
    "What of the time of a step of sign-in was spent waiting for Gosuslugi",
    ("step",),
)
_checks = seconds_histogram(
    "lkmr_auth_identity_check_seconds", "Time of the comparison with the state registers (F-167)"
)
_SHARES = (0.5, 0.95)
_latest: deque[float] = deque(maxlen=1000)


@dataclass(slots=True)
class _Wait:
    """Time in which some call to the outside is under way; calls side by side count once."""

    calls: int = 0
    since: float = 0.0
    seconds: float = 0.0


_waiting: ContextVar[_Wait | None] = ContextVar("sign_in_wait", default=None)


@contextmanager
def outside() -> Iterator[None]:
    """Wait for Gosuslugi: this time of the running step is not ours."""
    wait = _waiting.get()
    if wait is None:
        yield
        return
    if not wait.calls:
        wait.since = time.perf_counter()
    wait.calls += 1
    try:
        yield
    finally:
        wait.calls -= 1
        if not wait.calls:
            wait.seconds += time.perf_counter() - wait.since


@contextmanager
def check() -> Iterator[None]:
    """Time a comparison of a person's data with the state registers, also one that failed."""
    with _checks.time():
        yield


@contextmanager
def step(name: str) -> Iterator[None]:
    """Time a step and count how it ended: OK, or the reason of its refusal."""
    start = time.perf_counter()
    outcome = "INTERNAL"
    wait = _Wait()
    mark = _waiting.set(wait)
    try:
        yield
        outcome = "OK"
    except ServiceError as refusal:
        outcome = refusal.reason
        raise
    finally:
        _waiting.reset(mark)
        _outside.labels(name).observe(wait.seconds)
        _outcomes.labels(name, outcome).inc()
        _seconds.labels(name).observe(time.perf_counter() - start)


def session_opened(seconds: float) -> None:
    """Note how long the person waited, own code and choice of profile included."""
    waited = max(seconds, 0.0)
    _journeys.observe(waited)
    _latest.append(waited)
    ordered = sorted(_latest)
    for share in _SHARES:
        place = min(int(share * len(ordered)), len(ordered) - 1)
        _quantiles.labels(str(share)).set(ordered[place])
