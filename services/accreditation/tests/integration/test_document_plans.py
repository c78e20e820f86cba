"""Statements about documents, licences, extracts use indexes, however many there are."""

from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from lkmr_accreditation.storage import holdings, pauses, traits
from lkmr_accreditation.storage.documents import DocumentRepository
from lkmr_accreditation.storage.extracts import ExtractRepository
from lkmr_accreditation.storage.licences import LicenceRepository
from lkmr_rig.plans import Recorder, plan_of, statements_of
from lkmr_servicekit.encryption import KeyRing

pytestmark = pytest.mark.servers
WORKER = "00000000-0000-4000-8000-000000000001"
DOCUMENT, OID = "c4ca4238-a0b9-2382-0dcc-509a6f75849b", "1.2.643.5.1.13.13.12.2.7.5"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
_SEED = """
WITH numbers AS (SELECT n, ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id,
                        md5(n::text)::uuid AS paper
                   FROM generate_series(1, $1::int) n),
workers AS (
  INSERT INTO worker (id, snils_index, data_key, personal, jobs, register_version, fetch_time)
  SELECT id, 'x', 'x', 'x',
         jsonb_build_array(jsonb_build_object('organization_oid',
           '1.2.643.5.1.13.13.12.2.7.' || n % 2000)), 1, '2026-11-01'
    FROM numbers),
papers AS (
  INSERT INTO document
  SELECT paper, id, (ARRAY['MED_EXAM', 'DIPLOMA', 'LICENCE_ORG', 'ESIGN'])[1 + n % 4], 'OWNER',
         'HR', n % 50 = 0, 1, decode(md5('f' || n), 'hex'), decode(md5('n' || n), 'hex'),
         '2026-11-01'
    FROM numbers),
versions AS (
  INSERT INTO document_version
  SELECT paper, 1, 'x', '', '', NULL, NULL, date '2026-11-01' + n % 700,
         CASE WHEN n % 1000 = 0 THEN 'CHECKING' ELSE 'VERIFIED' END, '', '', '2026-11-01', 'p',
         '2026-11-01', 'k' || n, 'x', 'application/pdf', 1, 'x', 1, 'NOT_SCANNED'
    FROM numbers),
asked AS (
  INSERT INTO licence_check
  SELECT '1.2.643.5.1.13.13.12.2.7.' || n, '2026-11-01' FROM numbers WHERE n <= 20000),
licences AS (
  INSERT INTO licence
  SELECT '1.2.643.5.1.13.13.12.2.7.' || n, 'L' || n, 'LICENCE_ORG', 'i', NULL, NULL, 'VALID',
         ARRAY['терапия'], '2026-11-01' FROM numbers WHERE n <= 20000),
entries AS (
  INSERT INTO accreditation
  SELECT paper, id, 'n' || n, 'PERIODIC', '27', 'терапия', 'HIGHER', 'c', '1', NULL, '2024-11-01',
         '2029-11-01', false, '[]', false, 1, '2026-11-01' FROM numbers),
gaps AS (
  INSERT INTO discrepancy SELECT id, 'NAME_DIFFERS', 'Имя', '2026-11-01' FROM numbers),
rests AS (
  INSERT INTO reminder_pause SELECT id, 'терапия', '2026-11-01', NULL FROM numbers)
INSERT INTO extract (id, code, worker_id, accreditation_id, facts_hash, content, pdf, pdf_sha256,
                     create_time)
SELECT paper, 'code' || n, id, paper, decode(md5('h' || n), 'hex'), 'x', 'x', '', '2026-11-01'
  FROM numbers
"""

_EMPTY = {"Seq Scan application"}
"""Nobody applies here; `test_application_plans.py` looks at many applications."""


@pytest.mark.parametrize(
    "rows", [20_000, pytest.param(1_000_000, marks=pytest.mark.soak)], ids=["small", "million"]
)
async def test_no_statement_looks_at_all_documents(database: Any, keys: KeyRing, rows: int) -> None:
    seen = Recorder()
    papers = DocumentRepository(seen, keys)  # type: ignore[arg-type] # records, runs nothing
    licences = LicenceRepository(seen, keys, papers)  # type: ignore[arg-type] # same
    extracts = ExtractRepository(seen, keys)  # type: ignore[arg-type] # same
    works = {
        "list": papers.of_worker(WORKER),
        "one": papers.find(WORKER, DOCUMENT, lock=True),
        "versions": papers.versions(WORKER, DOCUMENT),
        "sweep": papers.known_files(["k"]),
        "scrub": papers.with_files((DOCUMENT, 0), 20),
        "studies": papers.to_check(["DIPLOMA"], NOW, 20),
        "checks": licences.papers_to_check(20),
        "check again": licences.check_again(["Л041-01137-77/00000001"]),
        "licences": licences.of([OID]),
        "extract": extracts.find(DOCUMENT, b"x"),
        "code": extracts.find_by_code("code1"),
    }
    statements = [
        (name, one) for name, work in works.items() for one in await statements_of(seen, work)
    ]
    assert {name for name, _ in statements} == set(works)
    bulk = (holdings._PAPERS, holdings._LICENCES, pauses._PAUSES)
    statements += [(text.split()[1], (text, [[WORKER]])) for text in bulk]
    statements.append(("whole", (traits._SQL, [WORKER, []])))
    connection = await asyncpg.connect(database("accreditation").superuser_url)
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(_SEED, rows, timeout=1200)
        await connection.execute("ANALYZE")
        for name, (text, values) in statements:
            kinds = await plan_of(connection, text, *values)
            slow = {kind for kind in kinds if kind.startswith("Seq Scan")} - _EMPTY
            assert not slow, (name, kinds)
            assert name != "scrub" or "Sort" not in kinds, kinds
    finally:
        await connection.close()
