"""The life of one delivery of a message over one channel.

States are those of GOV.UK Notify: a state says whose fault it is, not how often it was tried.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=72)
LEASE = timedelta(seconds=90)


class State(Enum):
    """What became of a delivery."""

    CREATED = "CREATED"  # queued
    SENDING = "SENDING"
    DELIVERED = "DELIVERED"  # handed over to the mail, SMS or push system
    TEMPORARY_FAILURE = "TEMPORARY_FAILURE"
    PERMANENT_FAILURE = "PERMANENT_FAILURE"
    TECHNICAL_FAILURE = "TECHNICAL_FAILURE"
    CANCELLED = "CANCELLED"  # no longer needed before it was sent


class Outcome(Enum):
    """How one try ended."""

    HANDED_OVER = State.DELIVERED
    TEMPORARY = State.TEMPORARY_FAILURE
    PERMANENT = State.PERMANENT_FAILURE
    TECHNICAL = State.TECHNICAL_FAILURE
    UNKNOWN = "UNKNOWN"  # perhaps handed over: never tried again on this channel


@dataclass(frozen=True, slots=True)
class Result:
    """The end of one try; `reason` is a word, never an address or a foreign text.

    `pinned`: the provider may have taken it and knows repeats, so that only it is asked again.
    """

    outcome: Outcome
    reason: str = ""
    pinned: bool = False


class LeaseLost(Exception):
    """Another instance has taken the delivery: nothing may be handed over any more."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """The state after a try, and when the next try is due; None when it was the last."""

    state: State
    next_try_time: datetime | None
    given_up: bool


def next_step(
    result: Result, *, attempts: int, due_time: datetime, now: datetime, jitter: float
) -> NextStep:
    """What follows a try. `attempts` counts the tries made; `jitter` lies in 0…1.

    Passing faults, the other side's or ours, are tried again after 10 s, 20 s … 1 h with jitter,
    at most for 72 h after `due_time`; a permanent one is not. An end that is not known is final:
    a notice goes out at most once over one channel.
    """
    outcome = result.outcome
    if outcome is Outcome.HANDED_OVER:
        return NextStep(State.DELIVERED, None, given_up=False)
    if outcome is Outcome.PERMANENT:
        return NextStep(State.PERMANENT_FAILURE, None, given_up=True)
    if outcome is Outcome.UNKNOWN:
        return NextStep(State.TECHNICAL_FAILURE, None, given_up=True)
    state = State(outcome.value)
    pause = min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
    again = now + pause * (0.5 + jitter / 2)
    if again - due_time > GIVE_UP_AFTER:
        return NextStep(state, None, given_up=True)
    return NextStep(state, again, given_up=False)
