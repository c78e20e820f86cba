"""What a running system adds to the evidence of a demand."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any


class State(Enum):
    """As it must be; something must be done; could not be looked at."""

    KEPT = "KEPT"
    ATTENTION = "ATTENTION"
    ABSENT = "ABSENT"


@dataclass(frozen=True, slots=True)
class Fact:
    """Lines for people (Russian), the same as data, and what must be done."""

    lines: tuple[str, ...]
    content: Any
    to_do: tuple[str, ...] = ()
    absent: str = ""

    @property
    def state(self) -> State:
        """Where it stands."""
        if self.absent:
            return State.ABSENT
        return State.ATTENTION if self.to_do else State.KEPT

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "state": self.state.value,
            "to_do": list(self.to_do),
            "absent": self.absent,
            "content": self.content,
        }


def fact(lines: Iterable[str], content: Any, to_do: Iterable[str] = ()) -> Fact:
    """One that could be looked at."""
    return Fact(tuple(lines), content, tuple(to_do))


def absent(why: str) -> Fact:
    """One that could not."""
    return Fact((), None, (), why)
