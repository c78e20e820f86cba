"""Another government system asks about a specialist, and the journal knows of it."""

import json
from typing import Any

import httpx2
import pytest
from lkmr.partner.v1 import specialist_service_pb2 as pb

from ..support.own_suite import eventually, rows
from ..support.partner import partner, run_example

pytestmark = pytest.mark.journey
SNILS = "900-001-037-98"
GROUNDS = pb.Grounds(purpose="LICENSING", basis="99-FZ-8", request_number="journey-1")
JOURNALLED = """
SELECT actor, operation, subject, result, purpose FROM journal_pending WHERE actor LIKE 'partners/%'
UNION ALL
SELECT actor, operation, subject, result, purpose FROM journal_entry WHERE actor LIKE 'partners/%'
"""


def journalled(suite: Any) -> set[tuple[str, ...]]:
    return {tuple(str(value) for value in row) for row in rows(suite, "auth", JOURNALLED)}


def test_the_example_of_the_documentation_asks_and_is_journalled(suite: Any) -> None:
    made = eventually(
        lambda: (one := run_example(suite, SNILS, "терапия")).returncode == 0 and one,
        30,
        "the register is loaded and the worker accredited",
    )

    answer = json.loads(made.stdout)
    assert answer["verdict"] == "ACCREDITED"
    assert answer["expire_date"] > answer["day"]
    entries = journalled(suite)
    (subject,) = {row[2] for row in entries if row[2]}
    assert subject.startswith("workers/")
    assert (
        *("partners/partner-demo", "partner.check_specialist", subject),
        *("ALLOWED", "EMPLOYMENT"),
    ) in entries


def test_a_stranger_and_a_bad_request_are_told_apart_by_their_reasons(suite: Any) -> None:
    refused = run_example(suite, "1", "терапия")

    assert refused.returncode == 1
    assert "PARTNER_REQUEST_INVALID" in refused.stderr


def test_a_batch_of_a_thousand_is_answered_in_order(suite: Any) -> None:
    queries = [pb.SpecialistQuery(snils=f"{number:011d}", specialty="x") for number in range(999)]
    queries.insert(500, pb.SpecialistQuery(snils=SNILS, specialty="терапия"))

    with partner(suite) as (stub, metadata):
        asked = pb.BatchCheckSpecialistsRequest(grounds=GROUNDS, queries=queries)
        made = stub.BatchCheckSpecialists(asked, timeout=10, metadata=metadata)

    assert len(made.checks) == 1000
    accredited = [
        number
        for number, one in enumerate(made.checks)
        if one.verdict == pb.SpecialistCheck.VERDICT_ACCREDITED
    ]
    assert accredited == [500]


def test_a_change_of_the_register_reaches_a_partner_that_listens_and_one_that_comes_back(
    suite: Any,
) -> None:
    with partner(suite) as (stub, metadata):
        listen = pb.WatchAccreditationsRequest(grounds=GROUNDS)
        stream = stub.WatchAccreditations(listen, timeout=60, metadata=metadata)
        start = next(stream).cursor
        _change(suite, "7726 031000777")
        heard = next(stream)
        stream.cancel()
        listen.cursor = start
        again = next(stub.WatchAccreditations(listen, timeout=60, metadata=metadata))

    assert "RECORDED" in {one.change for one in heard.changes}
    assert heard.changes[0].accreditation == again.changes[0].accreditation


def _change(suite: Any, number: str) -> None:
    changed = httpx2.put(
        f"{suite.url('egisz')}/_control/register/workers/{SNILS}/accreditations/{number}",
        json={"kind": "PERIODIC", "specialty": "кардиология", "recorded_at": "2026-11-01"},
        timeout=10,
    )
    assert changed.status_code < 300, changed.text
