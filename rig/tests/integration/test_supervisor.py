"""The life of programs under the rig, with small programs in place of services."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lkmr_rig.layout import Home
from lkmr_rig.supervisor import Process, StartFailed, Supervisor, Task

pytestmark = pytest.mark.servers

OBEDIENT = "import signal, sys; signal.signal(15, lambda *_: sys.exit(0)); {ready}; signal.pause()"
STUBBORN = "import signal; signal.signal(15, signal.SIG_IGN); {ready}\nwhile True: signal.pause()"
DYING = "import sys; print('no settings: AUTH_X'); sys.exit(3)"


class Bench:
    """A data folder and programs that tell by a file that they are ready."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder)
        self.said: list[str] = []

    def program(self, role: str, code: str = OBEDIENT, **options: object) -> Process:
        mark = self.home.folder("marks") / role
        ready = f"open({str(mark)!r}, 'a').write(str(__import__('os').getpid()) + ' ')"

        async def answers() -> bool:
            return mark.is_file()

        command = (sys.executable, "-c", code.format(ready=ready))
        return Process(role, command, answers, environment=dict(os.environ), **options)  # type: ignore[arg-type]

    def starts(self, role: str) -> list[int]:
        return [int(one) for one in (self.home.root / "marks" / role).read_text().split()]

    def processes(self) -> dict[str, int]:
        return {one["role"]: one["pid"] for one in json.loads(self.home.processes.read_text())}

    @asynccontextmanager
    async def supervised(self, *entries: Process | Task) -> AsyncIterator[Supervisor]:
        supervisor = Supervisor(self.home, entries, self.said.append)
        supervisor.start()
        try:
            yield supervisor
        finally:
            await supervisor.stop()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_program_starts_only_after_what_it_needs_answers(bench: Bench) -> None:
    order: list[str] = []

    def note(name: str) -> Callable[[], Awaitable[None]]:
        async def work() -> None:
            order.append(name)
            order.append("base answered" if bench.starts("base") else "too early")

        return work

    entries = (
        bench.program("late", needs=("task",)),
        Task("task", note("task"), needs=("base-1",)),
        bench.program("base"),
    )
    async with bench.supervised(*entries) as supervisor:
        await supervisor.wait_ready(20)
        assert set(bench.processes()) == {"late", "base"}
    assert order == ["task", "base answered"]


async def test_killed_program_is_started_again_and_the_list_stays_true(bench: Bench) -> None:
    async with bench.supervised(bench.program("worker")) as supervisor:
        await supervisor.wait_ready(20)
        first = bench.processes()["worker"]
        assert first == supervisor.pid("worker-1")
        os.kill(first, signal.SIGKILL)
        async with asyncio.timeout(20):
            await supervisor.replaced("worker-1", first)
        second = bench.processes()["worker"]
        assert second == supervisor.pid("worker-1") != first
        assert any("SIGKILL" in line for line in bench.said)
    assert bench.processes() == {}


async def test_early_death_is_reported_with_the_last_lines_of_the_log(bench: Bench) -> None:
    async with bench.supervised(bench.program("broken", DYING)) as supervisor:
        with pytest.raises(StartFailed, match="no settings: AUTH_X"):
            await supervisor.wait_ready(20)


async def test_failed_task_ends_the_start_with_its_cause(bench: Bench) -> None:
    async def fail() -> None:
        raise StartFailed("auth-migrations: код 1")

    async with bench.supervised(Task("auth-migrations", fail)) as supervisor:
        with pytest.raises(StartFailed, match="код 1"):
            await supervisor.wait_ready(20)


async def test_what_never_answers_is_named(bench: Bench) -> None:
    silent = bench.program("silent", "import signal; signal.pause()  # {ready}")
    async with bench.supervised(silent) as supervisor:
        with pytest.raises(StartFailed, match="silent-1"):
            await supervisor.wait_ready(0.5)


async def test_stop_goes_backwards_and_kills_what_is_late_within_ten_seconds(bench: Bench) -> None:
    end = "open('{log}', 'a').write('{role} ')"
    log = bench.home.root / "order"

    def program(role: str, level: int) -> Process:
        leave = end.format(log=log, role=role)
        code = f"import signal, sys\ndef leave(*_):\n  {leave}\n  sys.exit(0)\n"
        code += "signal.signal(15, leave); {ready}; signal.pause()"
        return bench.program(role, code, level=level)

    stubborn = bench.program("stubborn", STUBBORN, level=3)
    entries = (program("gateway", 4), program("auth", 3), program("postgres", 0), stubborn)
    async with bench.supervised(*entries) as supervisor:
        await supervisor.wait_ready(20)
        began = asyncio.get_running_loop().time()
        await supervisor.stop()
        taken = asyncio.get_running_loop().time() - began
    assert log.read_text().split() == ["gateway", "auth", "postgres"]
    assert taken < 10
    assert [line for line in bench.said if "принудительно" in line] == [
        "stubborn-1: не остановился вовремя, завершён принудительно"
    ]
