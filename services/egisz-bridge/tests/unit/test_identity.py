from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_egisz_bridge.domain.errors import BirthDateInvalid, SnilsInvalid
from lkmr_egisz_bridge.domain.identity import (
    FullName,
    Match,
    claim_of,
    compare_dates,
    compare_names,
    compare_policies,
    snils_of,
)

SOLOVYOVA = FullName("Соловьёва", "Алла", "Петровна")


@pytest.mark.parametrize(
    ("claimed", "expected"),
    [
        (FullName("Соловьёва", "Алла", "Петровна"), Match.EQUAL),
        (FullName("СОЛОВЬЁВА", "алла", "Петровна"), Match.EQUAL),
        (FullName(" Соловьёва  ", "Алла", "Петровна"), Match.EQUAL),
        (FullName("Соловье\u0308ва", "Алла", "Петровна"), Match.EQUAL),
        (FullName("Соловьева", "Алла", "Петровна"), Match.FORM_DIFFERS),
        (FullName("СОЛОВЬЕВА", "Алла", "Петровна"), Match.FORM_DIFFERS),
        (FullName("Соловьева", "Анна", "Петровна"), Match.DIFFERENT),
        (FullName("Соловьёва", "Алла", ""), Match.DIFFERENT),
        (FullName("Алла", "Соловьёва", "Петровна"), Match.DIFFERENT),
    ],
)
def test_names_are_compared_by_letters_not_by_case_or_blanks(
    claimed: FullName, expected: Match
) -> None:
    assert compare_names(claimed, SOLOVYOVA) is expected


@pytest.mark.parametrize("dash", ["-", " - ", "\u2010", "\u2013", " \u2014 ", "\u2212"])
def test_any_dash_joins_a_double_name(dash: str) -> None:
    registered = FullName("Римский-Корсаков", "Николай", "")

    assert compare_names(FullName(f"Римский{dash}Корсаков", "Николай", ""), registered) is (
        Match.EQUAL
    )


def test_nobody_has_a_patronymic_on_both_sides() -> None:
    assert compare_names(FullName("Ким", "Ли", ""), FullName("Ким", "Ли", "")) is Match.EQUAL


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_every_name_equals_itself(family: str, given_name: str, patronymic: str) -> None:
    name = FullName(family, given_name, patronymic)

    assert compare_names(name, name) is Match.EQUAL


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("112-233-445 95", "11223344595"),
        ("11223344595", "11223344595"),
        ("900-001-037 98", "90000103798"),
        ("001-001-998 00", "00100199800"),
    ],
)
def test_snils_is_kept_as_eleven_digits(text: str, digits: str) -> None:
    assert snils_of(text) == digits


@pytest.mark.parametrize(
    "text", ["", "112-233-445 96", "1122334459", "112233445951", "١١٢٢٣٣٤٤٥٩٥", "112-233-445-9x"]
)
def test_a_wrong_snils_is_refused(text: str) -> None:
    with pytest.raises(SnilsInvalid):
        snils_of(text)


@given(st.text(max_size=20))
def test_snils_of_anything_is_digits_or_a_refusal(text: str) -> None:
    try:
        digits = snils_of(text)
    except SnilsInvalid:
        return
    assert len(digits) == 11
    assert digits.isdigit()


def test_birth_dates_differ_or_not() -> None:
    day = date(1965, 2, 28)

    assert compare_dates(day, date(1965, 2, 28)) is Match.EQUAL
    assert compare_dates(day, date(1965, 2, 27)) is Match.DIFFERENT
    assert compare_dates(day, None) is Match.NOT_COMPARED


def test_a_policy_is_compared_only_when_both_sides_have_one() -> None:
    assert compare_policies("7756510887007010", frozenset({"7756510887007010"})) is Match.EQUAL
    assert compare_policies("7756510887007010", frozenset({"7752210892007998"})) is (
        Match.DIFFERENT
    )
    assert compare_policies("", frozenset({"7756510887007010"})) is Match.NOT_COMPARED
    assert compare_policies("7756510887007010", frozenset()) is Match.NOT_COMPARED


def test_a_claim_never_prints_a_value() -> None:
    claim = claim_of(
        snils="112-233-445 95",
        family_name="Иванова",
        given_name="Анна",
        patronymic="",
        birth_date="1984-03-12",
        policy_number="7756 5108 8700 7010",
    )

    assert claim.policy_number.open() == "7756510887007010"
    printed = f"{claim!r} {claim}"
    assert not any(part in printed for part in ("Иванова", "1984", "7756", "112"))


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(BirthDateInvalid):
        claim_of(
            snils="11223344595",
            family_name="А",
            given_name="Б",
            patronymic="",
            birth_date="12.03.1984",
            policy_number="",
        )
