"""Compliance: verdicts of one worker against the floor read, a board, recomputation of all.

Workers are made by one statement. Judging runs in this process, over a database of its own.
"""

import gc
import os
import statistics
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import orjson

from benchmarks.measure import Failed
from benchmarks.outbox import migrate
from benchmarks.report import Aim, Report, Table
from lkmr_accreditation.messaging.announce import announce
from lkmr_accreditation.storage.board import PostgresStaff
from lkmr_accreditation.storage.reader import PostgresReader
from lkmr_accreditation.storage.shipped import shipped_book
from lkmr_accreditation.storage.traits import PostgresTraits
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.keep_compliance import judge_under_law
from lkmr_accreditation.usecases.read_compliance import ComplianceParts, read_compliance
from lkmr_accreditation.usecases.staff import StaffFilter, staff_board
from lkmr_rig import Suite, postgres
from lkmr_rig.credentials import password
from lkmr_rig.guard import free_base
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.identity import Caller, CallerKind

ORGANIZATION = "1.2.643.5.1.13.13.12.2.77.1"
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
_STAFF_OF_ONE = 10_000
_JOBS = (
    '[{"organization_oid": "1.2.643.5.1.13.13.12.2.77.%s", "organization_name": "O",'
    ' "position": "врач-терапевт", "specialty": "терапия", "department": "d",'
    ' "start_date": "2015-01-01", "end_date": null}]'
)
_WORKERS = """
INSERT INTO worker (id, snils_index, data_key, personal, jobs, register_version, fetch_time, gaps)
SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'x', 'x', 'x',
       replace($2, '%s', (1 + n / $3::int)::text)::jsonb, 1, '2026-11-23 06:00+00', '{}'
  FROM generate_series(1, $1::int) n
"""
_ENTRIES = """
INSERT INTO accreditation
SELECT md5(id::text)::uuid, id, id::text, 'PERIODIC', '27', 'терапия', 'HIGHER', 'c', '1', NULL, d,
       (d + interval '5 years')::date, false, '[]', false, 1, '2026-11-23'
  FROM (SELECT id, date '2021-12-01' + abs(hashtext(id::text)) % 1500 AS d FROM worker) w
"""
_STAFF = """
INSERT INTO staff
SELECT jobs->0->>'organization_oid', id, '77', 'O', 1, '', $1, '[]', '{d}', '{терапия}', 'DOCTORS',
       true, true, NULL, false, '1900-01-01', NULL, NULL, NULL, false, 'OK', '{}', '', '',
       'NOBODY', NULL
  FROM worker
"""


def resident_mib() -> float:
    """Memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def run_compliance(home: Path, *, workers: int = 1_000_000, calls: int = 300) -> Report:
    """Everything over PostgreSQL alone."""
    async with Suite(home, free_base(), only={"postgres"}) as suite:
        await migrate(suite)
        secret = password(suite.home, "accreditation", "database_password")
        url = postgres.url(suite.ports, "accreditation").replace("@", f":{secret}@", 1)
        owner = postgres.dsn(suite.home, suite.ports, "accreditation")
        keys = KeyRing.from_file("accreditation", suite.home.keyring("accreditation"))
        async with Database(url) as store:
            await seed_workers(owner, keys, workers)
            return await _measure(store, keys, workers, calls)


async def seed_workers(dsn: str, keys: KeyRing, workers: int) -> None:
    """Workers of organisations of 10 000, each with an entry and a row of the board."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(_WORKERS, workers, _JOBS, _STAFF_OF_ONE, timeout=1200)
        await connection.execute(_ENTRIES, timeout=1200)
        key = keys.new_data_key()
        await connection.execute(
            "INSERT INTO organization_key SELECT DISTINCT jobs->0->>'organization_oid',"
            " $1::bytea FROM worker",
            key.wrapped,
        )
        await connection.execute(_STAFF, b"x", timeout=1200)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def _measure(store: Database, keys: KeyRing, workers: int, calls: int) -> Report:
    clock, book = FakeClock(NOW), shipped_book()
    new_uow = partial(AccreditationUnitOfWork, store, keys=keys, clock=clock, announce=announce)
    speeds, memory, done = [], [], 0
    gc.collect()
    while True:
        start = time.perf_counter()
        if not await judge_under_law(new_uow=new_uow, book=book, clock=clock):
            break
        row = await store.pool.fetchrow("SELECT done FROM recompute")
        speeds.append((row["done"] - done) / (time.perf_counter() - start))
        done = row["done"]
        memory.append(resident_mib())
    if done != workers:
        raise Failed(f"{done} of {workers} workers were judged")
    reader = PostgresReader(store)

    async def refresh(_: str) -> None:
        raise Failed("nothing is stale here")

    parts = ComplianceParts(
        reader=reader,
        traits=PostgresTraits(store),
        hours=None,
        refresh=refresh,
        registry=book.registry,
        clock=clock,
    )
    ids = [str(uuid.UUID(f"00000000-0000-4000-8000-{n:012x}")) for n in range(1, calls + 1)]
    floor, whole = await _in_turn(
        (reader.find_worker, lambda one: read_compliance(one, parts)), ids
    )
    head = Caller(
        CallerKind.PERSON, "p", 0, session="s", roles=("HEAD_ORG",), organization_oid=ORGANIZATION
    )
    await _sealed_names(store, keys)
    staff = PostgresStaff(store, keys)

    async def board(_: str, name: str = "") -> object:
        asked = StaffFilter(family_name=name)
        return await staff_board(
            head, asked, page_size=25, page_token="", reader=staff, clock=clock
        )

    page = await _micros(board, ids[: max(3, calls // 10)])
    search = await _micros(lambda one: board(one, "Проб"), ids[: max(3, calls // 30)])
    middle = statistics.median(speeds)
    report = Report("compliance", "Compliance: one worker, a board, all workers after a law")
    report.aims = [
        Aim.at_most("verdicts of one worker to the floor read", 4.0, whole / floor, "×"),
    ]
    report.notes = ["Floor read and verdicts take turns call by call: both find cold caches."]
    size = min(workers, _STAFF_OF_ONE)
    report.tables = [
        Table(
            ["what", "µs", "to the floor read"],
            [
                ["floor read of the same rows", f"{floor:.0f}", "1.0"],
                ["verdicts R-ACC-01…13 with reasons", f"{whole:.0f}", f"{whole / floor:.1f}"],
                [f"board, first page of {size}", f"{page:.0f}", f"{page / floor:.1f}"],
                [f"board, surname in {size}", f"{search:.0f}", f"{search / floor:.1f}"],
            ],
            "One worker and one board",
        ),
        Table(
            ["workers", "workers/s", "slowest portion/s", "MiB first", "MiB last"],
            [
                [
                    str(workers),
                    f"{middle:.0f}",
                    f"{min(speeds):.0f}",
                    f"{memory[min(2, len(memory) - 1)]:.0f}",
                    f"{memory[-1]:.0f}",
                ]
            ],
            "All workers after a change of law",
        ),
    ]
    return report


async def _sealed_names(store: Database, keys: KeyRing) -> None:
    """Names of one organisation, sealed as they are in earnest."""
    rows = await store.pool.fetch(
        "SELECT worker_id FROM staff WHERE organization_oid = $1", ORGANIZATION
    )
    wrapped = await store.pool.fetchval(
        "SELECT data_key FROM organization_key WHERE organization_oid = $1", ORGANIZATION
    )
    key = keys.data_key(bytes(wrapped))
    name = orjson.dumps(["Проба", "А", ""])
    await store.pool.executemany(
        "UPDATE staff SET name = $1 WHERE organization_oid = $3 AND worker_id = $2",
        [(key.seal(name, "staff", "name", str(row[0])), row[0], ORGANIZATION) for row in rows],
        timeout=120,
    )


async def _in_turn(
    reads: Sequence[Callable[[str], Awaitable[Any]]], ids: Sequence[str]
) -> tuple[float, ...]:
    """Medians of reads that take turns call by call, so that the machine is the same for all."""
    found: list[list[float]] = [[] for _ in reads]
    for one in ids:
        for read, times in zip(reads, found, strict=True):
            start = time.perf_counter()
            await read(one)
            times.append((time.perf_counter() - start) * 1e6)
    return tuple(statistics.median(times) for times in found)


async def _micros(read: Callable[[str], Awaitable[Any]], ids: Sequence[str]) -> float:
    """Median of one call after another."""
    (middle,) = await _in_turn((read,), ids)
    return middle
