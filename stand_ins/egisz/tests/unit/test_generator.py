from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_egisz_stand_in import enp
from lkmr_egisz_stand_in.generator import LIMIT, Generator, index_of_snils, snils_of
from lkmr_stand_in_kit.people import load_people
from lkmr_stand_in_kit.snils import is_snils

DAY = date(2026, 11, 23)
GENERATOR = Generator(DAY)
INDEXES = st.integers(min_value=0, max_value=LIMIT - 1)


@pytest.mark.parametrize(
    ("region", "birth", "male", "serial", "number"),
    [
        (78, date(1985, 3, 12), True, 123, "7856410837001230"),
        (50, date(2010, 11, 30), False, 77, "5088989769000777"),
    ],
)
def test_known_policy_numbers(
    region: int, birth: date, *, male: bool, serial: int, number: str
) -> None:
    assert enp.compose(region=region, birth_date=birth, male=male, serial=serial) == number


def test_policy_numbers_of_the_demo_people_are_valid() -> None:
    assert all(enp.is_enp(person.policy_number or "") for person in load_people().people)
    assert not enp.is_enp("7756510887007011")


@given(INDEXES)
def test_every_number_of_a_generated_worker_leads_back_to_the_worker(index: int) -> None:
    assert is_snils(snils_of(index))
    assert index_of_snils(snils_of(index)) == index
    assert GENERATOR.index_of_id(GENERATOR.worker_id(index)) == index
    assert GENERATOR.index_of_policy(GENERATOR.insured(index).policy_number) == index


@given(INDEXES)
def test_a_card_depends_on_seed_day_and_index_alone(index: int) -> None:
    card = GENERATOR.card(index, "2026-11-23T00:00:00Z")
    assert Generator(DAY).card(index, "2026-11-23T00:00:00Z") == card
    assert card["id"] == GENERATOR.worker_id(index)
    assert card["snils"] == snils_of(index)


def test_another_seed_gives_other_people() -> None:
    ours = [GENERATOR.card(index, "")["surname"] for index in range(50)]
    others = [Generator(DAY, seed=b"other").card(index, "")["surname"] for index in range(50)]
    assert ours != others


def test_numbers_do_not_repeat_and_do_not_meet_the_demo_people() -> None:
    cards = [GENERATOR.card(index, "") for index in range(3000)]
    entries = [e["registryNumber"] for card in cards for e in card["accreditations"]]  # type: ignore[attr-defined]
    assert len({card["snils"] for card in cards}) == len(cards)
    assert len({card["id"] for card in cards}) == len(cards)
    assert len({number[5:] for number in entries}) == len(entries)
    assert not {card["snils"] for card in cards} & {one.snils for one in load_people().people}


def test_the_register_has_all_kinds_of_cards() -> None:
    cards = [GENERATOR.card(index, "") for index in range(5000)]
    entries = [e for card in cards for e in card["accreditations"]]  # type: ignore[attr-defined]
    ended = sum(entry["validTo"] < DAY.isoformat() for entry in entries) / len(entries)
    annulled = sum(entry["annulled"] for entry in entries) / len(entries)
    nameless = sum(card["patronymic"] is None for card in cards) / len(cards)
    assert 0.2 < ended < 0.7
    assert 0.005 < annulled < 0.03
    assert 0.01 < nameless < 0.04
    assert {len(card["accreditations"]) for card in cards} == {1, 2, 3}  # type: ignore[arg-type]
    assert {entry["kind"] for entry in entries} == {"PRIMARY", "PRIMARY_SPECIALIZED", "PERIODIC"}
    assert all(entry["recordedAt"] <= DAY.isoformat() for entry in entries)
    assert len({entry["specialty"] for entry in entries}) > 10


def test_terms_are_five_years_and_end_in_february_on_the_28th() -> None:
    entries = [
        entry
        for index in range(5000)
        for entry in GENERATOR.card(index, "")["accreditations"]  # type: ignore[attr-defined]
    ]
    assert any(entry["recordedAt"].endswith("02-29") for entry in entries)
    for entry in entries:
        begin, end = (date.fromisoformat(entry[name]) for name in ("recordedAt", "validTo"))
        assert (end.year - begin.year, end.month) == (5, begin.month)
        assert end.day == begin.day or (begin.day, end.day) == (29, 28)


def test_neighbours_are_different_people() -> None:
    people = [GENERATOR.insured(index) for index in range(200)]
    same = sum(a.family_name == b.family_name for a, b in pairwise(people))
    assert same < 10
