"""Reminders of a million documents: announced by accreditation, planned and told of by notify.

Planning alone is the rule without a store; planned with its store is what notify does when the
events of terms come: inbox, terms and the moment of the next reminder of each, a portion in one
commit. All the documents are planned, so that the last is measured over a full table.
"""

import time
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import asyncpg

from benchmarks.announcing import announced
from benchmarks.compliance import resident_mib
from benchmarks.measure import Failed
from benchmarks.notices import Place, place
from benchmarks.report import Aim, Report, Table
from lkmr_notify.domain.reminders import Term, next_moment
from lkmr_notify.main import load_data, reminder_profiles, term_sources
from lkmr_notify.usecases.remind import Reminding, remind_due
from lkmr_notify.usecases.tell_of_fact import Fact
from lkmr_notify.usecases.terms import Planning, TermSource, note_terms
from lkmr_rig import postgres
from lkmr_servicekit.clock import MOSCOW
from lkmr_servicekit.events import Event
from lkmr_servicekit.inbox import BATCH

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
WANTED_A_MINUTE = 100_000
_TEXTS, _RULES = load_data()
_PROFILES = reminder_profiles()
_PROFILE = _PROFILES["MED_EXAM"]
_TURN = """
UPDATE term SET next_time = '2026-11-23 08:00+03', end_date = '2026-12-23'
 WHERE topic IN (SELECT topic FROM term LIMIT $1)
"""


async def run_reminders(
    home: Path, *, documents: int = 1_000_000, told: int = 5_000, judged: int = 100_000
) -> Report:
    """The rule alone, the rule with its store for all documents, the telling; the announcing."""
    alone = _planned_a_minute(documents // 10)
    said, said_grown = await announced(home / "accreditation", judged)
    async with place(home / "notify") as one:
        one.clock.moment = NOW
        parts = Planning(profiles=_PROFILES, new_uow=one.new_uow, clock=one.clock)
        rates, grown = await _stored_a_minute(parts, documents)
        owner = postgres.dsn(one.suite.home, one.suite.ports, "notify")
        connection = await asyncpg.connect(owner)
        try:
            await connection.execute("ANALYZE")
            await connection.execute(_TURN, told, timeout=1200)
        finally:
            await connection.close()
        reminded = await _told_a_second(_reminding(one), told)
        kept = await one.store.pool.fetchval("SELECT count(*) FROM reminder")
    if kept != told:
        raise Failed(f"{kept} of {told} documents were told of")
    report = Report("reminders", f"Reminders of {_spaced(documents)} documents")
    report.aims = [
        _a_minute("documents planned a minute, all of them", rates[-1]),
        _a_minute("documents announced a minute", said),
        Aim.at_most("memory grown while planning, MiB", 30, grown),
    ]
    table = Table(["what", "figure"])
    table.rows = [
        ["the rule alone: next reminder of a document, a minute, one core", _spaced(alone)],
        [
            f"accreditation: {_spaced(judged)} documents judged and announced, a minute",
            _spaced(said),
        ],
        ["MiB by which its memory grew", f"{said_grown:.0f}"],
        [
            f"notify: {_spaced(documents)} documents planned and stored, a minute",
            _spaced(rates[-1]),
        ],
        ["of it the slowest tenth, a minute", _spaced(min(rates[:-1]))],
        ["MiB by which its memory grew", f"{grown:.0f}"],
        ["reminders told a second: threshold, message, delivery, event", _spaced(reminded)],
    ]
    report.tables = [table]
    report.notes = [
        (
            "One process each and PostgreSQL; the bus between them is measured by `outbox`: one"
            " event a document, so that from end to end its events/s are the bound."
        ),
        f"Events come in portions of {BATCH}, each one transaction; a crash repeats its portion.",
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


async def _stored_a_minute(parts: Planning, documents: int) -> tuple[list[float], float]:
    """Rates of each tenth and of all; MiB by which memory grew after the first tenth."""
    source = next(one for one in term_sources() if one.event.endswith("DocumentTermChanged"))
    rates, memory, marked = [], [], 0
    began = start = time.perf_counter()
    for first in range(0, documents, BATCH):
        done = min(first + BATCH, documents)
        facts = [_fact(one, source) for one in range(first, done)]
        if await note_terms(facts, source, consumer="bench", parts=parts) != len(facts):
            raise Failed("a fact was not new")
        if done - marked >= documents // 10:
            now = time.perf_counter()
            rates.append((done - marked) * 60 / (now - start))
            memory.append(resident_mib())
            start, marked = now, done
    rates.append(documents * 60 / (time.perf_counter() - began))
    return rates, memory[-1] - memory[0]


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


def _spaced(number: float) -> str:
    return f"{number:,.0f}".replace(",", " ")


def _a_minute(what: str, figure: float) -> Aim:
    reached = figure >= WANTED_A_MINUTE
    return Aim(what, f"≥ {_spaced(WANTED_A_MINUTE)}", figure, _spaced(figure), reached)
