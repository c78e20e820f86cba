"""Reminders: documents whose next reminder is planned, and told of, among a million terms.

Terms are made by one statement. Planning alone is the rule without a store; planned with its
store is what notify does when the event of a term comes: inbox, term and the moment of its next
reminder in one commit.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import asyncpg

from benchmarks.measure import Failed, Ratio
from benchmarks.notices import Place, place
from benchmarks.report import Aim, Report, Table
from lkmr_notify.domain.reminders import Term, next_moment, read_profiles
from lkmr_notify.main import _toml, load_data, term_sources
from lkmr_notify.usecases.tell_of_fact import Fact
from lkmr_notify.usecases.terms import Reminding, TermSource, note_term, remind_due
from lkmr_rig import postgres
from lkmr_servicekit.clock import MOSCOW
from lkmr_servicekit.events import Event

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
WANTED_A_MINUTE = 1_000_000
_AT_ONCE = 8
_TEXTS, _RULES = load_data()
_PROFILES = read_profiles(_toml("reminders.toml"))
_PROFILE = _PROFILES["MED_EXAM"]
_SEED = """
INSERT INTO term (topic, profile, worker_id, cover, subject, link, zone, start_date, end_date,
                  recommended_months, state, handled_time, next_time, update_time)
SELECT format('workers/%s/documents/%s', md5(n::text)::uuid, md5('d' || n)::uuid), 'MED_EXAM',
       md5(n::text)::uuid::text, '', '', '/documents', 'Europe/Moscow', NULL,
       date '2026-12-23' + CASE WHEN n <= $2::int THEN 0 ELSE 60 + n % 600 END, 0, 'OPEN', NULL,
       timestamptz '2026-12-23 08:00+03' + n % 600 * interval '1 day', '2026-11-01'
  FROM generate_series(1, $1::int) n
"""
_TURN = """
UPDATE term SET next_time = '2026-11-23 08:00+03' WHERE end_date = '2026-12-23'
"""


async def run_reminders(
    home: Path, *, documents: int = 1_000_000, stored: int = 4_000, told: int = 2_000
) -> Report:
    """The rule alone, the rule with its store, and the telling."""
    alone = _planned_a_minute(documents // 10)
    async with place(home) as one:
        one.clock.moment = NOW
        owner = postgres.dsn(one.suite.home, one.suite.ports, "notify")
        connection = await asyncpg.connect(owner)
        try:
            await connection.execute(_SEED, documents, told, timeout=1200)
            await connection.execute("ANALYZE")
            parts = _reminding(one)
            planned = await _stored_a_minute(parts, stored)
            await connection.execute(_TURN, timeout=1200)
            reminded = await _told_a_second(parts, told)
        finally:
            await connection.close()
        kept = await one.store.pool.fetchval("SELECT count(*) FROM reminder")
    if kept != told:
        raise Failed(f"{kept} of {told} documents were told of")
    report = Report("reminders", f"Reminders of {documents:,} documents".replace(",", " "))
    share = alone / WANTED_A_MINUTE
    report.aims = [
        Aim.at_least("documents planned a minute, in millions, the rule", 1, _exact(share))
    ]
    table = Table(["what", "figure"])
    table.rows = [
        ["the rule alone: next reminder of a document, a minute, one core", f"{alone:,.0f}"],
        ["with its store: event, inbox, term, next moment, a minute", f"{planned:,.0f}"],
        ["reminders told a second: threshold, message, delivery, event", f"{reminded:,.0f}"],
    ]
    for row in table.rows:
        row[1] = row[1].replace(",", " ")
    report.tables = [table]
    report.notes = [
        f"The store holds {documents:,} terms before it is measured.".replace(",", " "),
        "A document is planned when its term becomes known or changes; an index finds it again.",
    ]
    return report


def _planned_a_minute(documents: int) -> float:
    start = time.perf_counter()
    for number in range(documents):
        if next_moment(_term(number), _PROFILE, after=NOW) is None:
            raise Failed("a document has no next reminder")
    return documents * 60 / (time.perf_counter() - start)


def _term(number: int) -> Term:
    return Term(
        topic=str(number),
        profile=_PROFILE.name,
        worker="w",
        start_date=None,
        end_date=date(2026, 12, 1) + timedelta(days=number % 700),
        zone=MOSCOW,
        link="/documents",
    )


async def _stored_a_minute(parts: Reminding, documents: int) -> float:
    source = next(one for one in term_sources() if one.event.endswith("DocumentTermChanged"))

    async def note(number: int) -> None:
        await note_term(_fact(number, source), source, consumer="bench", parts=parts)

    start = time.perf_counter()
    await _several_at_once(documents, note)
    return documents * 60 / (time.perf_counter() - start)


def _fact(number: int, source: TermSource) -> Fact:
    worker = f"workers/{uuid.UUID(int=number + 1)}"
    topic = f"{worker}/documents/{uuid.UUID(int=number + 1)}"
    fields = {
        "resource": topic,
        "worker": worker,
        "profile": _PROFILE.name,
        "expire_date": (date(2028, 1, 1) + timedelta(days=number % 300)).isoformat(),
        "time_zone": "Europe/Moscow",
    }
    return Fact(Event(uuid.uuid4(), "subject", topic, None), source.event, fields)


async def _several_at_once(count: int, work: Callable[[int], Awaitable[None]]) -> None:
    """As several consumers of one service."""
    left = iter(range(count))

    async def consumer() -> None:
        for number in left:
            await work(number)

    await asyncio.gather(*(consumer() for _ in range(_AT_ONCE)))


async def _told_a_second(parts: Reminding, documents: int) -> float:
    start = time.perf_counter()
    await _handle(parts, documents)
    return documents / (time.perf_counter() - start)


async def _handle(parts: Reminding, documents: int) -> None:
    """Have the due ones looked at: told of, or given the moment of their next reminder."""
    done = 0
    while done < documents:
        handled = await remind_due(parts)
        if not handled:
            raise Failed(f"{done} of {documents} documents were due")
        done += handled


def _reminding(one: Place) -> Reminding:
    return Reminding(
        people=one.crowd,
        facts={},
        rules=_RULES,
        texts=_TEXTS,
        profiles=_PROFILES,
        new_uow=one.new_uow,
        clock=one.clock,
    )


def _exact(value: float) -> Ratio:
    return Ratio(value, value, value)
