"""An announcement to very many people: accepted, brought, sent; an urgent one in between.

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

from benchmarks.measure import Failed
from benchmarks.notices import Place, courier_of, place
from benchmarks.report import Aim, Report, Table
from lkmr_notify.domain.announcement import Announcement, Kind
from lkmr_notify.domain.delivery import Outcome, Result
from lkmr_notify.usecases.announce import HIGH_WATER, bring_portions, create_announcement
from lkmr_notify.usecases.courier import Courier
from lkmr_notify.usecases.ports import Dispatch, Handover

_TENTHS = 10
_IDLE_SECONDS = 30.0


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
    memory: list[float] = field(default_factory=list)
    waiting: int = 0


async def run_bulk(home: Path, *, people: int = 20_000) -> Report:
    """One announcement to so many, and in its middle an urgent one to a single person."""
    async with place(home) as one:
        accepted = await one.announce(people, urgent=False)
        taker = Taker()
        courier = courier_of(one, taker)
        bringing = asyncio.create_task(_bring(one))
        try:
            course, overtaken = await _send(one, courier, taker, people)
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
    return _report(people, accepted, course, overtaken)


async def _bring(one: Place) -> None:
    """What the round of announcements does."""
    while True:
        if not await bring_portions(one.announcing()):
            await asyncio.sleep(0.05)


async def _send(one: Place, courier: Courier, taker: Taker, people: int) -> tuple[Course, float]:
    course, tenth = Course(), max(1, people // _TENTHS)
    began = moved = time.perf_counter()
    next_mark, asked, wanted = tenth, 0.0, people
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
            course.memory.append(psutil.Process().memory_info().rss / 2**20)
            course.waiting = max(course.waiting, await _waiting(one))
            began, next_mark = now, next_mark + tenth
        if not asked and taker.letters >= people // 2:
            asked, wanted = time.perf_counter(), people + 1
            await _ask_urgently(one)
    await courier.finish(5)
    return course, taker.urgent_time - asked


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


def _report(people: int, accepted: float, course: Course, overtaken: float) -> Report:
    table = Table(["letters", "letters/s", "memory, MiB"])
    table.rows = [
        [f"{(number + 1) * people // _TENTHS}", f"{rate:.0f}", f"{memory:.0f}"]
        for number, (rate, memory) in enumerate(zip(course.rates, course.memory, strict=True))
    ]
    facts = Table(["an announcement to so many", "figure"])
    facts.rows = [
        ["people", str(people)],
        ["accepted in, ms", f"{accepted * 1000:.0f}"],
        ["waited for sending at most", str(course.waiting)],
        ["an urgent one in its middle: from asking to the relay, ms", f"{overtaken * 1000:.0f}"],
    ]
    grown = course.memory[-1] - course.memory[1]
    share = grown / course.memory[1] * 100
    report = Report("bulk", "An announcement to very many people")
    report.aims = [
        Aim.at_most("accepted, s", 2, accepted, " s"),
        Aim.at_most("memory grown between the second tenth and the last", 20, share, " %"),
        Aim.at_most("an urgent one overtakes, s", 5, overtaken, " s"),
    ]
    report.tables = [facts, table]
    report.notes = [
        f"Recipients follow the speed of sending: at most {HIGH_WATER} due deliveries wait.",
        "Memory is that of the process with the courier in it, without PostgreSQL.",
    ]
    return report
