"""Terms announced by `accreditation`: documents judged, the facts about them in the outbox.

Workers and documents are made by one statement. The round is that of a change of law: it judges
everybody, as the first night after a load of the register does.
"""

import time
from functools import partial
from pathlib import Path

import asyncpg

from benchmarks.compliance import NOW, resident_mib, seed_workers
from benchmarks.measure import Failed
from benchmarks.outbox import migrate
from lkmr_accreditation.messaging.announce import announce
from lkmr_accreditation.storage.shipped import shipped_book
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.keep_compliance import judge_under_law
from lkmr_rig import Suite, postgres
from lkmr_rig.credentials import password
from lkmr_rig.guard import free_base
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing

EACH = 5
_NEAR = """
UPDATE accreditation SET expire_date = date '2026-12-01' + abs(hashtext(worker_id::text)) % 300,
  record_date = (date '2026-12-01' + abs(hashtext(worker_id::text)) % 300
                 - interval '5 years')::date
"""
_PAPERS = """
WITH kinds AS (SELECT * FROM unnest(ARRAY['MED_EXAM', 'MED_BOOK', 'SAFETY', 'ESIGN']) AS k (kind)),
papers AS (
  INSERT INTO document (id, worker_id, kind, source, visibility, archived, version, create_time)
  SELECT md5(w.id::text || kind)::uuid, w.id, kind, 'WORKER', 'ORGANIZATION', false, 1, $1
    FROM worker w, kinds RETURNING id)
INSERT INTO document_version (document_id, version, sealed, specialty, level, issue_date,
  valid_from, valid_until, check_status, check_by, check_reason, author, create_time)
SELECT md5(w.id::text || kind)::uuid, 1, 'x', '', '', '2026-01-01', '2026-01-01',
       date '2026-12-01' + abs(hashtext(w.id::text || kind)) % 300, 'VERIFIED', '', '', '', $1
  FROM worker w, kinds
"""


async def announced(home: Path, documents: int) -> tuple[float, float]:
    """Documents announced a minute, and MiB by which memory grew from the first tenth on."""
    async with Suite(home, free_base(), only={"postgres"}) as suite:
        await migrate(suite)
        secret = password(suite.home, "accreditation", "database_password")
        url = postgres.url(suite.ports, "accreditation").replace("@", f":{secret}@", 1)
        owner = postgres.dsn(suite.home, suite.ports, "accreditation")
        keys = KeyRing.from_file("accreditation", suite.home.keyring("accreditation"))
        await seed_workers(owner, keys, documents // EACH)
        connection = await asyncpg.connect(owner)
        try:
            await connection.execute(_NEAR, timeout=1200)
            await connection.execute("ALTER TABLE document_version DISABLE TRIGGER ALL")
            await connection.execute(_PAPERS.replace("$1", f"timestamptz '{NOW}'"), timeout=1200)
            await connection.execute("ANALYZE")
        finally:
            await connection.close()
        async with Database(url) as store:
            return await _announce_all(store, keys, documents)


async def _announce_all(store: Database, keys: KeyRing, documents: int) -> tuple[float, float]:
    clock, book = FakeClock(NOW), shipped_book()
    new_uow = partial(AccreditationUnitOfWork, store, keys=keys, clock=clock, announce=announce)
    memory = []
    start = time.perf_counter()
    while await judge_under_law(new_uow=new_uow, book=book, clock=clock):
        memory.append(resident_mib())
    seconds = time.perf_counter() - start
    told = await store.pool.fetchval("SELECT count(*) FROM outbox WHERE subject LIKE '%term_%'")
    if told != documents:
        raise Failed(f"{told} of {documents} documents were announced")
    return documents * 60 / seconds, memory[-1] - memory[len(memory) // 10]
