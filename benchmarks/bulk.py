"""An announcement to very many people: accepted, brought, sent; overtaken, stopped, let go.

What is measured is notify and its database: messages, deliveries, events, leases, notes before and
after each letter. The crowd is a list in memory, the relay takes everything at once.
"""

import asyncio
import contextlib
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.measure import Failed, cpu_seconds
from benchmarks.notices import Place, courier_of, place
from benchmarks.report import Aim, Report, Table
from lkmr_notify.domain.announcement import Action, Announcement, Kind
from lkmr_notify.domain.delivery import Outcome, Result
from lkmr_notify.storage.announcements import AnnouncementReader
from lkmr_notify.usecases.announce import (
    HIGH_WATER,
    bring_portions,
    create_announcement,
    settle_steered,
    steer_announcement,
)
from lkmr_notify.usecases.courier import Courier
from lkmr_notify.usecases.ports import Dispatch, Handover

_TENTHS = 10
_IDLE_SECONDS = 30.0
_HELD_SECONDS = 2.0


@dataclass(slots=True)
class Taker:
    """A relay that takes everything at once; counts letters, and knows when the urgent one came."""

    repeats_known: bool = False
    letters: int = 0
    urgent_time: float = 0.0

    async def send(self, dispatch: Dispatch, handover: Handover) -> Result:
        await handover("")
        self.letters += 1
        if dispatch.urgent:
            self.urgent_time = time.perf_counter()
        return Result(Outcome.HANDED_OVER)


@dataclass(slots=True)
class Course:
    """What was seen at each tenth: letters a second, memory, and how many waited at most."""

    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    waiting: int = 0
    overtaken: float = 0.0
    stop_answered: float = 0.0
    stopped: float = 0.0
    progress: list[float] = field(default_factory=list)


async def run_bulk(home: Path, *, people: int = 20_000) -> Report:
    """One announcement to so many; in its middle an urgent one to one person, later a stop."""
    async with place(home) as one:
        accepted = await one.announce(people, urgent=False)
        taker = Taker()
        courier = courier_of(one, taker)
        bringing = asyncio.create_task(_bring(one))
        try:
            course = await _send(one, courier, taker, people)
        finally:
            bringing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await bringing
        doubles = await one.store.fetch_value(
            "SELECT count(*) FROM (SELECT 1 FROM message"
            " GROUP BY person_id, source_id HAVING count(*) > 1) twice"
        )
        again = await one.store.fetch_value("SELECT count(*) FROM delivery WHERE attempts > 1")
    if doubles or again:
        raise Failed(f"{doubles} people were told twice, {again} letters tried twice")
    return _report(people, accepted, course)


async def _bring(one: Place) -> None:
    """What the round of announcements does."""
    while True:
        followed = await settle_steered(one.announcing())
        if not followed + await bring_portions(one.announcing()):
            await asyncio.sleep(0.05)


async def _send(one: Place, courier: Courier, taker: Taker, people: int) -> Course:
    course, tenth = Course(), max(1, people // _TENTHS)
    began = moved = time.perf_counter()
    next_mark, asked, wanted, busy = tenth, 0.0, people, _cpu(one)
    bulk = await one.store.fetch_value("SELECT id FROM announcement")
    while taker.letters < wanted:
        before = taker.letters
        if not await courier.take():
            await courier.place(0.05)
        now = time.perf_counter()
        moved = now if taker.letters > before else moved
        if now - moved > _IDLE_SECONDS:
            raise Failed(f"{taker.letters} of {wanted} letters went out")
        if taker.letters >= next_mark:
            course.rates.append(tenth / (now - began))
            course.cpu.append((_cpu(one) - busy) / tenth * 1e6)
            course.memory.append(psutil.Process().memory_info().rss / 2**20)
            course.waiting = max(course.waiting, await _waiting(one))
            course.progress.append(await _progress(one, bulk))
            if len(course.rates) == _TENTHS - 2:
                await _stop_for_a_while(one, courier, bulk, course)
            began = moved = time.perf_counter()
            next_mark, busy = next_mark + tenth, _cpu(one)
        if not asked and taker.letters >= people // 2:
            asked, wanted = time.perf_counter(), people + 1
            await _ask_urgently(one)
    await courier.finish(5)
    course.overtaken = taker.urgent_time - asked
    return course


def _cpu(one: Place) -> float:
    """CPU seconds of this process and of PostgreSQL so far."""
    return time.process_time() + cpu_seconds(one.suite.pid("postgres") or 0)


async def _stop_for_a_while(one: Place, courier: Courier, bulk: uuid.UUID, course: Course) -> None:
    """An operator stops the bulk and lets it go; what is under way may still go out."""

    async def steer(action: Action) -> None:
        await steer_announcement(bulk, action, caller=one.operator, parts=one.announcing())

    asked = time.perf_counter()
    await steer(Action.PAUSE)
    course.stop_answered = time.perf_counter() - asked
    await courier.finish(_IDLE_SECONDS)
    course.stopped = time.perf_counter() - asked
    before, end = await _tried(one, bulk), time.perf_counter() + _HELD_SECONDS
    while time.perf_counter() < end:
        await courier.take()  # the urgent one may still come by
        await asyncio.sleep(0.05)
    if taken := await _tried(one, bulk) - before:
        raise Failed(f"{taken} letters of a stopped announcement were taken")
    await steer(Action.RESUME)


async def _tried(one: Place, bulk: uuid.UUID) -> int:
    """Letters of an announcement that were ever taken for sending."""
    return int(
        await one.store.pool.fetchval(
            "SELECT count(*) FROM delivery WHERE source_id = $1 AND attempts > 0", bulk
        )
    )


async def _progress(one: Place, bulk: uuid.UUID) -> float:
    """Seconds that the page of progress waits for its figures."""
    asked = time.perf_counter()
    if await AnnouncementReader(one.store).progress(bulk) is None:
        raise Failed("no progress is known")
    return time.perf_counter() - asked


async def _waiting(one: Place) -> int:
    found = await one.store.fetch_value(
        "SELECT count(*) FROM delivery WHERE state IN ('CREATED', 'SENDING')"
    )
    return int(found)


async def _ask_urgently(one: Place) -> None:
    """Another audience of one; the crowd of the bulk is found by its cursor."""
    one.crowd.alone = uuid.uuid4()
    made = Announcement(
        id=uuid.uuid4(),
        kind=Kind.SERVICE,
        title="Срочно",
        text="Текст.",
        created_by=uuid.uuid4(),
        publish_time=one.clock.now(),
        create_time=one.clock.now(),
        roles=("AUDITOR",),
        urgent=True,
    )
    await create_announcement(
        made, body=b"", request_id="", caller=one.operator, parts=one.announcing()
    )


def _report(people: int, accepted: float, course: Course) -> Report:
    table = Table(["letters", "letters/s", "CPU µs a letter", "memory, MiB"])
    seen = zip(course.rates, course.cpu, course.memory, strict=True)
    table.rows = [
        [f"{number * people // _TENTHS}", f"{rate:.0f}", f"{cpu:.0f}", f"{memory:.0f}"]
        for number, (rate, cpu, memory) in enumerate(seen, 1)
    ]
    facts = Table(["an announcement to so many", "figure"])
    facts.rows = [
        ["people", str(people)],
        ["accepted in, ms", _ms(accepted)],
        ["waited for sending at most", str(course.waiting)],
        ["an urgent one in its middle: from asking to the relay, ms", _ms(course.overtaken)],
        ["stopped by an operator: answered in, ms", _ms(course.stop_answered)],
        ["and the last letter on its way had ended after, ms", _ms(course.stopped)],
        ["progress with all figures, at most, ms", _ms(max(course.progress))],
    ]
    grown = course.memory[-1] - course.memory[1]
    share = grown / course.memory[1] * 100
    dearer = course.cpu[-1] / course.cpu[1]
    report = Report("bulk", "An announcement to very many people")
    report.aims = [
        Aim.at_most("accepted, s", 2, accepted, " s"),
        Aim.at_most("memory grown between the second tenth and the last", 20, share, " %"),
        Aim.at_most("CPU a letter of the last tenth, to the second", 1.3, dearer, "×"),
        Aim.at_most("an urgent one overtakes, s", 5, course.overtaken, " s"),
        Aim.at_most("stopped, s", 5, course.stopped, " s"),
        Aim.at_most("progress shown, s", 1.5, max(course.progress), " s"),
    ]
    report.tables = [facts, table]
    report.notes = [
        f"Stopped after eight tenths for {_HELD_SECONDS:g} s: nothing went out meanwhile.",
        f"Recipients follow the speed of sending: at most {HIGH_WATER} due deliveries wait.",
        "Memory is that of the process with the courier in it, without PostgreSQL.",
        "CPU is that of both, bringing included: where it is level, letters/s tell of the machine.",
    ]
    return report


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f}"
