"""The life of one delivery of a message over one channel.

States are those of GOV.UK Notify: a state says whose fault it is, not how often it was tried.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=24)
LEASE = timedelta(seconds=90)


class Channel(Enum):
    """How a message leaves the cabinet."""

    EMAIL = "EMAIL"
    SMS = "SMS"


class State(Enum):
    """What became of a delivery."""

    CREATED = "CREATED"
    SENDING = "SENDING"
    DELIVERED = "DELIVERED"  # handed over to the mail or SMS system
    TEMPORARY_FAILURE = "TEMPORARY_FAILURE"
    PERMANENT_FAILURE = "PERMANENT_FAILURE"
    TECHNICAL_FAILURE = "TECHNICAL_FAILURE"


class Outcome(Enum):
    """How one try ended."""

    HANDED_OVER = State.DELIVERED
    TEMPORARY = State.TEMPORARY_FAILURE
    PERMANENT = State.PERMANENT_FAILURE
    TECHNICAL = State.TECHNICAL_FAILURE


@dataclass(frozen=True, slots=True)
class Result:
    """The end of one try; `reason` is a word, never an address or a foreign text."""

    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NextStep:
    """The state after a try, and when the next try is due; None when it was the last."""

    state: State
    next_try_time: datetime | None
    given_up: bool


def next_step(
    result: Result, *, attempts: int, create_time: datetime, now: datetime, jitter: float
) -> NextStep:
    """What follows a try. `attempts` counts the tries made; `jitter` lies in 0…1.

    Passing faults, the other side's or ours, are tried again after 10 s, 20 s … 1 h with jitter,
    at most for 24 h; a permanent one is not.
    """
    state = result.outcome.value
    if result.outcome is Outcome.HANDED_OVER:
        return NextStep(state, None, given_up=False)
    if result.outcome is Outcome.PERMANENT:
        return NextStep(state, None, given_up=True)
    pause = min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
    due = now + pause * (0.5 + jitter / 2)
    if due - create_time > GIVE_UP_AFTER:
        return NextStep(state, None, given_up=True)
    return NextStep(state, due, given_up=False)
