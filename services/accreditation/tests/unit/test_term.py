from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_accreditation.domain.accreditation import Entry, State, term_of
from lkmr_accreditation.domain.law import Extension, Law, Norm

LAW = Law(
    norms=[
        Norm(key="accr.validity_years", value=5, source="ФЗ-323, ст. 69"),
        Norm(key="accr.window.open_days", value=180, source="решение"),
    ],
    extensions=[
        Extension(
            order="34н",
            source="34н",
            kinds=frozenset({"PERIODIC"}),
            expiry_from=date(2025, 1, 1),
            expiry_to=date(2025, 12, 31),
            valid_until=date(2026, 12, 31),
        )
    ],
)
DAY = date(2026, 11, 23)


def an_entry(**changes: object) -> Entry:
    values: dict[str, object] = {
        "registry_number": "7723 031234567",
        "kind": "PERIODIC",
        "specialty_code": "49",
        "specialty": "терапия",
        "record_date": date(2024, 1, 10),
    }
    return Entry(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "state", "days_left"),
    [
        ({"record_date": date(2024, 1, 10)}, State.ACTIVE, 779),
        ({"expire_date": date(2027, 5, 23)}, State.ACTIVE, 181),
        ({"expire_date": date(2027, 5, 22)}, State.EXPIRING, 180),
        ({"expire_date": date(2026, 11, 23)}, State.EXPIRING, 0),
        ({"expire_date": date(2026, 11, 22)}, State.EXPIRED, -1),
        ({"expire_date": date(2025, 6, 1)}, State.EXTENDED, 38),
        ({"expire_date": date(2024, 12, 31)}, State.EXPIRED, -692),
        ({"annulled": True}, State.ANNULLED, None),
        ({"record_date": None}, State.NOT_ADMITTED_YET, None),
    ],
)
def test_the_state_follows_from_the_day(
    changes: dict[str, object], state: State, days_left: int | None
) -> None:
    term = term_of(an_entry(**changes), LAW, DAY)

    assert (term.state, term.days_left) == (state, days_left)


def test_an_open_application_is_shown_before_the_end_but_not_after() -> None:
    running = term_of(an_entry(expire_date=DAY), LAW, DAY, renewal_open=True)
    late = term_of(an_entry(expire_date=date(2026, 1, 5)), LAW, DAY, renewal_open=True)

    assert running.state is State.IN_RENEWAL
    assert late.state is State.EXPIRED


def test_the_term_is_five_years_from_the_record_and_29_february_becomes_28() -> None:
    assert term_of(an_entry(record_date=date(2024, 2, 29)), LAW, DAY).printed == date(2029, 2, 28)
    assert term_of(an_entry(record_date=date(2024, 3, 1)), LAW, DAY).printed == date(2029, 3, 1)


def test_an_extension_never_overwrites_the_printed_day() -> None:
    term = term_of(an_entry(expire_date=date(2025, 6, 1)), LAW, DAY)

    assert term.printed == date(2025, 6, 1)
    assert term.effective == date(2026, 12, 31)
    assert term.extension is not None


def test_an_extension_ends_with_its_own_last_day() -> None:
    entry = an_entry(expire_date=date(2025, 6, 1))

    assert term_of(entry, LAW, date(2026, 12, 31)).state is State.EXTENDED
    assert term_of(entry, LAW, date(2027, 1, 1)).state is State.EXPIRED


@given(
    st.dates(date(2020, 1, 1), date(2035, 1, 1)),
    st.dates(date(2020, 1, 1), date(2035, 1, 1)),
    st.integers(1, 4000),
)
def test_time_never_makes_an_entry_younger(expire: date, today: date, days: int) -> None:
    order = [State.ACTIVE, State.EXPIRING, State.EXTENDED, State.EXPIRED]
    entry = an_entry(expire_date=expire)
    later = date.fromordinal(today.toordinal() + days)

    before, after = term_of(entry, LAW, today).state, term_of(entry, LAW, later).state

    if State.EXTENDED not in (before, after):
        assert order.index(after) >= order.index(before)


def test_a_norm_takes_effect_on_its_day_without_a_deploy() -> None:
    law = Law(
        norms=[
            Norm(
                key="accr.window.open_days", value=180, source="до", valid_until=date(2026, 12, 31)
            ),
            Norm(
                key="accr.window.open_days", value=90, source="после", valid_from=date(2027, 1, 1)
            ),
        ],
        extensions=[],
    )
    entry = an_entry(expire_date=date(2027, 5, 1))

    assert term_of(entry, law, date(2026, 12, 31)).state is State.EXPIRING
    assert term_of(entry, law, date(2027, 1, 1)).state is State.ACTIVE
