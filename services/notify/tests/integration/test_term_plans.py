"""Planning and telling of reminders use indexes, however many terms are known."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import pytest

from lkmr_notify.domain.reminders import Term
from lkmr_notify.storage.terms import StoredTerms
from lkmr_notify.usecases.stores import Reminder, StoredTerm
from lkmr_rig.plans import Recorder, plan_of, statements_of
from lkmr_servicekit.clock import MOSCOW

pytestmark = pytest.mark.servers
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TERM = Term(
    topic="workers/w/documents/1", profile="MED_EXAM", worker="w", start_date=None,
    end_date=date(2027, 1, 1), zone=MOSCOW, link="/documents/1",
)  # fmt: skip
REMINDER = Reminder(TERM.topic, TERM.end_date, "60", uuid.uuid4(), "DOCUMENT_TERM_COMING")
_SEED = """
WITH numbers AS (SELECT n, 'workers/w/documents/' || n AS topic FROM generate_series(1, $1::int) n),
told AS (
  INSERT INTO reminder (topic, end_date, threshold, person_id, kind, create_time)
  SELECT topic, '2027-01-01', '90', md5(n::text)::uuid, 'DOCUMENT_TERM_COMING', '2026-10-01'
    FROM numbers)
INSERT INTO term (topic, profile, worker_id, cover, subject, link, zone, start_date, end_date,
                  recommended_months, state, handled_time, next_time, update_time)
SELECT topic, 'MED_EXAM', 'w', '', '', '/', 'Europe/Moscow', NULL, '2027-01-01', 0, 'OPEN', NULL,
       timestamptz '2026-11-01' + n * interval '1 minute', '2026-10-01'
  FROM numbers
"""


@pytest.mark.parametrize(
    "rows", [20_000, pytest.param(1_000_000, marks=pytest.mark.soak)], ids=["small", "million"]
)
async def test_no_statement_looks_at_all_terms(database: Any, rows: int) -> None:
    seen = Recorder()
    terms = StoredTerms(seen)  # type: ignore[arg-type] # records, runs nothing
    works = {
        "due": terms.due(NOW, 100),
        "hold": terms.hold([TERM.topic]),
        "put": terms.put_all([(TERM, NOW)], NOW),
        "settle": terms.settle([TERM.topic], NOW),
        "lock": terms.lock([StoredTerm(TERM, None)]),
        "first": terms.first([REMINDER], NOW),
        "postpone": terms.postpone(TERM.topic, NOW),
        "handled": terms.handled([(TERM.topic, None)], NOW),
    }
    statements = [
        (name, one) for name, work in works.items() for one in await statements_of(seen, work)
    ]
    assert {name for name, _ in statements} == set(works)
    connection = await asyncpg.connect(database("notify").superuser_url)
    try:
        await connection.execute(_SEED, rows, timeout=1200)
        await connection.execute("ANALYZE")
        for name, (text, values) in statements:
            if text.startswith("NOTIFY"):
                continue
            kinds = await plan_of(connection, text, *values)
            assert not any(kind.startswith("Seq Scan") for kind in kinds), (name, kinds)
            assert name != "due" or "Sort" not in kinds, kinds
    finally:
        await connection.close()
