"""Background work beside a load of the register."""

from contextlib import nullcontext
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Self

import pytest

from lkmr_accreditation.usecases.keeping import Keeping
from lkmr_accreditation.usecases.ports import SyncState
from lkmr_servicekit.clock import FakeClock

CLOCK = FakeClock()


class Uow:
    """A load that has come so far, and a queue that counts who looks into it."""

    def __init__(self, state: SyncState) -> None:
        self.state, self.looks = state, 0
        self.sync = SimpleNamespace(get=self._get)
        self.compliance = SimpleNamespace(take_due=self._take)

    async def _get(self) -> SyncState:
        return self.state

    async def _take(self, _: int) -> list[str]:
        self.looks += 1
        return []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...


@pytest.mark.parametrize(
    ("loaded", "seconds_ago", "looks"),
    [
        (400, 1, 0),  # under way: it goes first
        (400, 60, 1),  # it has stopped: nobody waits for it
        (1000, 1, 1),  # all is there
    ],
)
async def test_a_register_load_under_way_goes_before_verdicts(
    loaded: int, seconds_ago: int, looks: int
) -> None:
    moment = CLOCK.now() - timedelta(seconds=seconds_ago)
    uow = Uow(SyncState(loaded=loaded, total=1000, update_time=moment))
    book: Any = None
    made: Any = lambda: uow  # noqa: E731 - a maker of the one unit of work
    keeping = Keeping(new_uow=made, book=book, clock=CLOCK, hold=lambda _: nullcontext())  # type: ignore[arg-type,return-value]

    await keeping._due()

    assert uow.looks == looks
