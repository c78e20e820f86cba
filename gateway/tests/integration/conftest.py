"""Fixtures: a gateway over played services, on the event loop of production."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import uvloop

sys.path.insert(0, str(Path(__file__).parent))

from played_cabinet import Build, Cabinet, a_cabinet


@pytest.fixture
async def build(tmp_path: Path) -> AsyncIterator[Build]:
    async with AsyncExitStack() as stack:

        async def made(**settings: Any) -> Cabinet:
            return await a_cabinet(stack, tmp_path, settings)

        yield made


@pytest.fixture
async def cabinet(build: Build) -> Cabinet:
    made: Cabinet = await build()
    return made


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop of production, so that transports behave as they do there."""
    return {"uvloop": uvloop.new_event_loop}
