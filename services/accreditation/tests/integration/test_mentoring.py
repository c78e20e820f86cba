"""Personnel enters mentoring by F8, and the rule that waits for it is answered."""

from collections.abc import Callable
from datetime import date

import pytest

from lkmr_accreditation.domain.errors import (
    DocumentDuplicate,
    OrganizationRequired,
    SelfConfirmation,
    StaffMemberNotFound,
)
from lkmr_accreditation.storage.board import PostgresStaff
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.keep_compliance import judge_due
from lkmr_accreditation.usecases.read_applications import read_staff_application
from lkmr_accreditation.usecases.read_compliance import read_compliance
from lkmr_accreditation.usecases.record_mentoring import record_mentoring
from lkmr_accreditation.usecases.store_card import store_card
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.identity import Caller

from ..application_builders import World, a_head, a_world
from ..builders import NOON, a_card, an_entry

pytestmark = pytest.mark.servers
NewUow = Callable[[], AccreditationUnitOfWork]
PERIOD = {"start_date": "2026-09-01", "end_date": "2028-08-31", "mentor_order": "12-н"}


@pytest.fixture
async def world(store: Database, keys: KeyRing, new_uow: NewUow, clock: FakeClock) -> World:
    """Somebody accredited for the first time after the norm of mentoring began."""
    entry = an_entry(
        kind="PRIMARY", record_date=date(2026, 8, 1), expire_date=date(2031, 8, 1),
        protocol_date=None,
    )  # fmt: skip
    card = a_card(entry)
    async with new_uow() as uow:
        await store_card(card, now=NOON, uow=uow)
        await uow.commit()
    made = a_world(store, keys, new_uow, clock, card.worker)
    while await judge_due(new_uow=new_uow, book=made.parts.book, clock=clock):
        pass
    return made


async def entered(
    world: World, staff: PostgresStaff, caller: Caller | None = None, *,
    request_id: str = "", answers: dict[str, str] | None = None,
) -> str:  # fmt: skip
    return await record_mentoring(
        world.worker,
        specialty="",
        answers=PERIOD | (answers or {}),
        caller=caller or a_head(role="HR"),
        request_id=request_id,
        body=b"",
        staff=staff,
        parts=world.parts,
    )


@pytest.fixture
def staff(store: Database, keys: KeyRing) -> PostgresStaff:
    return PostgresStaff(store, keys)


async def rule(world: World) -> str:
    made = await read_compliance(world.worker, world.parts.compliance())
    return next(one for one in made.report.rules if one.id == "R-ACC-06").verdict.value


async def test_mentoring_that_personnel_enters_answers_the_rule(
    world: World, staff: PostgresStaff
) -> None:
    assert await rule(world) == "UNKNOWN"

    made = await entered(world, staff, request_id="00000000-0000-4000-8000-000000000001")

    assert await rule(world) == "OK"
    stored = await read_staff_application(a_head(role="HR"), made, parts=world.parts)
    assert [one.after.value for one in stored.steps] == ["SUBMITTED", "IN_WORK", "DONE"]
    assert {one.actor.value for one in stored.steps} == {"HR"}
    again = await entered(world, staff, request_id="00000000-0000-4000-8000-000000000001")
    assert again == made
    with pytest.raises(DocumentDuplicate):
        await entered(world, staff)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"end_date": "2026-08-31"}, "BEFORE_START"),
        ({"end_date": "2030-09-01"}, "TOO_FAR"),
        ({"end_date": ""}, "REQUIRED"),
        ({"start_date": "вчера"}, "DATE"),
    ],
)
async def test_a_period_that_cannot_be_is_refused(
    world: World, staff: PostgresStaff, answers: dict[str, str], code: str
) -> None:
    with pytest.raises(ServiceError) as refusal:
        await entered(world, staff, answers=answers)

    assert [one.code for one in refusal.value.fields] == [code]
    assert await rule(world) == "UNKNOWN"


async def test_only_personnel_of_the_organisation_enters_it_and_not_for_themselves(
    world: World, staff: PostgresStaff
) -> None:
    for caller, refusal in (
        (a_head(role="HR", oid="1.2.643.5.1.13.13.12.2.77.90002"), StaffMemberNotFound),
        (a_head(role="HEAD_ORG"), OrganizationRequired),
        (a_head(role="HR", worker=world.worker), SelfConfirmation),
    ):
        with pytest.raises(refusal):
            await entered(world, staff, caller)
