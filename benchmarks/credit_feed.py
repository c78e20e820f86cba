"""The portal's credits on their real path, in tenths: speed, memory, and what became of a kill."""

import asyncio
import time
from dataclasses import dataclass, field

import asyncpg

from benchmarks.measure import Failed, cpu_seconds, memory_of
from benchmarks.report import Aim, Table
from lkmr_egisz_stand_in.credits import hours_of
from lkmr_egisz_stand_in.register import Cursor
from lkmr_rig import Suite, postgres

TENTHS, RATE, GROWTH = 10, 3000, 1.2
_LOOK_SECONDS = 0.2
_READ, _BROUGHT = "education", "egisz-bridge"
_WORKING = (_READ, _BROUGHT, "egisz", "accreditation", "postgres", "nats")
_PLACE = "SELECT place FROM outside_feed WHERE name = 'studies'"
_KEPT = """
SELECT count(DISTINCT a.external_id), coalesce(sum(c.units), 0),
       (SELECT count(*) FROM activity WHERE external_id LIKE 'gen-%'),
       (SELECT count(*) FROM quarantine)
  FROM activity a JOIN confirmation c ON c.activity_id = a.id AND c.revoke_time IS NULL
 WHERE a.external_id LIKE 'gen-%'
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """The end of a tenth: credits and seconds so far, MiB of each program that keeps them."""

    taken: int
    seconds: float
    memory: dict[str, float]


@dataclass(slots=True)
class Fed:
    """How a feed came in. `killed_at` is the tenth in which education was killed."""

    marks: list[Mark] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=dict)
    """CPU seconds by program while the feed was followed."""
    killed_at: int = 0
    back_seconds: float = 0.0
    hours: int = 0

    def rate(self) -> Aim:
        """Credits a second after the first tenth, without the tenth of the kill."""
        what, wanted = "credits of the portal taken", f"≥ {RATE}/s"
        taken = seconds = 0.0
        for number, (before, after) in enumerate(zip(self.marks, self.marks[1:], strict=False), 2):
            if number != self.killed_at:
                taken += after.taken - before.taken
                seconds += after.seconds - before.seconds
        if not seconds:
            return Aim.not_measured(what, wanted, "too few credits")
        speed = taken / seconds
        return Aim(what, wanted, speed, f"{speed:.0f}/s", speed >= RATE)

    def growth(self, program: str) -> Aim:
        """Memory at the end to that of the second tenth, or of the first whole one after a kill."""
        whole = self.killed_at + 1 if program == _READ else 2
        first = self.marks[min(whole, TENTHS) - 1].memory[program]
        grown = self.marks[-1].memory[program] / max(first, 1.0)
        return Aim.at_most(f"memory of {program} at the end to an early tenth", GROWTH, grown, "×")

    def aims(self) -> list[Aim]:
        return [self.rate(), self.growth(_READ), self.growth(_BROUGHT)]

    def tables(self) -> list[Table]:
        """Speed and memory by tenths; what the programs worked; what a kill did."""
        rows, past = [], Mark(0, 0.0, {})
        for number, one in enumerate(self.marks, 1):
            rate = (one.taken - past.taken) / max(one.seconds - past.seconds, 1e-9)
            killed = ", education was killed" if number == self.killed_at else ""
            memory = [f"{one.memory[program]:.0f}" for program in (_READ, _BROUGHT)]
            rows.append([f"{one.taken}{killed}", f"{rate:.0f}", *memory])
            past = one
        columns = ["credits taken", "credits/s", f"{_READ}, MiB", f"{_BROUGHT}, MiB"]
        worked = [[program, f"{1e6 * used / past.taken:.0f}"] for program, used in self.cpu.items()]
        ended = [["kept, each once", str(past.taken)], ["hours of them", str(self.hours)]]
        ended.append(["seconds from the kill to the next credit", f"{self.back_seconds:.1f}"])
        return [
            Table(columns, rows, "Feed of the portal"),
            Table(["program", "CPU µs a credit"], worked, "Work"),
            Table(["at the end", "figure"], ended, "Nothing lost, nothing twice"),
        ]


async def feed(suite: Suite, credited: int, seconds: float) -> Fed:
    """Follow the feed to its end and kill education in its middle.

    Raises Failed when it stands still for `seconds` or anything is not as it was told.
    """
    dsn = postgres.dsn(suite.home, suite.ports, _READ)
    connection = await asyncpg.connect(dsn)
    try:
        fed = await _Follower(suite, connection, credited, seconds).run()
        kept = tuple(await connection.fetchrow(_KEPT, timeout=120))
    finally:
        await connection.close()
    fed.hours = sum(map(hours_of, range(credited)))
    if kept != (credited, fed.hours, credited, 0):
        raise Failed(f"{credited} credits of {fed.hours} h were told, kept are {kept}")
    return fed


class _Follower:
    def __init__(
        self, suite: Suite, connection: asyncpg.Connection, credited: int, seconds: float
    ) -> None:
        self._suite, self._connection = suite, connection
        self._credited, self._patience = credited, seconds
        self._fed, self._killed = Fed(), 0.0
        self._start = self._last = time.perf_counter()
        self._worked: dict[tuple[str, int], tuple[float, float]] = {}

    async def run(self) -> Fed:
        """Look until the last credit is taken. Raises Failed."""
        done = before = await self._taken()
        while done < self._credited:
            await asyncio.sleep(_LOOK_SECONDS)
            done, now = await self._taken(), time.perf_counter()
            self._count_work()
            if done > before:
                self._moved(now)
            elif now - self._last > self._patience:
                raise Failed(f"{done} of {self._credited} credits were taken")
            self._mark(done, now)
            if not self._killed and 2 * done >= self._credited and self._suite.pid(_READ):
                self._killed, self._fed.killed_at = now, len(self._fed.marks) + 1
                self._suite.kill(_READ)
            before = done
        for (program, _), (first, last) in self._worked.items():
            self._fed.cpu[program] = self._fed.cpu.get(program, 0.0) + last - first
        return self._fed

    async def _taken(self) -> int:
        place = await self._connection.fetchval(_PLACE)
        return Cursor.opened(place)[1].generated if place else 0

    def _moved(self, now: float) -> None:
        self._last = now
        if self._killed and not self._fed.back_seconds:
            self._fed.back_seconds = now - self._killed

    def _mark(self, done: int, now: float) -> None:
        marks = self._fed.marks
        while len(marks) < TENTHS and done >= (len(marks) + 1) * self._credited // TENTHS:
            found = {one: self._suite.pid(one) for one in (_READ, _BROUGHT)}
            memory = {one: memory_of(pid).rss if pid else 0.0 for one, pid in found.items()}
            marks.append(Mark(done, now - self._start, memory))

    def _count_work(self) -> None:
        for program in _WORKING:
            if (pid := self._suite.pid(program)) is not None:
                used = cpu_seconds(pid)
                first, _ = self._worked.get((program, pid), (used, used))
                self._worked[program, pid] = (first, used)


def followed_table(seconds: float) -> Table:
    """How long the verdicts took after the last credit."""
    what = "from the last credit to the last hours kept in accreditation"
    return Table(["what", "seconds"], [[what, f"{seconds:.0f}"]], "Verdicts after the feed")


async def followed(suite: Suite, seconds: float) -> float:
    """Seconds until nobody's hours are due in accreditation. Raises Failed."""
    connection = await asyncpg.connect(postgres.dsn(suite.home, suite.ports, "accreditation"))
    start = time.perf_counter()
    try:
        while await connection.fetchval("SELECT count(*) FROM hours_due"):
            if time.perf_counter() - start > seconds:
                raise Failed("hours of credited workers stay due")
            await asyncio.sleep(0.5)
    finally:
        await connection.close()
    return time.perf_counter() - start
