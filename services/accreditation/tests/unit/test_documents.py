from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_accreditation.domain.document_draft import Typed, draft_of, fits_name, label_of
from lkmr_accreditation.domain.documents import (
    Check,
    Checked,
    Content,
    Document,
    Source,
    State,
    Version,
    Visibility,
    end_of,
    state_of,
    turns_of,
)
from lkmr_accreditation.domain.errors import DocumentInvalid
from lkmr_accreditation.storage.shipped import shipped_catalogue

CATALOGUE = shipped_catalogue()
TODAY = date(2026, 11, 26)
EXAM = CATALOGUE["MED_EXAM"]
IN_CATALOGUE = (
    "DIPLOMA RESIDENCY RETRAINING PK_CERT SPEC_CERT ACCREDITATION CATEGORY DEGREE TITLE MED_EXAM"
    " MED_BOOK VACCINATION PSYCH_EXAM SAFETY NO_CRIMINAL LICENCE_ORG LICENCE_IP LICENCE_PHARM"
    " LICENCE_NARC ESIGN MCHD CONTRACT MENTORSHIP OTHER"
)


def a_document(
    until: date | None = None, status: Check = Check.UNVERIFIED, **more: Any
) -> Document:
    moment = datetime(2026, 1, 5, tzinfo=UTC)
    version = Version(
        number=1,
        content=Content(issue_date=date(2026, 1, 5), valid_until=until),
        check=Checked(status=status),
        author="persons/p",
        create_time=moment,
    )
    values: dict[str, Any] = {
        "id": "d",
        "worker": "w",
        "kind": "MED_EXAM",
        "source": Source.OWNER,
        "visibility": Visibility.HR,
        "archived": False,
        "create_time": moment,
        "version": version,
    }
    return Document(**(values | more))


def faults_of(**typed: str) -> dict[str, str]:
    with pytest.raises(DocumentInvalid) as caught:
        draft_of(Typed(**typed), CATALOGUE, today=TODAY)
    return {one.field: one.code for one in caught.value.fields}


def test_the_catalogue_has_every_kind_with_its_source() -> None:
    assert list(CATALOGUE.kinds) == IN_CATALOGUE.split()
    assert all(kind.source and kind.title for kind in CATALOGUE.kinds.values())


@pytest.mark.parametrize(
    ("until", "state"),
    [
        (None, State.UNVERIFIED),
        (date(2027, 6, 1), State.UNVERIFIED),
        (date(2027, 1, 26), State.UNVERIFIED),
        (date(2027, 1, 25), State.EXPIRING),
        (TODAY, State.EXPIRING),
        (date(2026, 11, 25), State.EXPIRED),
    ],
)
def test_the_state_follows_the_calendar(until: date | None, state: State) -> None:
    assert state_of(a_document(until), EXAM, TODAY) is state


def test_a_refused_document_never_looks_good_and_an_archived_one_is_told_as_such() -> None:
    refused = a_document(date(2027, 6, 1), Check.REJECTED)

    assert state_of(refused, EXAM, TODAY) is State.REJECTED
    assert state_of(replace(refused, archived=True), EXAM, TODAY) is State.ARCHIVED
    assert state_of(a_document(date(2027, 6, 1), Check.VERIFIED), EXAM, TODAY) is State.VERIFIED


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)), st.dates(date(2024, 1, 1), date(2030, 1, 1)))
def test_between_its_turns_a_document_stays_as_it_is(until: date, today: date) -> None:
    document = a_document(until)
    turns = [one for one in turns_of(document, EXAM) if one > today]
    if turns:
        last = date.fromordinal(min(turns).toordinal() - 1)
        assert state_of(document, EXAM, last) is state_of(document, EXAM, today)


def test_a_kind_with_a_term_gives_the_end_that_was_not_typed() -> None:
    category = CATALOGUE["CATEGORY"]

    assert end_of(category, Content(issue_date=date(2024, 2, 29))) == date(2029, 2, 28)
    assert end_of(category, Content(issue_date=TODAY, valid_until=date(2027, 1, 1))) == date(
        2027, 1, 1
    )
    assert end_of(CATALOGUE["DIPLOMA"], Content(issue_date=TODAY)) is None


def test_each_fault_is_told_by_its_field() -> None:
    assert faults_of() == {"kind": "REQUIRED"}
    assert faults_of(kind="ПАСПОРТ") == {"kind": "UNKNOWN"}
    assert faults_of(kind="DIPLOMA") == {"number": "REQUIRED", "issue_date": "REQUIRED"}
    assert faults_of(kind="CATEGORY", issue_date="2027-01-01", level="пятая") == {
        "specialty": "REQUIRED",
        "level": "UNKNOWN",
        "issue_date": "IN_FUTURE",
    }
    assert faults_of(
        kind="MCHD", number="1", issue_date="2026-05-05", valid_until="2026-05-04"
    ) == {"valid_until": "BEFORE_START"}
    assert faults_of(kind="ESIGN", number="1", issue_date="2026-05-05") == {
        "valid_until": "REQUIRED"
    }
    assert faults_of(kind="OTHER", issue_date="05.05.2026", note="а\u202eб", visibility="ВСЕ") == {
        "issue_date": "INVALID",
        "note": "INVALID",
        "visibility": "UNKNOWN",
    }


def test_what_was_typed_is_taken_clean() -> None:
    typed = Typed(
        kind="category",
        specialty="  терапия ",
        level="Высшая",
        issue_date="2024-03-01",
        number=" 12   к ",
    )
    draft = draft_of(typed, CATALOGUE, today=TODAY)

    assert draft.content == Content(
        specialty="терапия",
        level="высшая",
        issue_date=date(2024, 3, 1),
        valid_until=date(2029, 3, 1),
        number="12 к",
    )
    assert draft.visibility is Visibility.HEAD


def test_the_name_of_a_file_is_a_label_and_no_path() -> None:
    assert label_of("C:\\docs\\диплом.pdf") == "диплом.pdf"
    assert label_of("../../etc/диплом.PDF") == "диплом.PDF"
    for name in ("", "a/", "a\x00.pdf", "fdp.\u202e.exe", "я" * 128 + ".pdf"):
        with pytest.raises(DocumentInvalid):
            label_of(name)
    assert fits_name("диплом.PDF", "application/pdf")
    assert not fits_name("диплом.pdf", "image/png")
