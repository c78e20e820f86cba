"""Figures about sign-in."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

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
_SHARES = (0.5, 0.95)
_latest: deque[float] = deque(maxlen=1000)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Time a step and count how it ended: OK, or the reason of its refusal."""
    start = time.perf_counter()
    outcome = "INTERNAL"
    try:
        yield
        outcome = "OK"
    except ServiceError as refusal:
        outcome = refusal.reason
        raise
    finally:
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
