"""Variants side by side: rounds in turn, medians, CPU of every process, memory."""

import asyncio
import os
import statistics
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import psutil

from lkmr_rig.layout import CHECKOUT

CONNECTIONS = 32
PYTHON = ("setpriv", "--pdeathsig", "KILL", sys.executable)
"""A program of a benchmark ends with the benchmark, however that ends."""


class Failed(Exception):
    """A benchmark whose answers were not what they must be has no figures."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long and how often. Rounds of less than 3 s are for the tests of the benchmarks."""

    seconds: float = 4.0
    rounds: int = 5
    warm_seconds: float = 0.5


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to the same answer, with the programs that take part in it (role → pid)."""

    name: str
    port: int
    requests: Sequence[str]
    processes: Mapping[str, int]


@dataclass(slots=True)
class Figures:
    """What was seen of a variant, one value for each round."""

    rps: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    cpu_us: dict[str, list[float]] = field(default_factory=dict)
    """CPU microseconds per request, user and system, by role."""

    @property
    def total_cpu_us(self) -> float:
        """Median CPU of all programs of the variant; the load generator is not one of them."""
        return statistics.median(map(sum, zip(*self.cpu_us.values(), strict=True)))

    def median_cpu_us(self, role: str) -> float | None:
        return statistics.median(self.cpu_us[role]) if role in self.cpu_us else None


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio of two variants: median of the rounds, and the lowest and the highest of them."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f}…{self.high:.2f})"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
    """Round by round, because a busy machine slows both of a pair."""
    each = [one / other for one, other in zip(ours, theirs, strict=True)]
    return Ratio(statistics.median(each), min(each), max(each))


class Load:
    """The load generator at the other end of two pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def round(
        self, variant: Variant, timing: Timing
    ) -> tuple[dict[str, Any], Mapping[str, float]]:
        """What the generator saw, and CPU seconds by role while it measured. Raises Failed."""
        order = {
            "host": "127.0.0.1",
            "port": variant.port,
            "requests": list(variant.requests),
            "connections": CONNECTIONS,
            "seconds": timing.seconds,
            "warm_seconds": timing.warm_seconds,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(orjson.dumps(order) + b"\n")
        await self._hear("begin")
        before = {role: cpu_seconds(pid) for role, pid in variant.processes.items()}
        seen = await self._hear("end")
        after = {role: cpu_seconds(pid) for role, pid in variant.processes.items()}
        if seen["failures"] or not seen["requests"]:
            raise Failed(f"{variant.name}: {seen['failures'] or 'no answer'}")
        return seen, {role: after[role] - before[role] for role in after}

    async def _hear(self, event: str) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise Failed("the load generator died")
        message: dict[str, Any] = orjson.loads(line)
        assert message["event"] == event
        return message


@asynccontextmanager
async def load_generator() -> AsyncIterator[Load]:
    """A generator process for as long as the block lasts."""
    process = await asyncio.create_subprocess_exec(
        *PYTHON,
        "-m",
        "benchmarks.load",
        cwd=CHECKOUT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Load(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def side_by_side(variants: Sequence[Variant], timing: Timing) -> dict[str, Figures]:
    """Each variant once in every round, beginning with another one each time. Raises Failed."""
    seen = {one.name: Figures() for one in variants}
    async with load_generator() as load:
        for number in range(timing.rounds):
            cut = number % len(variants)
            for variant in (*variants[cut:], *variants[:cut]):
                result, cpu = await load.round(variant, timing)
                figures, count = seen[variant.name], result["requests"]
                figures.rps.append(count / result["seconds"])
                figures.p50_ms.append(result["p50_ms"])
                figures.p99_ms.append(result["p99_ms"])
                for role, seconds in cpu.items():
                    figures.cpu_us.setdefault(role, []).append(seconds / count * 1e6)
    return seen


def cpu_seconds(pid: int) -> float:
    """User and system time of a program with all its children, those that ended included."""
    total = 0.0
    for process in _tree(pid):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of a program with its children, MiB. RSS counts shared pages in each of them."""

    rss: float
    pss: float


def memory_of(pid: int) -> Memory:
    rss = pss = 0
    for process in _tree(pid):
        try:
            found = process.memory_full_info()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        rss, pss = rss + found.rss, pss + found.pss
    return Memory(rss / 2**20, pss / 2**20)


def _tree(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def machine() -> str:
    """Processor, cores and memory of this machine, in one line."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in open("/proc/cpuinfo", encoding="utf-8")  # noqa: SIM115, PTH123 - read once
            if line.startswith("model name")
        ),
        "unknown processor",
    )
    cores = len(os.sched_getaffinity(0))
    memory = psutil.virtual_memory().total / 2**30
    python = ".".join(map(str, sys.version_info[:3]))
    return f"{model}, {cores} cores, {memory:.0f} GiB; Linux {os.uname().release}, Python {python}"
