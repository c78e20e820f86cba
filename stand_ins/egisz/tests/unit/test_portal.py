from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from lkmr_egisz_stand_in.demo_studies import STUDIES, seed
from lkmr_egisz_stand_in.frdo import DocumentQuery, DocumentRegister
from lkmr_egisz_stand_in.portal import Portal
from lkmr_egisz_stand_in.programmes import Programmes
from lkmr_egisz_stand_in.reference import Organizations
from lkmr_egisz_stand_in.register import CursorForeign, CursorInvalid, Register
from lkmr_servicekit.clock import FakeClock
from lkmr_stand_in_kit.store import Store

IVANOVA, PETROV = "90000103798", "90000207406"
TODAY = date(2026, 11, 23)
COURSE = {
    "kind": "PK",
    "title": "Аритмии",
    "organizer": "Академия",
    "startDate": "2026-11-02",
    "endDate": "2026-11-20",
    "hours": 36,
    "specialty": "терапия",
}
EVENT = {
    "kind": "EVENT",
    "title": "Форум",
    "organizer": "Общество",
    "startDate": "2026-11-20",
    "endDate": "2026-11-20",
    "hours": 6,
    "specialties": ["терапия"],
}
CYCLES = [{"specialty": "терапия", "startDate": "2022-01-01", "endDate": "2027-01-01"}]


class Stage:
    def __init__(self, folder: Path, *, credits_made: int = 0) -> None:
        self.clock = FakeClock()
        self.store = Store(folder / "egisz.db")
        self.register = Register(self.store, self.clock, Organizations(), generated=7)
        self.documents = DocumentRegister(self.store, self.clock, self.register)
        self.portal = Portal(
            self.store,
            self.clock,
            self.register,
            self.documents,
            programmes=20_000,
            generated_credits=credits_made,
        )

    def read(self, cursor: str = "", limit: int = 3) -> tuple[list[Any], str]:
        made: list[Any] = []
        while True:
            page = self.portal.notices(cursor, limit)
            made += page["notices"]
            cursor = page["nextCursor"]
            if not page["hasMore"]:
                return made, cursor

    def asked(self, **more: Any) -> DocumentQuery:
        card = self.register.find(IVANOVA)
        assert card is not None
        values = {
            "snils": IVANOVA,
            "surname": card["surname"],
            "name": card["name"],
            "patronymic": card["patronymic"],
            "birthDate": card["birthDate"],
            "type": "CPD_CERTIFICATE",
            "series": "7724",
            "number": "ПК-1",
            "issueDate": "2026-11-23",
            "issuer": "Академия",
        }
        return DocumentQuery(**(values | more))

    def state(self, **more: Any) -> tuple[str, list[str]]:
        said = self.documents.check(self.asked(**more))
        return said["state"], said["fields"]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.store.close()


def test_each_change_is_told_once_in_order_and_a_reader_goes_on_where_it_was(stage: Stage) -> None:
    study = stage.portal.begin(IVANOVA, COURSE)
    first, cursor = stage.read()
    stage.portal.change(study["id"], {"startDate": "2026-12-01", "endDate": "2026-12-05"})
    stage.portal.change(study["id"], {"state": "REFUSED", "reason": "мест нет"})
    later, end = stage.read(cursor)

    assert [(one["revision"], one["state"]) for one in first] == [(1, "ENROLLED")]
    assert [(one["revision"], one["startDate"], one["state"]) for one in later] == [
        (2, "2026-12-01", "ENROLLED"),
        (3, "2026-12-01", "REFUSED"),
    ]
    assert stage.read(end) == ([], end)
    with pytest.raises(CursorInvalid):
        stage.portal.notices("?", 3)
    with pytest.raises(CursorForeign):
        stage.portal.notices("YWFhYWFhYWEuMC4w", 3)


def test_a_credit_may_come_thirty_days_late(stage: Stage) -> None:
    study = stage.portal.begin(IVANOVA, COURSE)
    stage.portal.close(study["id"], after_days=30)
    assert [one["state"] for one in stage.read()[0]] == ["ENROLLED"]

    stage.clock.move(days=29)
    assert len(stage.read()[0]) == 1
    stage.clock.move(days=1)
    assert [one["state"] for one in stage.read()[0]] == ["ENROLLED", "CLOSED"]


def test_generated_credits_come_before_told_ones_and_are_the_same_each_time(
    tmp_path: Path,
) -> None:
    stage = Stage(tmp_path, credits_made=20)
    stage.portal.begin(IVANOVA, COURSE)
    found, _ = stage.read(limit=6)

    assert [one["id"] for one in found[:20]] == [f"gen-{n}:1" for n in range(20)]
    assert len(found) == 21
    assert {one["personId"] for one in found[:20]} == {
        stage.register.generator.worker_id(n) for n in range(7)
    }
    assert found == stage.read(limit=100)[0]
    stage.store.close()


def test_every_answer_to_a_code(stage: Stage) -> None:
    me, other = stage.portal.person(IVANOVA), stage.portal.person(PETROV)
    stage.portal.put_code("ab-12 cd", EVENT)
    stage.portal.put_code("MINE", EVENT, PETROV)
    stage.portal.put_code("AHEAD", {**EVENT, "endDate": "2026-12-20"})
    stage.portal.put_code("ALIEN", {**EVENT, "specialties": ["хирургия"]})
    stage.portal.put_code("BEFORE", {**EVENT, "endDate": "2025-01-01"})
    stage.portal.put_code("LAPSED", {**EVENT, "endDate": "2020-01-01"})
    late = [{**CYCLES[0], "startDate": "2026-01-01"}]

    def answer(code: str, person: str = me) -> str:
        return stage.portal.redeem(person, code, late).answer

    assert [answer(code) for code in ("MINE", "AHEAD", "ALIEN", "BEFORE", "LAPSED", "NONE")] == [
        "USED_BY_ANOTHER",
        "NOT_FINISHED",
        "SPECIALTY_MISMATCH",
        "OUTSIDE_CYCLE",
        "UNKNOWN",
        "UNKNOWN",
    ]
    assert [answer("AB12CD"), answer("ab 12-cd"), answer("AB12CD", other)] == [
        "ACCEPTED",
        "USED_BY_YOU",
        "USED_BY_ANOTHER",
    ]
    credited = stage.read()[0][-1]
    assert (credited["state"], credited["hours"], credited["personId"]) == ("CREDITED", 6, me)


def test_every_answer_about_a_document(stage: Stage) -> None:
    study = stage.portal.begin(IVANOVA, COURSE)
    stage.portal.close(study["id"], number="ПК-1", frdo_after_days=10)
    assert stage.state() == ("NOT_FOUND", [])
    stage.clock.move(days=10)

    assert stage.state(number="пк 1") == ("FOUND", [])
    assert stage.state(issueDate="2026-11-21", surname="Петрова") == (
        "MISMATCH",
        ["issueDate", "surname"],
    )
    assert stage.state(snils=PETROV)[1] == ["snils"]
    assert stage.state(number="ПК-2") == ("NOT_FOUND", [])
    stage.documents.force("ПК-1", "MISMATCH", ["hours"])
    assert stage.state() == ("MISMATCH", ["hours"])
    stage.documents.force("ПК-1", None, [])
    assert stage.documents.annul("ПК-1") == 1
    assert stage.state() == ("ANNULLED", [])


def test_the_catalogue_is_large_ahead_and_serves_every_specialty() -> None:
    catalogue = Programmes(TODAY, 20_000)
    found = catalogue.page(0, 20_000)

    assert len(found) == len({one["id"] for one in found}) == 20_000
    assert catalogue.programme(777) == found[777]
    assert all(one["startDate"] is None or one["startDate"] > TODAY.isoformat() for one in found)
    named = {name for one in found for name in one["specialties"]}
    assert {"терапия", "кардиология", "сестринское дело", "офтальмология"} <= named
    assert len({one["title"] for one in found}) > 500


def test_demo_people_have_studied_and_the_register_knows_their_documents(stage: Stage) -> None:
    seed(stage.portal, stage.store)
    seed(stage.portal, stage.store)

    mine = stage.portal.studies_of(IVANOVA)
    assert sum(one["hours"] for one in mine) == 108
    assert len(mine) == len(STUDIES["ivanova"])
    for one in mine:
        assert date.fromisoformat(one["endDate"]) < TODAY
        if one["document"]:
            document = {key: one["document"][key] for key in ("number", "issueDate", "issuer")}
            assert stage.state(**document)[0] == "FOUND"
            assert date.fromisoformat(document["issueDate"]) - date.fromisoformat(
                one["endDate"]
            ) == timedelta(days=1)
