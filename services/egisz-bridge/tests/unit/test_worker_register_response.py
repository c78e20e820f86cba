import copy
from typing import Any

import orjson
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from lkmr_egisz_bridge.clients.http import OutsideFault
from lkmr_egisz_bridge.clients.worker_register.response import (
    Unreadable,
    card_of,
    card_or_fault,
    cards_of,
    changes_of,
    found_of,
    page_of,
)

NOW = Timestamp(seconds=1_790_000_000)
CARD: dict[str, Any] = {
    "id": "3f2b8c1e-1111-5222-8333-000000000001",
    "version": 3,
    "snils": "11223344595",
    "surname": "Иванова",
    "name": "Анна",
    "patronymic": None,
    "birthDate": "1984-03-12",
    "status": "ACTIVE",
    "accreditations": [
        {
            "registryNumber": "7723 031234567",
            "kind": "PERIODIC",
            "specialty": "терапия",
            "recordedAt": "2023-02-02",
            "validTo": "2028-02-02",
            "annulled": False,
            "organizations": [{"oid": "1.2.643", "name": "ГП № 1"}],
        }
    ],
    "personalFiles": [
        {"organizationOid": "1.2.643", "position": "врач", "dateIn": "2010-01-01", "dateOut": None}
    ],
}


def page(*cards: object, **more: object) -> bytes:
    return orjson.dumps(
        {"cards": cards, "nextCursor": "c2", "hasMore": False, "total": len(cards), **more}
    )


def test_a_card_becomes_our_message() -> None:
    card = card_of(CARD, NOW)

    assert card.name == "workers/3f2b8c1e-1111-5222-8333-000000000001"
    assert (card.family_name, card.patronymic, card.version) == ("Иванова", "", 3)
    assert card.accreditations[0].record_date == "2023-02-02"
    assert card.accreditations[0].organizations[0].organization_oid == "1.2.643"
    assert card.jobs[0].end_date == ""
    assert card.fetch_time == NOW


def test_unknown_fields_are_not_heard() -> None:
    assert card_of({**CARD, "newField": {"deep": [1]}}, NOW) == card_of(CARD, NOW)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "../admin"),
        ("id", 7),
        ("version", "3"),
        ("version", True),
        ("version", -1),
        ("snils", "112-233-445 95"),
        ("surname", ""),
        ("surname", None),
        ("birthDate", "1984-02-30"),
        ("birthDate", "1984-W11-1"),
        ("accreditations", {}),
        ("accreditations", [{**CARD["accreditations"][0], "kind": "OTHER"}]),
        ("accreditations", [{**CARD["accreditations"][0], "annulled": "no"}]),
        ("accreditations", ["text"]),
        ("personalFiles", [None]),
    ],
)
def test_a_known_field_of_another_kind_makes_a_card_unreadable(field: str, value: object) -> None:
    with pytest.raises(Unreadable):
        card_of({**CARD, field: value}, NOW)


def test_a_broken_or_removed_card_is_left_out_of_a_page() -> None:
    broken, removed = {**CARD, "version": None}, {**CARD, "status": "REMOVED"}
    read = page_of(page(CARD, broken, removed, CARD))

    assert len(cards_of(read.cards, NOW)) == 2
    assert len(changes_of(read)) == 3


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"{", page(nextCursor=None), page(hasMore=0), b'{"cards": {}}', b"\xff"],
)
def test_a_page_that_is_none_is_a_fault_of_the_register(body: bytes) -> None:
    with pytest.raises(OutsideFault):
        page_of(body)


def test_two_cards_behind_one_snils_are_not_guessed() -> None:
    assert found_of(orjson.dumps({"items": []})) is None
    with pytest.raises(OutsideFault):
        found_of(orjson.dumps({"items": [CARD, CARD]}))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*CARD, "oid", "kind"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(list(CARD)), _json))
def test_whatever_stands_in_a_card_it_is_read_or_unreadable(changed: dict[str, Any]) -> None:
    raw = {**copy.deepcopy(CARD), **changed}
    try:
        card = card_of(raw, NOW)
    except Unreadable:
        return
    assert card.name.startswith("workers/")


@given(st.binary(max_size=200))
def test_whatever_bytes_come_only_a_fault_leaves_the_reader(body: bytes) -> None:
    for read in (page_of, found_of):
        with pytest.raises(OutsideFault):
            read(body)


def test_a_single_card_brings_its_educations_and_categories() -> None:
    raw = {
        **CARD,
        "educations": [
            {
                "type": "BASIC",
                "institution": "Университет",
                "year": 2008,
                "documentSeries": "1077",
                "documentNumber": "0123456",
                "specialty": "терапия",
            }
        ],
        "categories": [
            {
                "category": "высшая",
                "specialty": "терапия",
                "orderNumber": "17-к",
                "orderDate": "2024-03-01",
                "validTo": "2029-03-01",
            }
        ],
    }
    single, streamed = card_or_fault(raw, NOW), card_of(raw, NOW)

    assert single.has_qualifications
    assert [(one.kind, one.number) for one in single.qualifications] == [
        ("DIPLOMA", "0123456"),
        ("CATEGORY", "17-к"),
    ]
    assert single.qualifications[0].issue_year == 2008
    assert single.qualifications[1].expire_date == "2029-03-01"
    assert not streamed.has_qualifications
    with pytest.raises(OutsideFault):
        card_or_fault({**raw, "categories": [{"category": "высшая"}]}, NOW)
