"""6: the journal: rows chained and verified a second, and what an act adds to a commit.

Chain and verification are auth's own code over a real PostgreSQL. The share is told against the
same transaction without an act, in turn: one row of work, committed, with the outbox it announces.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from lkmr.accreditation.v1.events_pb2 import AccreditationRecorded

from benchmarks.measure import Failed, cpu_seconds
from benchmarks.report import Aim, Report, Table
from lkmr_auth.clients.archive import FolderArchive
from lkmr_auth.clients.witness import FolderWitness
from lkmr_auth.domain.journal import Head
from lkmr_auth.domain.statement import signing_key
from lkmr_auth.storage.chain import StoredChain
from lkmr_auth.usecases.keep_journal import keep_journal
from lkmr_auth.usecases.verify_journal import verify_journal
from lkmr_rig import Suite, postgres
from lkmr_rig.credentials import password
from lkmr_rig.guard import free_base
from lkmr_rig.layout import CHECKOUT
from lkmr_servicekit.audit import Act
from lkmr_servicekit.audit_wire import OutboxJournal
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.database import Database, UnitOfWork
from lkmr_servicekit.events import Announcement
from lkmr_servicekit.outbox import Outbox
from lkmr_servicekit.partitions import ensure_months

_CLOCK = SystemClock()
PORTION = 1000
_FILL = sa.text(
    "INSERT INTO journal_pending (event_id, source, time, actor, on_behalf_of, roles, organization,"
    " operation, object, subject, result, reason, purpose, basis, session, trace_id, device)"
    " SELECT gen_random_uuid(), 'accreditation', :now, 'persons/' || gen_random_uuid(), '',"
    " '{DOCTOR}', 'org-gp1', 'accreditation.extract.issued',"
    " 'workers/' || gen_random_uuid() || '/accreditations/' || gen_random_uuid(),"
    " 'workers/' || gen_random_uuid(), 'ALLOWED', '', '', '', 'persons/x/sessions/y',"
    " repeat('a', 32), 'Firefox, Linux' FROM generate_series(1, :rows)"
)
_WORK = sa.text("INSERT INTO inbox VALUES ('benchmark', gen_random_uuid(), :now)")


async def run_journal(
    home: Path, *, rounds: int = 5, rows: int = 20_000, commits: int = 300
) -> Report:
    """Rounds in turn; the chain is verified whole at the end."""
    async with databases(home) as (auth, accreditation):
        with tempfile.TemporaryDirectory() as folder:
            key = signing_key(password_of_32_bytes())
            witness = FolderWitness(Path(folder), key, 1)
            witness.prepare()
            chain = StoredChain(auth, _CLOCK)
            speeds, plain, acted = [], [], []
            for _ in range(rounds):
                speeds.append(await _chained(auth, chain, witness, rows))
                plain.append(await _committed(accreditation, commits, with_act=False))
                acted.append(await _committed(accreditation, commits, with_act=True))
            started, cpu = time.perf_counter(), time.process_time()
            found = await verify_journal(
                chain, FolderArchive(Path(folder) / "archive", key), witness
            )
            verified = found.rows / (time.perf_counter() - started)
            a_second_of_cpu = found.rows / (time.process_time() - cpu)
    if not found.sound or found.rows != rounds * rows or found.head == Head():
        raise Failed(f"the journal is not whole: {list(found.report())[:3]}")
    report = _report(speeds, verified, plain, acted, found.rows)
    report.notes.append(
        f"A second of CPU of the verifying program checks {a_second_of_cpu:,.0f} rows."
    )
    return report


def password_of_32_bytes() -> str:
    """A secret of the form that auth is given."""
    return (uuid.uuid4().hex + uuid.uuid4().hex)[:43]


async def _chained(auth: Database, chain: StoredChain, witness: FolderWitness, rows: int) -> float:
    for start in range(0, rows, PORTION):
        async with UnitOfWork(auth) as uow:
            portion = min(PORTION, rows - start)
            await uow.connection.execute(_FILL, {"now": _CLOCK.now(), "rows": portion})
            await uow.commit()
    started = time.perf_counter()
    await keep_journal(chain, witness, _CLOCK)
    return rows / (time.perf_counter() - started)


async def _committed(database: Database, commits: int, *, with_act: bool) -> tuple[float, float]:
    """Median milliseconds and CPU microseconds of this process for one commit."""
    journal = OutboxJournal(database, "accreditation", _CLOCK)
    act = Act(
        operation="accreditation.extract.issued", object="workers/7/accreditations/9",
        actor="persons/7", roles=("DOCTOR",), organization="org-gp1",
    )  # fmt: skip
    times, cpu = [], cpu_seconds(os.getpid())
    for number in range(commits):
        started = time.perf_counter()
        async with UnitOfWork(database) as uow:
            now = _CLOCK.now()
            await uow.connection.execute(_WORK, {"now": now})
            fact = Announcement(f"x/{number}", AccreditationRecorded(accreditation=f"x/{number}"))
            outbox = Outbox(uow.connection, source="accreditation", clock=_CLOCK)
            await outbox.add([fact])
            if with_act:
                await journal.write(uow.connection, replace(act, time=now))
            await uow.commit()
        times.append(time.perf_counter() - started)
    spent = (cpu_seconds(os.getpid()) - cpu) / commits
    return statistics.median(times) * 1e3, spent * 1e6


def _report(
    speeds: list[float],
    verified: float,
    plain: list[tuple[float, float]],
    acted: list[tuple[float, float]],
    rows: int,
) -> Report:
    speed = statistics.median(speeds)
    more = statistics.median(b[0] / a[0] for a, b in zip(plain, acted, strict=True))
    table = Table(["what", "figure", "lowest … highest round"])
    table.rows = [
        ["rows chained a second, one process", f"{speed:,.0f}", _span(speeds, ",.0f")],
        ["rows verified a second", f"{verified:,.0f}", f"{rows:,} rows once"],
        ["commit without an act, ms", _median(plain, 0, ".2f"), _spans(plain, 0, ".2f")],
        ["commit with an act, ms", _median(acted, 0, ".2f"), _spans(acted, 0, ".2f")],
        [
            "CPU of the program without an act, µs",
            _median(plain, 1, ".0f"),
            _spans(plain, 1, ".0f"),
        ],
        ["CPU with an act, µs", _median(acted, 1, ".0f"), _spans(acted, 1, ".0f")],
        ["commit with an act, times one without", f"{more:.2f}", ""],
    ]
    report = Report("journal", "The journal")
    report.aims = [
        Aim("rows verified a second", "≥ 20000", verified, f"{verified:,.0f}", verified >= 20_000),
        Aim("rows chained a second", "≥ 1600", speed, f"{speed:,.0f}", speed >= 1600),
    ]
    report.tables = [table]
    report.notes = [
        "1 600 rows a second is what chaining row by row would reach.",
        "Reads without an act in their rule, which are nearly all requests, pay nothing.",
    ]
    return report


def _span(values: list[float], form: str) -> str:
    return f"{min(values):{form}} … {max(values):{form}}"


def _spans(values: list[tuple[float, float]], place: int, form: str) -> str:
    return _span([one[place] for one in values], form)


def _median(values: list[tuple[float, float]], place: int, form: str) -> str:
    return f"{statistics.median(one[place] for one in values):{form}}"


@asynccontextmanager
async def databases(home: Path) -> AsyncIterator[tuple[Database, Database]]:
    """Migrated databases of auth and accreditation on a PostgreSQL of their own."""
    async with Suite(home, free_base(), only={"postgres"}) as suite:
        for service in ("auth", "accreditation"):
            await asyncio.to_thread(_migrate, suite, service)
        dsns = [_dsn(suite, service) for service in ("auth", "accreditation")]
        async with Database(dsns[0]) as auth, Database(dsns[1]) as accreditation:
            await ensure_months(auth, ("journal_entry",), _CLOCK.now())
            yield auth, accreditation


def _dsn(suite: Suite, service: str) -> str:
    secret = password(suite.home, service, "database_password")
    return postgres.url(suite.ports, service).replace("@", f":{secret}@", 1)


def _migrate(suite: Suite, service: str) -> None:
    address = postgres.owner_url(suite.home, suite.ports, service)
    subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "lkmr_servicekit.migrate", f"services/{service}"],
        check=True,
        cwd=CHECKOUT,
        env={**os.environ, "PGSSLMODE": "disable", f"{service.upper()}_MIGRATION_URL": address},
    )
