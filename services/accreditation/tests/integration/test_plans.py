"""Reads of boards and of the background work use indexes, however many workers there are."""

from datetime import date
from typing import Any

import asyncpg
import pytest

from lkmr_accreditation.storage import board, compliance
from lkmr_rig.plans import plan_of

pytestmark = pytest.mark.servers
OID = "1.2.643.5.1.13.13.12.2.7.5"
_SEED = """
WITH numbers AS (SELECT n, ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id
                   FROM generate_series(1, $1::int) n),
workers AS (
  INSERT INTO worker (id, snils_index, data_key, personal, jobs, register_version, fetch_time)
  SELECT id, 'x', 'x', 'x', '[]', 1, '2026-11-01' FROM numbers RETURNING id),
kept AS (
  INSERT INTO compliance
  SELECT id, 1, 'law', '', 'OK', '{}', date '2026-11-01' + (n % 300), '2026-11-01' FROM numbers)
INSERT INTO staff
SELECT '1.2.643.5.1.13.13.12.2.7.' || n % 200, id, lpad((n % 80)::text, 2, '0'), 'O', 1, '', 'x',
       '[]', ARRAY['d' || n % 9], ARRAY['s' || n % 20], 'DOCTORS', true, true,
       date '2025-01-01' + (n % 2000), false, date '2025-01-01' + (n % 2000), NULL, NULL, NULL,
       false, 'OK', '{}', '', '', 'NOBODY', NULL
  FROM numbers
"""


@pytest.mark.parametrize(
    "rows", [20_000, pytest.param(1_000_000, marks=pytest.mark.soak)], ids=["small", "million"]
)
async def test_no_read_looks_at_all_workers(database: Any, rows: int) -> None:
    connection = await asyncpg.connect(database("accreditation").superuser_url)
    try:
        # The foreign keys are left out: one statement fills all tables.
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(_SEED, rows, timeout=600)
        await connection.execute("ANALYZE")
        today = date(2026, 11, 23)
        page = (
            f"SELECT {board._ROW} FROM staff WHERE concerned AND organization_oid = $1"  # noqa: S608 - the read of the board
            " AND (sort_date, worker_id) > ($2, $3) ORDER BY sort_date, staff.worker_id LIMIT 26"
        )
        first = "00000000-0000-4000-8000-000000000000"
        reads = {
            "page": (page, OID, today, first),
            "counts": (
                f"SELECT {board._COUNTS} FROM staff WHERE concerned AND organization_oid = $4",  # noqa: S608 - same
                today, today, today, OID,
            ),
            "member": (
                "SELECT name FROM staff WHERE organization_oid = $1 AND worker_id = $2", OID, first,
            ),
            "turned": (
                compliance._TURNED.replace(":day", "$1").replace(":limit", "$2"),
                date(2026, 11, 1), 500,
            ),
            "after": (
                compliance._AFTER.replace(":cursor", "$1").replace(":limit", "$2"), first, 500,
            ),
        }  # fmt: skip
        for name, (statement, *values) in reads.items():
            kinds = await plan_of(connection, statement, *values)
            assert not any(kind.startswith("Seq Scan") for kind in kinds), (name, kinds)
            assert name not in {"page", "after"} or "Sort" not in kinds, (name, kinds)
    finally:
        await connection.close()
