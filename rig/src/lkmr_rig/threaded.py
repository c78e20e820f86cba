"""A suite for tests that do not run in an event loop: it lives in a thread of its own."""

import asyncio
import signal
import threading
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from lkmr_rig.layout import Home, Ports
from lkmr_rig.suite import Suite

T = TypeVar("T")


class ThreadedSuite:
    """The calls of `Suite`, blocking."""

    def __init__(self, suite: Suite, call: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        self._suite, self._call = suite, call

    @property
    def home(self) -> Home:
        return self._suite.home

    @property
    def ports(self) -> Ports:
        return self._suite.ports

    def url(self, role: str, instance: int = 1) -> str:
        """As `Suite.url`."""
        return self._suite.url(role, instance)

    def pid(self, role: str, instance: int = 1) -> int | None:
        """As `Suite.pid`."""
        return self._suite.pid(role, instance)

    def kill(self, role: str, instance: int = 1, number: int = signal.SIGKILL) -> int:
        """As `Suite.kill`."""
        return self._suite.kill(role, instance, number)

    def wait_restarted(
        self, role: str, instance: int = 1, *, after: int, seconds: float = 30
    ) -> None:
        """As `Suite.restarted`."""
        self._call(self._suite.restarted(role, instance, after=after, seconds=seconds))


@contextmanager
def running(
    home: Path,
    port_base: int,
    *,
    env: Mapping[str, str] | None = None,
    only: Collection[str] | None = None,
) -> Iterator[ThreadedSuite]:
    """Start a suite, give it when all programs answer, stop it. Raises StartFailed.

    The thread lives as long as the programs: the kernel ends them with the thread that made them.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="suite", daemon=True)
    thread.start()

    def call(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    suite = Suite(home, port_base, env=env, only=only)
    try:
        call(suite.__aenter__())
        try:
            yield ThreadedSuite(suite, call)
        finally:
            call(suite.stop())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
