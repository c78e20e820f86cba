"""Receipts (квитанции): what an outside body said of something that was sent to it."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self


class Exchange(StrEnum):
    """What is sent to whom."""

    REPORT = "REPORT"  # отчёт для органа управления


class State(StrEnum):
    """What became of it."""

    SENT = "SENT"  # no word yet
    RECEIVED = "RECEIVED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"


_LAST = frozenset({State.ACCEPTED, State.REJECTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A thing that was sent and the last word about it.

    `resource` and `version` say what was sent, `sender` who sent it (`persons/{person}`), `number`
    is the one that the body gave it.
    """

    exchange: Exchange
    resource: str
    version: int
    sender: str = ""
    number: str = ""
    state: State = State.SENT

    def told(self, number: str, state: State) -> Self:
        """After a word of the body."""
        return replace(self, number=number or self.number, state=state)

    @property
    def settled(self) -> bool:
        """Whether nothing more is to come."""
        return self.state in _LAST

    def forgotten(self) -> Self:
        """As it is kept: after the last word nobody asks any more who sent it."""
        return replace(self, sender="") if self.settled else self
