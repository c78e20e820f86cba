"""Acts of practice are cells of the matrix; who is suspended does none of them."""

import pytest

from lkmr_access import matrix
from lkmr_access.practice import acts, is_practice
from lkmr_access.treatment import require_card
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.identity import Caller, CallerKind

CARD = "patients/00000000-0000-4000-8000-000000000001"


class Treats:
    async def exists(self, worker: str, patient: str) -> bool:
        return bool(worker and patient)

    async def open_now(self, patient: str) -> bool:
        return bool(patient)


async def scope(operation: str, *, suspended: bool) -> str:
    doctor = Caller(
        kind=CallerKind.PERSON,
        subject="p1",
        expire_time=0,
        worker="w1",
        roles=("DOCTOR",),
        suspended=suspended,
    )
    return await require_card(
        CARD,
        "patient_clinical",
        operation,
        caller=doctor,
        relations=Treats(),
        emergencies=Treats(),
    )


def test_each_act_is_a_cell_that_somebody_who_practises_holds() -> None:
    for section, operations in acts().items():
        assert section in matrix.sections()
        held = [matrix.roles_with(section, one, "op") for one in operations]
        assert any(held), section


@pytest.mark.parametrize(
    ("section", "operation", "scope", "expected"),
    [
        ("prescriptions", "S", "p", True),
        ("roster", "U", "o", True),
        ("roster", "U", "g", False),
        ("exchange", "S", "g", False),
        ("patient_clinical", "R", "p", False),
        ("accreditation_forms", "S", "o", False),
        ("education", "C", "o", False),
        ("documents", "C", "o", False),
    ],
)
def test_practice_is_what_one_does_oneself_to_patients(
    section: str, operation: str, scope: str, *, expected: bool
) -> None:
    assert is_practice(section, operation, scope) is expected


async def test_who_is_suspended_reads_a_card_and_writes_nothing_into_it() -> None:
    assert await scope("R", suspended=True) == "p"
    assert await scope("U", suspended=False) == "p"
    with pytest.raises(ServiceError, match="PRACTICE_SUSPENDED"):
        await scope("U", suspended=True)
