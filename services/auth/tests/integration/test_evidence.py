"""What auth knows as evidence, over a real database."""

import uuid
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import asyncpg
import pytest

from lkmr_auth.domain.assessment import Assessment
from lkmr_auth.domain.evidence_seal import seal_holds, seal_of
from lkmr_auth.domain.statement import signing_key
from lkmr_auth.storage.assessments import StoredAssessments
from lkmr_auth.storage.chain import StoredChain
from lkmr_auth.storage.evidence import EvidenceReader
from lkmr_rig.pytest_plugin import TestDatabase
from lkmr_servicekit.clock import MOSCOW, FakeClock, day_in
from lkmr_servicekit.database import Database

CLOCK = FakeClock()


@pytest.fixture
async def store(database: Callable[..., TestDatabase]) -> AsyncIterator[Database]:
    async with Database(database("auth").url) as opened:
        yield opened


async def test_an_assessment_is_kept_for_good_and_journalled(store: Database) -> None:
    kept = StoredAssessments(store, CLOCK)
    assert await kept.began_on() is None
    today = day_in(MOSCOW, CLOCK.now())
    one = Assessment(
        id=uuid.uuid4(), kind="KZI", assess_date=today, value="0,92", document="Акт 7",
        record_time=CLOCK.now(),
    )  # fmt: skip

    await kept.add(one)
    await StoredChain(store, CLOCK).advance()

    assert await kept.list() == [one]
    assert await kept.began_on() == today
    row = await store.pool.fetchrow("SELECT operation, object, actor FROM journal_entry")
    assert tuple(row) == ("assessment.record", f"assessments/KZI/{today}", "programs/operator")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await store.pool.execute("DELETE FROM assessment")


async def test_counts_say_which_terms_were_kept(store: Database) -> None:
    person, now = uuid.uuid4(), CLOCK.now()
    await store.pool.execute(
        "INSERT INTO person (id, state, snils_index, data_key, snils, register_version,"
        " create_time, update_time) VALUES ($1, 'ACTIVE', 'i', 'k', 's', '', $2, $2)",
        person, now,
    )  # fmt: skip
    for number, (answered, due) in enumerate([(0, 0), (2, 0), (None, -1), (None, 5)]):
        await store.pool.execute(
            "INSERT INTO data_request (id, person_id, organization_id, kind, state, create_time,"
            " due_date, answer_time) VALUES ($1, $2, '', 'ACCESS', $3, $4, $5, $6)",
            uuid.UUID(int=number),
            person,
            "ANSWERED" if answered is not None else "SUBMITTED",
            now - timedelta(days=10),
            day_in(MOSCOW, now) + timedelta(days=due),
            now + timedelta(days=answered) if answered is not None else None,
        )
    for hours, notice in ((30, 20), (30, None), (3, None)):
        incident = uuid.uuid4()
        discovered = now - timedelta(hours=hours)
        await store.pool.execute(
            "INSERT INTO incident (id, kind, severity, state, organization_id, session, facts,"
            " detect_time) VALUES ($1, 'LEAK', 'CRITICAL', 'TAKEN', '', '', '{}', $2)",
            incident, discovered,
        )  # fmt: skip
        await store.pool.execute(
            "INSERT INTO leak_report (incident_id, discover_time, notice_due_time, notice_time,"
            " result_due_time, content) VALUES ($1, $2, $3, $4, $5, 'sealed')",
            incident,
            discovered,
            discovered + timedelta(hours=24),
            discovered + timedelta(hours=notice) if notice else None,
            discovered + timedelta(hours=72),
        )

    counts = await EvidenceReader(store).counts(now)

    assert counts["data_requests"] == [
        {"kind": "ACCESS", "total": 4, "answered": 2, "in_time": 1, "overdue": 1}
    ]
    assert [one["notice_kept"] for one in counts["leaks"]] == [True, False, True]
    assert all(one["result_kept"] for one in counts["leaks"])
    assert counts["incidents"] == [{"kind": "LEAK", "state": "TAKEN", "incidents": 3}]


async def test_of_each_person_the_last_decision_about_a_consent_counts(store: Database) -> None:
    for number, decisions in enumerate((["GIVEN"], ["GIVEN", "WITHDRAWN"], ["GIVEN"])):
        person = uuid.uuid4()
        await store.pool.execute(
            "INSERT INTO person (id, state, snils_index, data_key, snils, register_version,"
            " create_time, update_time) VALUES ($1, 'ACTIVE', $2, 'k', 's', '', $3, $3)",
            person, b"%d" % number, CLOCK.now(),
        )  # fmt: skip
        for hours, decision in enumerate(decisions):
            await store.pool.execute(
                "INSERT INTO legal_decision (id, person_id, document, version, text_hash,"
                " decision, time) VALUES ($1, $2, 'messages', '1', 'h', $3, $4)",
                uuid.uuid4(), person, decision, CLOCK.now() + timedelta(hours=hours),
            )  # fmt: skip

    counts = await EvidenceReader(store).counts(CLOCK.now())

    assert counts["consents"] == [
        {"document": "messages", "decision": "GIVEN", "people": 2},
        {"document": "messages", "decision": "WITHDRAWN", "people": 1},
    ]


def test_a_signature_is_about_one_manifest_and_of_one_key() -> None:
    key = signing_key("A" * 43)
    seal = seal_of("ab" * 32, CLOCK.now(), key)

    assert seal_holds(seal, "ab" * 32, key.public_key())
    assert not seal_holds(seal, "cd" * 32, key.public_key())
    assert not seal_holds(seal, "ab" * 32, signing_key("B" * 43).public_key())
    assert not seal_holds(seal | {"time": "2026-01-01"}, "ab" * 32, key.public_key())
    assert not seal_holds({}, "ab" * 32, key.public_key())
