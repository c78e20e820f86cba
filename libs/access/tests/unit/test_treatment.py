"""A card opens by a treatment relation or by an emergency access, never otherwise."""

import pytest

from lkmr_access.treatment import require_card
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.identity import Caller, CallerKind

CARD = "patients/00000000-0000-4000-8000-000000000001"


class Relations:
    def __init__(self, *pairs: tuple[str, str]) -> None:
        self.pairs = set(pairs)

    async def exists(self, worker: str, patient: str) -> bool:
        return (worker, patient) in self.pairs


class Emergencies:
    def __init__(self, *cards: str) -> None:
        self.cards = set(cards)

    async def open_now(self, patient: str) -> bool:
        return patient in self.cards


def caller(role: str, worker: str = "w1") -> Caller:
    return Caller(kind=CallerKind.PERSON, subject="p1", expire_time=0, worker=worker, roles=(role,))


async def scope(role: str, relations: Relations, emergencies: Emergencies) -> str:
    return await require_card(
        CARD,
        "patient_clinical",
        "R",
        caller=caller(role),
        relations=relations,
        emergencies=emergencies,
    )


async def test_a_relation_opens_the_card() -> None:
    assert await scope("DOCTOR", Relations(("w1", CARD)), Emergencies()) == "p"


async def test_an_emergency_opens_one_card_without_a_relation() -> None:
    assert await scope("DOCTOR", Relations(), Emergencies(CARD)) == "p"


@pytest.mark.parametrize(
    ("role", "reason"), [("DOCTOR", "NO_TREATMENT_RELATION"), ("HR", "SECTION_CLOSED")]
)
async def test_without_both_the_card_stays_closed(role: str, reason: str) -> None:
    others = Relations(("w2", CARD), ("w1", "patients/other"))
    with pytest.raises(ServiceError, match=reason):
        await scope(role, others, Emergencies("patients/other"))


async def test_who_controls_a_department_needs_no_relation() -> None:
    assert await scope("HEAD_DEPT", Relations(), Emergencies()) == "d"
