"""5: answer time over the number of stored workers, and the speed of the bulk load.

With the whole suite the register grows by the real path: the suite is started again with a longer
register, and the bridge streams what is new to the accreditation service.
"""

import asyncio
import itertools
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg

from benchmarks import alone
from benchmarks.measure import Failed, Figures, Timing, memory_of, side_by_side
from benchmarks.place import Place, in_suite, request_for, service_alone
from benchmarks.report import Aim, Report, Table
from benchmarks.whole_path import body_of
from lkmr_rig import Suite, postgres
from lkmr_rig.guard import free_base

_STALLED_SECONDS = 120.0
_SAMPLE = 500


@dataclass(slots=True)
class Loaded:
    """How a portion of the register came in."""

    workers: int
    seconds: float
    peak_mib: dict[str, float]
    """Highest RSS of each program while the portion came in."""

    @property
    def per_second(self) -> float:
        return self.workers / self.seconds


@dataclass(slots=True)
class Step:
    """What was seen at one size."""

    size: int
    ours: Figures
    anybody: Figures
    yardstick: Figures
    loaded: Loaded | None

    @property
    def slowness(self) -> float:
        """Answer time of ours in yardsticks: a machine that others use slows both."""
        return _median(self.ours.p50_ms) / _median(self.yardstick.p50_ms)

    @property
    def slowness_anybody(self) -> float:
        return _median(self.anybody.p50_ms) / _median(self.yardstick.p50_ms)


async def run_flat(
    home: Path, timing: Timing, *, sizes: Sequence[int] = (10_000, 100_000, 1_000_000), whole: bool
) -> Report:
    """Each size in turn; the yardstick is a query that no table size can change."""
    steps = []
    places = _growing_suite(home, sizes) if whole else _growing_alone(home, sizes)
    async for place, size, loaded in places:
        steps.append(await _measure(place, timing, size, loaded))
    report = Report("flat", "Answer time over the number of stored workers")
    worst = max(step.slowness / steps[0].slowness - 1 for step in steps[1:])
    what = f"change of p50 from {sizes[0]} to {sizes[-1]} workers, in yardsticks"
    report.aims = [Aim.at_most(what, 15, worst * 100, " %"), *_load_aims(steps)]
    report.tables = [_times(steps), *_loads(steps)]
    report.notes = [
        "The yardstick is bare ASGI with `SELECT 1`, in the same rounds: what the machine did.",
        f"“Any worker” is the floor asked about {_SAMPLE} workers spread over the whole table.",
    ]
    if not whole:
        report.notes.append("**The gateway and the bridge did not run**: rows were made by SQL.")
    return report


async def _measure(place: Place, timing: Timing, size: int, loaded: Loaded | None) -> Step:
    await _settle(place)
    ours = await place.ours()
    yardstick = await place.floor("/yardstick", "yardstick")
    anybody = replace(yardstick, name="any worker", requests=await _sample(place))
    for variant in (ours, anybody, yardstick):
        await body_of(variant)
    seen = await side_by_side([ours, anybody, yardstick], timing)
    return Step(size, seen[ours.name], seen["any worker"], seen["yardstick"], loaded)


async def _settle(place: Place) -> None:
    """Statistics are fresh and nothing is left to write, so that only the size differs."""
    connection = await asyncpg.connect(place.admin_dsn(), ssl=False)
    try:
        await connection.execute("VACUUM ANALYZE worker")
        await connection.execute("VACUUM ANALYZE accreditation")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _sample(place: Place) -> list[str]:
    connection = await asyncpg.connect(place.admin_dsn(), ssl=False)
    try:
        rows = await connection.fetch(
            "SELECT worker_id FROM accreditation WHERE NOT removed ORDER BY random() LIMIT $1",
            _SAMPLE,
        )
    finally:
        await connection.close()
    requests = [request_for(f"/accreditations/{row['worker_id']}") for row in rows]
    random.Random(1).shuffle(requests)  # noqa: S311 - an order, not a secret
    return requests


async def _growing_alone(
    home: Path, sizes: Sequence[int]
) -> AsyncIterator[tuple[Place, int, Loaded | None]]:
    async with service_alone(home, workers=sizes[0]) as place:
        yield place, sizes[0], None
        for have, want in itertools.pairwise(sizes):
            await alone.fill(place.admin_dsn(), have, want)
            yield place, want, None


async def _growing_suite(
    home: Path, sizes: Sequence[int]
) -> AsyncIterator[tuple[Place, int, Loaded | None]]:
    have = 0
    for size in sizes:
        suite = Suite(home, free_base(), env={"LKMR_REGISTER_WORKERS": str(size)})
        async with suite, _loading(suite, have, size) as load:
            loaded = await load
            async with in_suite(suite) as place:
                yield place, size, loaded
        have = size


@asynccontextmanager
async def _loading(suite: Suite, have: int, want: int) -> AsyncIterator["asyncio.Task[Loaded]"]:
    task = asyncio.create_task(_watch(suite, have, want))
    try:
        yield task
    finally:
        task.cancel()


async def _watch(suite: Suite, have: int, want: int) -> Loaded:
    """Until the register is in, from the first portion on. Raises Failed when nothing moves."""
    dsn = postgres.dsn(suite.home, suite.ports, "accreditation")
    connection = await asyncpg.connect(dsn, ssl=False)
    peak: dict[str, float] = {}
    started = moved = time.monotonic()
    first = last = have
    try:
        while last < want:
            for role in ("egisz-bridge", "accreditation", "egisz"):
                pid = suite.pid(role)
                if pid is not None:
                    peak[role] = max(peak.get(role, 0.0), memory_of(pid).rss)
            now, count = time.monotonic(), await _count(connection)
            if count > last:
                if last == have and first == have:
                    started, first = now, count
                last, moved = count, now
            elif now - moved > _STALLED_SECONDS:
                raise Failed(f"the load stands at {last} of {want} workers")
            await asyncio.sleep(0.2)
    finally:
        await connection.close()
    return Loaded(last - first, max(moved - started, 0.2), peak)


async def _count(connection: asyncpg.Connection) -> int:
    found = await connection.fetchval("SELECT loaded FROM register_sync")
    return int(found or 0)


def _times(steps: Sequence[Step]) -> Table:
    table = Table(
        ["workers", "p50 ms", "p99 ms", "requests/s", "yardstick p50 ms", "in yardsticks", "change",
         "any worker, in yardsticks"]
    )  # fmt: skip
    for step in steps:
        change = step.slowness / steps[0].slowness - 1
        table.rows.append(
            [
                f"{step.size}",
                f"{_median(step.ours.p50_ms):.2f}",
                f"{_median(step.ours.p99_ms):.2f}",
                f"{_median(step.ours.rps):.0f}",
                f"{_median(step.yardstick.p50_ms):.2f}",
                f"{step.slowness:.2f}",
                f"{change:+.0%}",
                f"{step.slowness_anybody:.2f}",
            ]
        )
    return table


def _loads(steps: Sequence[Step]) -> list[Table]:
    table = Table(["workers after", "loaded", "seconds", "workers/s"], title="Bulk load")
    roles = sorted({role for step in steps if step.loaded for role in step.loaded.peak_mib})
    table.columns = [*table.columns, *(f"{role}, peak RSS MiB" for role in roles)]
    for step in steps:
        if (one := step.loaded) is not None:
            peaks = [f"{one.peak_mib.get(role, 0):.0f}" for role in roles]
            table.rows.append(
                [
                    f"{step.size}",
                    f"{one.workers}",
                    f"{one.seconds:.1f}",
                    f"{one.per_second:.0f}",
                    *peaks,
                ]
            )
    return [table] if table.rows else []


def _load_aims(steps: Sequence[Step]) -> list[Aim]:
    what = "bulk load through bridge and service"
    last = steps[-1].loaded
    if last is None:
        return [Aim.not_measured(what, "≥ 5000 workers/s", "there is no bridge")]
    speed = last.per_second
    return [Aim(what, "≥ 5000 workers/s", speed, f"{speed:.0f} workers/s", speed >= 5000)]


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]
