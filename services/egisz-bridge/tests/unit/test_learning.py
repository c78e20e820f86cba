"""What the portal and ФИС ФРДО answer, read as our messages."""

from typing import Any

import orjson
import pytest
from lkmr.egisz_bridge.v1 import learning_service_pb2 as pb
from lkmr.egisz_bridge.v1.egisz_bridge_service_pb2 import WorkerCard

from lkmr_egisz_bridge.api.learning_servicer import NOTICE_BYTES, NOTICES, portions
from lkmr_egisz_bridge.clients.document_register.client import check_of
from lkmr_egisz_bridge.clients.http import OutsideFault
from lkmr_egisz_bridge.clients.learning_portal.response import (
    notice_of,
    notices_of,
    programmes_of,
    redeemed_of,
)
from lkmr_egisz_bridge.usecases.check_document import check_document

PERSON = "fdb092bc-bc21-5755-8751-9173f5563aec"
NOTICE = {
    "id": "s1:2",
    "study": "s1",
    "revision": 2,
    "personId": PERSON,
    "state": "CLOSED",
    "kind": "PK",
    "title": "Аритмии",
    "organizer": "Академия",
    "startDate": "2026-03-02",
    "endDate": "2026-03-20",
    "hours": 36,
    "specialty": "кардиология",
    "programme": "",
    "reason": None,
    "source": "PROVIDER",
    "document": {
        "type": "CPD_CERTIFICATE",
        "series": "7724",
        "number": "ПК-1",
        "issueDate": "2026-03-21",
        "issuer": "Академия",
        "hours": 36,
        "file": "s1",
    },
    "field of tomorrow": {"deaf": True},
}


def test_a_notice_is_read_whole() -> None:
    found = notice_of(NOTICE)

    assert (found.worker, found.revision, found.hours) == (f"workers/{PERSON}", 2, 36)
    assert (found.document.number, found.document.file) == ("ПК-1", "s1")
    assert found.reason == ""


@pytest.mark.parametrize("hours", [-36, 10**9])
def test_hours_that_make_no_sense_go_through_for_whoever_judges_them(hours: int) -> None:
    assert notice_of({**NOTICE, "hours": hours}).hours == hours


@pytest.mark.parametrize(
    "broken",
    [
        {**NOTICE, "personId": "90000103798"},
        {**NOTICE, "revision": "2"},
        {**NOTICE, "startDate": "02.03.2026"},
        {**NOTICE, "startDate": "2026-02-31"},
        {**NOTICE, "hours": 36.5},
        {**NOTICE, "hours": True},
        {**NOTICE, "title": "x" * 2001},
        {**NOTICE, "document": []},
        {**NOTICE, "document": {"number": ""}},
        {key: value for key, value in NOTICE.items() if key != "study"},
        ["a list"],
        "a word",
        None,
    ],
)
def test_an_unreadable_notice_comes_as_it_was(broken: Any) -> None:
    found = notice_of(broken)

    assert orjson.loads(found.unreadable) == broken
    assert found.id == found.worker == ""


def test_one_unreadable_notice_keeps_none_of_the_others_out() -> None:
    body = orjson.dumps(
        {"notices": [NOTICE, {"x": 1}, NOTICE], "nextCursor": "c", "hasMore": False}
    )
    page = notices_of(body)

    assert [bool(one.unreadable) for one in page.notices] == [False, True, False]
    assert (page.cursor, page.more) == ("c", False)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"notices": {}, "nextCursor": "c", "hasMore": false}'],
)
def test_a_page_that_is_none_is_a_fault_of_the_portal(body: bytes) -> None:
    with pytest.raises(OutsideFault):
        notices_of(body)


def test_a_programme_that_cannot_be_read_is_left_out() -> None:
    good = {
        "id": "p1",
        "title": "Аритмии",
        "kind": "PK",
        "hours": 36,
        "specialties": ["терапия"],
        "startDate": None,
        "newCompetence": False,
        "level": None,
        "price": 0,
    }
    bad = [{**good, "specialties": [1]}, {**good, "hours": 2**40}, {**good, "title": ""}, 7]
    page = programmes_of(
        orjson.dumps({"programmes": [good, *bad], "edition": "e", "next": 5, "hasMore": True})
    )

    assert [one.id for one in page.programmes] == ["p1"]
    assert (page.edition, page.place, page.more) == ("e", 5, True)


def test_answers_outside_the_protocol_are_faults() -> None:
    assert redeemed_of(b'{"answer": "ACCEPTED", "study": "s", "hours": 6}').hours == 6
    for body in (b'{"answer": "YES"}', b'{"answer": "ACCEPTED", "hours": "6"}'):
        with pytest.raises(OutsideFault):
            redeemed_of(body)
    assert list(check_of(b'{"state": "MISMATCH", "fields": ["issueDate", "x"]}').fields) == [
        "issue_date",
        "x",
    ]
    for body in (b'{"state": "MAYBE", "fields": []}', b'{"state": "FOUND", "fields": [1]}'):
        with pytest.raises(OutsideFault):
            check_of(body)


async def test_a_document_is_checked_under_the_names_of_the_card() -> None:
    card = WorkerCard(name=f"workers/{PERSON}", family_name="Иванова")
    asked: list[tuple[WorkerCard, pb.StudyDocument]] = []

    class Workers:
        async def get(self, worker: str, *, min_version: int = 0) -> WorkerCard:
            assert (worker, min_version) == (PERSON, 1)
            return card

    class Documents:
        async def check(self, card: WorkerCard, document: pb.StudyDocument) -> pb.DocumentCheck:
            asked.append((card, document))
            return pb.DocumentCheck(state="FOUND")

    document = pb.StudyDocument(number="ПК-1")
    found = await check_document(
        PERSON,
        document,
        workers=Workers(),  # type: ignore[arg-type] # only what is asked
        documents=Documents(),
    )

    assert (found.state, asked) == ("FOUND", [(card, document)])


def test_a_message_of_notices_ends_by_their_number_and_by_their_bytes() -> None:
    small = [pb.StudyNotice(id=f"s{number}") for number in range(NOTICES + 1)]
    heavy = [pb.StudyNotice(unreadable=bytes(64 * 1024)) for _ in range(40)]
    cut = [list(portions(small)), list(portions(heavy))]

    assert [len(part) for part in cut[0]] == [NOTICES, 1]
    assert all(sum(one.ByteSize() for one in part) <= NOTICE_BYTES for part in cut[1])
    for told, parts in zip((small, heavy), cut, strict=True):
        assert [one for part in parts for one in part] == told
    assert list(portions([])) == [[]]
