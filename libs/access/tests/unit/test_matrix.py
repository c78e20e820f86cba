import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_access.matrix import (
    DEPUTIES,
    OPERATIONS,
    allowed,
    roles,
    roles_with,
    sections,
    with_acted_for,
)


def test_matrix_names_26_sections_14_roles_their_deputies_and_those_without_a_job() -> None:
    assert len(sections()) == 26
    assert len(roles()) == 14 + 2 + 1


def test_a_doctor_reads_the_own_accreditation_and_a_registrar_none() -> None:
    assert allowed(["DOCTOR"], "accreditation", "R") == "o"
    assert allowed(["REGISTRAR"], "accreditation", "R") == ""


def test_the_widest_scope_of_several_roles_wins() -> None:
    assert allowed(["DOCTOR", "HEAD_ORG"], "accreditation", "R") == "g"


@given(st.text(min_size=1).filter(lambda role: role not in roles()))
def test_an_unknown_role_may_do_nothing(role: str) -> None:
    assert not any(allowed([role], section, op) for section in sections() for op in OPERATIONS)


def test_an_unknown_section_is_a_fault_of_the_program() -> None:
    with pytest.raises(KeyError):
        allowed(["DOCTOR"], "no_such_section", "R")


def test_roles_with_agrees_with_allowed() -> None:
    for section in sections():
        for op in OPERATIONS:
            assert roles_with(section, op) == {r for r in roles() if allowed([r], section, op)}


def test_who_stands_in_for_a_head_is_addressed_as_that_head() -> None:
    assert with_acted_for(["DEPUTY_DEPT"]) == {"DEPUTY_DEPT", "HEAD_DEPT"}
    assert with_acted_for(["DOCTOR"]) == {"DOCTOR"}
    assert set(DEPUTIES.values()) <= roles()
