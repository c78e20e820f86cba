"""Starts programs in order of need, restarts what died, stops all in reverse."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lkmr_rig.layout import CHECKOUT, Home, write_private

RESTART_FIRST_SECONDS, RESTART_LAST_SECONDS = 0.2, 5.0
CALM_SECONDS = 10.0
EARLY_DEATHS = 6  # some six seconds: a killed PostgreSQL leaves its memory to a successor that late
READY_SECONDS = 120.0
STOP_SECONDS, DATABASE_STOP_SECONDS, PATIENCE_SECONDS = 7.0, 9.0, 2.5
LOG_LIMIT = 20 * 1024**2
LAST_LINES = 12

Say = Callable[[str], None]


class StartFailed(Exception):
    """The suite cannot be started; the text tells a person why."""


@dataclass(frozen=True, slots=True)
class Process:
    """A program of the list. `needs` are names of other entries that must answer first."""

    role: str
    command: tuple[str, ...]
    ready: Callable[[], Awaitable[bool]]
    instance: int = 1
    ports: Mapping[str, int] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    stop_signal: int = signal.SIGTERM
    level: int = 0
    """Order of the stop: the highest stops first."""

    @property
    def name(self) -> str:
        return f"{self.role}-{self.instance}"


@dataclass(frozen=True, slots=True)
class Task:
    """Work done once at each start, such as migrations. Raises StartFailed when it cannot."""

    name: str
    work: Callable[[], Awaitable[None]]
    needs: tuple[str, ...] = ()


@dataclass(slots=True)
class _Running:
    process: Process
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    child: asyncio.subprocess.Process | None = None
    starts: int = 0
    log_start: int = 0


class Supervisor:
    """Keeps the programs of a list alive. One for each data folder."""

    def __init__(self, home: Home, entries: Sequence[Process | Task], say: Say) -> None:
        self._home, self._say = home, say
        self._running = {one.name: _Running(one) for one in entries if isinstance(one, Process)}
        self._tasks = {one.name: one for one in entries if isinstance(one, Task)}
        self._done = {name: asyncio.Event() for name in self._tasks}
        self._jobs: list[asyncio.Task[None]] = []
        self._news = asyncio.Condition()
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def start(self) -> None:
        """Begin; whatever needs nothing starts at once, side by side."""
        self._write()
        jobs = [self._keep(one) for one in self._running.values()]
        jobs += [self._once(one) for one in self._tasks.values()]
        for work in jobs:
            job = asyncio.create_task(work)
            job.add_done_callback(self._ended)
            self._jobs.append(job)

    async def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Until everything answers. Raises StartFailed with what does not."""
        events = [one.ready for one in self._running.values()] + list(self._done.values())
        waits: asyncio.Future[Any] = asyncio.gather(*(event.wait() for event in events))
        ends: set[asyncio.Future[Any]] = {waits, self.failed}
        try:
            async with asyncio.timeout(seconds):
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            late = [name for name, one in self._running.items() if not one.ready.is_set()]
            late += [name for name, event in self._done.items() if not event.is_set()]
            raise StartFailed(f"не отвечают {seconds:.0f} с: {', '.join(late)}") from None
        finally:
            waits.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await waits
        if self.failed.done():
            self.failed.result()

    def pid(self, name: str) -> int | None:
        """The number of a running program, or None between a death and the next start."""
        child = self._running[name].child
        return child.pid if child is not None and child.returncode is None else None

    async def replaced(self, name: str, pid: int) -> None:
        """Until a program has died that had a number, and its successor answers."""
        one = self._running[name]
        async with self._news:
            await self._news.wait_for(
                lambda: self.pid(name) not in (None, pid) and one.ready.is_set()
            )

    async def stop(self) -> None:
        """Stop level after level; what is late is killed, so that it all ends within 10 s."""
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)
        begin = asyncio.get_running_loop().time()
        stops = sorted({one.process.level for one in self._running.values()}, reverse=True)
        levels, database = stops[:-1], stops[-1] if stops else 0
        for level in levels:
            await _gone(self._ask_to_stop(level), min(PATIENCE_SECONDS, _rest(begin, STOP_SECONDS)))
        await _gone(self._alive(above=database), _rest(begin, STOP_SECONDS))
        self._kill_late(above=database)
        await _gone(self._ask_to_stop(database), _rest(begin, DATABASE_STOP_SECONDS))
        self._kill_late(above=database - 1)
        await _gone(list(self._running.values()), 1)
        self._write()

    def _ask_to_stop(self, level: int) -> list[_Running]:
        asked = [one for one in self._alive() if one.process.level == level]
        for one in asked:
            _signal(one.child, one.process.stop_signal)
        return asked

    def _kill_late(self, above: int) -> None:
        for one in self._alive(above):
            self._say(f"{one.process.name}: не остановился вовремя, завершён принудительно")
            _signal(one.child, signal.SIGKILL)

    def _alive(self, above: int = -1) -> list[_Running]:
        running = (one for one in self._running.values() if one.process.level > above)
        return [one for one in running if self.pid(one.process.name) is not None]

    async def _needs(self, names: Sequence[str]) -> None:
        for name in names:
            if name in self._running:
                await self._running[name].ready.wait()
            elif name in self._done:
                await self._done[name].wait()

    async def _once(self, task: Task) -> None:
        await self._needs(task.needs)
        await task.work()
        self._done[task.name].set()

    async def _keep(self, one: _Running) -> None:
        await self._needs(one.process.needs)
        loop = asyncio.get_running_loop()
        pause, early = RESTART_FIRST_SECONDS, 0
        while True:
            began = loop.time()
            child = await self._spawn(one)
            answered = await self._watch(one, child)
            early = 0 if answered else early + 1
            if early >= EARLY_DEATHS and one.starts == early:
                raise StartFailed(f"{one.process.name} не запускается\n{self._last_lines(one)}")
            if loop.time() - began > CALM_SECONDS:
                pause = RESTART_FIRST_SECONDS
            code = _ending(child.returncode)
            self._say(f"{one.process.name}: завершился ({code}), новый запуск через {pause:.1f} с")
            if not answered:
                self._say(self._last_lines(one))
            await asyncio.sleep(pause)
            pause = min(pause * 2, RESTART_LAST_SECONDS)

    async def _spawn(self, one: _Running) -> asyncio.subprocess.Process:
        process = one.process
        path = self._home.log(process.role, process.instance)
        if path.is_file() and path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as log:
            one.log_start = log.tell()
            spawning = asyncio.ensure_future(
                asyncio.create_subprocess_exec(
                    *process.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=dict(process.environment),
                    cwd=CHECKOUT,
                    start_new_session=True,  # Ctrl-C is the rig's to hear
                )
            )
            try:
                one.child = await asyncio.shield(spawning)
            except asyncio.CancelledError:
                one.child = await spawning  # a stop must know every program that was begun
                raise
        one.starts += 1
        self._write()
        return one.child

    async def _watch(self, one: _Running, child: asyncio.subprocess.Process) -> bool:
        """Wait for the end of a program; whether it had answered before."""
        asking = asyncio.create_task(self._ask(one))
        try:
            await child.wait()
        finally:
            asking.cancel()
        answered = one.ready.is_set()
        one.ready.clear()
        self._write()
        return answered

    async def _ask(self, one: _Running) -> None:
        while not await one.process.ready():  # noqa: ASYNC110 - the state of another program
            await asyncio.sleep(0.05)
        async with self._news:
            one.ready.set()
            self._news.notify_all()

    def _ended(self, job: asyncio.Task[None]) -> None:
        if not job.cancelled() and (fault := job.exception()) and not self.failed.done():
            self.failed.set_exception(fault)

    def _last_lines(self, one: _Running) -> str:
        path = self._home.log(one.process.role, one.process.instance)
        return last_lines_of(path, one.log_start)

    def _write(self) -> None:
        rows = [
            {
                "role": one.process.role,
                "instance": one.process.instance,
                "pid": self.pid(name),
                "ports": list(one.process.ports.values()),
            }
            for name, one in self._running.items()
            if self.pid(name) is not None
        ]
        write_private(self._home.processes, json.dumps(rows, indent=1) + "\n")


def last_lines_of(path: Path, start: int = 0) -> str:
    """The end of what a log holds from a position on, for a message to a person."""
    with path.open("rb") as log:
        log.seek(start)
        lines = log.read().decode("utf-8", "replace").splitlines()[-LAST_LINES:]
    return "\n".join([*(f"  | {line}" for line in lines), f"  журнал: {path}"])


def _signal(child: asyncio.subprocess.Process | None, number: int) -> None:
    if child is not None and child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, number)


def _rest(begin: float, seconds: float) -> float:
    return max(begin + seconds - asyncio.get_running_loop().time(), 0)


async def _gone(programs: Sequence[_Running], seconds: float) -> None:
    waits = [asyncio.create_task(one.child.wait()) for one in programs if one.child is not None]
    if waits:
        _, late = await asyncio.wait(waits, timeout=max(seconds, 0))
        for wait in late:
            wait.cancel()


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"код {code}"
