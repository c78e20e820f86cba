"""Reads of applications use indexes, however many there are."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import pytest

from lkmr_accreditation.storage import application_reader
from lkmr_rig.plans import plan_of

pytestmark = pytest.mark.servers
OID, NOW = "1.2.643.5.1.13.13.12.2.7.5", datetime(2026, 11, 23, tzinfo=UTC)
_SEED = """
WITH numbers AS (SELECT n, ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id
                   FROM generate_series(1, $1::int) n),
workers AS (
  INSERT INTO worker (id, snils_index, data_key, personal, jobs, register_version, fetch_time)
  SELECT id, 'x', 'x', 'x', '[]', 1, '2026-11-01' FROM numbers RETURNING id),
members AS (
  INSERT INTO staff
  SELECT '1.2.643.5.1.13.13.12.2.7.' || n % 200, id, '77', 'O', 1, '', 'x', '[]',
         ARRAY['d' || n % 9], ARRAY['терапия'], 'DOCTORS', true, true, date '2027-01-01', false,
         date '2027-01-01', NULL, NULL, NULL, false, 'OK', '{}', '', '', 'NOBODY', NULL
    FROM numbers)
INSERT INTO application
SELECT md5(id::text)::uuid, id, 'F1', 'PERIODIC',
       (ARRAY['DRAFT', 'REPORT_APPROVAL', 'FAC_CHECK', 'RECORDED', 'RECORDED'])[1 + n % 5],
       'терапия', '1.2.643.5.1.13.13.12.2.7.' || n % 200, 1, 1, 'NONE', 'x', '2026-11-01',
       '2026-11-01', '2026-11-01', NULL, date '2026-11-01' + n % 300, 0,
       CASE WHEN n % 1000 = 0 THEN 'SUBMIT' ELSE '' END, 0, '2026-11-01'
  FROM numbers
"""


@pytest.mark.parametrize(
    "rows", [20_000, pytest.param(1_000_000, marks=pytest.mark.soak)], ids=["small", "million"]
)
async def test_no_read_looks_at_all_applications(database: Any, rows: int) -> None:
    connection = await asyncpg.connect(database("accreditation").superuser_url)
    first = uuid.UUID("00000000-0000-4000-8000-000000000001")
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(_SEED, rows, timeout=600)
        await connection.execute("ANALYZE")
        reads = {
            "own": (application_reader._PAGE, first, None, first, 26),
            "staff": (application_reader._STAFF, OID, "", ["F1"], None, first, 26),
            "department": (application_reader._STAFF, OID, "терапия", ["F1"], None, first, 26),
            "staff one": (application_reader._STAFF_ONE, OID, "терапия", first),
            "open": (application_reader._OPEN, first, ["FAC_CHECK"]),
            "outgoing": (
                (
                    "SELECT id FROM application WHERE outgoing <> '' AND send_time <= $1"
                    " ORDER BY send_time LIMIT 1"
                ),
                NOW,
            ),
            "turning": (
                "SELECT id FROM application WHERE turn_date <= $1 ORDER BY turn_date LIMIT 100",
                date(2026, 11, 2),
            ),
        }
        for name, (statement, *values) in reads.items():
            kinds = await plan_of(connection, statement, *values)
            assert not any(kind.startswith("Seq Scan") for kind in kinds), (name, kinds)
    finally:
        await connection.close()
