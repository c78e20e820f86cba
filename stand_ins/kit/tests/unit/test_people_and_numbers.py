from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_stand_in_kit.people import (
    InvalidField,
    UnknownFields,
    load_people,
    merge_person,
    person_from,
)
from lkmr_stand_in_kit.snils import (
    InvalidSnils,
    check_digits,
    format_snils,
    is_snils,
    mask_snils,
    normalise_snils,
)


def test_known_example_of_the_check_digits() -> None:
    assert check_digits("112233445") == "95"
    assert normalise_snils("112-233-445 95") == "11223344595"
    assert format_snils("11223344595") == "112-233-445 95"
    assert mask_snils("11223344595") == "***-***-*45 95"


@pytest.mark.parametrize(
    "text", ["", "112-233-445 96", "1122334459", "１1223344595", "112 233 445 9x"]
)
def test_what_is_not_a_snils_is_refused(text: str) -> None:
    assert not is_snils(text)
    with pytest.raises(InvalidSnils):
        normalise_snils(text)


@given(
    st.integers(min_value=1_001_999, max_value=999_999_999), st.integers(0, 8), st.integers(1, 9)
)
def test_one_wrong_digit_of_a_snils_is_noticed_unless_the_sum_hides_it(
    body: int, place: int, shift: int
) -> None:
    digits = f"{body:09d}"
    whole = digits + check_digits(digits)
    assert normalise_snils(format_snils(whole)) == whole
    changed = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    if check_digits(changed) != check_digits(digits) and int(changed) > 1_001_998:
        assert not is_snils(changed + whole[9:])


def test_the_demo_set_is_whole_and_its_numbers_are_valid() -> None:
    demo = load_people()
    assert len(demo.people) == 22
    assert all(is_snils(person.snils) for person in demo.people)
    assert {job.organization for person in demo.people for job in person.jobs} <= {
        one.id for one in demo.organizations
    }
    ivanova = demo.people[0]
    assert (ivanova.login, ivanova.snils, ivanova.birth_date) == (
        "ivanova",
        "90000103798",
        date(1984, 3, 12),
    )
    organization = demo.organization("1.2.643.5.1.13.13.12.2.77.90001")
    assert organization is not None
    assert organization.id == "org-gp1"


def test_a_change_replaces_values_and_leaves_the_rest() -> None:
    before = load_people().documents[1]
    after = merge_person(before, {"family_name": "Петрова", "jobs": [{"organization": "org-gp1"}]})
    assert after["given_name"] == before["given_name"]
    assert person_from(after).jobs[0].organization == "org-gp1"
    assert len(before["jobs"]) == 2


def test_overrides_of_a_register_are_merged() -> None:
    first = merge_person({}, {"worker_register_overrides": {"birth_date": "1965-02-27"}})
    second = merge_person(first, {"worker_register_overrides": {"patronymic": None}})
    assert second["worker_register_overrides"] == {"birth_date": "1965-02-27", "patronymic": None}


def test_unknown_fields_are_named() -> None:
    with pytest.raises(UnknownFields, match="surname"):
        merge_person({}, {"surname": "Петров"})
    with pytest.raises(UnknownFields, match=r"jobs\[0\]\.title"):
        merge_person({}, {"jobs": [{"organization": "org-gp1", "title": "врач"}]})


@pytest.mark.parametrize(
    "change",
    [
        {"birth_date": "12.03.1984"},
        {"snils": "900-001-037 97"},
        {"gender": "X"},
        {"jobs": None},
        {"jobs": [{"position": "врач"}]},
        {"accreditation_days_left": True},
        {"in_worker_register": "no"},
        {"family_name": None},
    ],
)
def test_a_value_of_a_wrong_form_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidField):
        merge_person({}, change)
