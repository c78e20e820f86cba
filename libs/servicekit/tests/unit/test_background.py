import asyncio

import pytest

from lkmr_servicekit.background import repeated
from lkmr_servicekit.errors import Category, ServiceError


async def test_neither_a_refusal_nor_a_fault_ends_the_rounds() -> None:
    outcomes: list[BaseException | None] = [
        ServiceError("PEER_UNAVAILABLE", Category.UNAVAILABLE),
        ValueError("unreadable"),
        None,
    ]
    done = asyncio.Event()

    async def work() -> None:
        fault = outcomes.pop(0)
        if fault is not None:
            raise fault
        done.set()

    task = asyncio.create_task(repeated("probe", work, seconds=3600, fault_seconds=0))
    await asyncio.wait_for(done.wait(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert outcomes == []  # after a good round it rests as long as was asked
