"""Personnel takes the extract of a member of the staff only with that worker's consent (F3)."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from sysconfig import get_path
from typing import Any

import pytest

from lkmr_accreditation.clients.printer import TypstPrinter
from lkmr_accreditation.clients.seal import Seal
from lkmr_accreditation.domain.errors import (
    ApplicationNotFound,
    ApplicationOpen,
    ConsentRequired,
    OrganizationRequired,
    SelfConfirmation,
    StaffMemberNotFound,
    TransitionRefused,
)
from lkmr_accreditation.storage.board import PostgresStaff
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.ask_extract import (
    StaffExtracts,
    ask_extract,
    issue_staff_extract,
)
from lkmr_accreditation.usecases.issue_extract import issue_extract
from lkmr_accreditation.usecases.keep_compliance import judge_due
from lkmr_accreditation.usecases.ports import IssuedExtract
from lkmr_accreditation.usecases.read_applications import (
    list_staff_applications,
    read_application,
    read_staff_application,
)
from lkmr_accreditation.usecases.store_card import store_card
from lkmr_accreditation.usecases.turn_applications import turn_applications
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.identity import Caller

from ..application_builders import World, a_head, a_world, at_once
from ..builders import NOON, a_card, an_entry

pytestmark = pytest.mark.servers
NewUow = Callable[[], AccreditationUnitOfWork]
FONTS = Path(get_path("purelib")) / "fontpkg_pt_sans" / "files"
PURPOSE = {"purpose": "Лицензирование кабинета"}
HR = a_head(role="HR")


@pytest.fixture
async def world(store: Database, keys: KeyRing, new_uow: NewUow, clock: FakeClock) -> World:
    card = a_card(an_entry())
    async with new_uow() as uow:
        await store_card(card, now=NOON, uow=uow)
        await uow.commit()
    made = a_world(store, keys, new_uow, clock, card.worker)
    while await judge_due(new_uow=new_uow, book=made.parts.book, clock=clock):
        pass
    return made


class Personnel:
    """What personnel of the organisation does."""

    def __init__(self, world: World, staff: PostgresStaff, seal: Seal) -> None:
        self.world, self.staff = world, staff
        self.printer = TypstPrinter(FONTS, seal)

    async def ask(self, caller: Caller = HR, **answers: str) -> str:
        return await ask_extract(
            self.world.worker,
            specialty="терапия",
            answers=PURPOSE | answers,
            caller=caller,
            request_id="",
            body=b"",
            staff=self.staff,
            parts=self.world.parts,
        )

    async def take(self, application: str, caller: Caller = HR) -> IssuedExtract:
        by = StaffExtracts(issue=self._issue, staff=self.staff, parts=self.world.parts)
        return await issue_staff_extract(
            application, caller=caller, verify_origin="https://localhost:8084", by=by
        )

    async def _issue(self, worker: str, accreditation: str, origin: str) -> IssuedExtract:
        parts = self.world.parts
        compliance = parts.compliance()
        return await issue_extract(
            worker,
            accreditation,
            verify_origin=origin,
            reader=compliance.reader,
            refresh=compliance.refresh,
            new_uow=parts.new_uow,
            printer=self.printer,
            law=parts.book.law,
            clock=parts.clock,
        )


@pytest.fixture
def personnel(world: World, store: Database, keys: KeyRing, seal: Seal) -> Personnel:
    return Personnel(world, PostgresStaff(store, keys), seal)


async def test_no_extract_leaves_before_the_worker_agrees_and_after_the_consent_is_withdrawn(
    world: World, personnel: Personnel
) -> None:
    asked = await personnel.ask()
    with pytest.raises(ConsentRequired):
        await personnel.take(asked)
    seen = await read_application(asked, worker=world.worker, parts=world.parts)
    assert seen.asked_by == "Поликлиника (проба)"
    assert seen.stored.application.answers == PURPOSE
    assert seen.consent_until == date(2026, 12, 23)

    await world.act(asked, "GRANT")
    taken = await personnel.take(asked)

    assert taken.pdf.startswith(b"%PDF")
    assert taken.worker == world.worker
    await world.act(asked, "WITHDRAW")
    with pytest.raises(ConsentRequired):
        await personnel.take(asked)
    stored = await read_staff_application(HR, asked, parts=world.parts)
    assert [(one.actor.value, one.after.value) for one in stored.steps] == [
        ("HR", "CONSENT_ASKED"),
        ("WORKER", "READY"),
        ("WORKER", "WITHDRAWN"),
    ]


async def test_a_refusal_is_final_and_a_new_request_is_possible(
    world: World, personnel: Personnel
) -> None:
    asked = await personnel.ask()

    await world.act(asked, "DENY", reason="Уже передавала сама")

    with pytest.raises(ConsentRequired):
        await personnel.take(asked)
    with pytest.raises(TransitionRefused):
        await world.act(asked, "GRANT")
    again = await personnel.ask()
    assert again != asked
    waiting, _ = await list_staff_applications(HR, page_size=0, page_token="", parts=world.parts)
    assert [one.application.id for one in waiting] == [again]


async def test_a_request_without_an_answer_ends_by_itself(
    world: World, personnel: Personnel, clock: FakeClock
) -> None:
    asked = await personnel.ask()
    clock.move(days=11)
    with pytest.raises(TransitionRefused):
        await world.act(asked, "GRANT")

    await turn_applications(world.parts)

    assert await world.state(asked) == "EXPIRED"


async def test_a_consent_ends_by_itself(
    world: World, personnel: Personnel, clock: FakeClock
) -> None:
    asked = await personnel.ask()
    await world.act(asked, "GRANT")
    clock.move(days=31)
    with pytest.raises(ConsentRequired):
        await personnel.take(asked)

    await turn_applications(world.parts)

    assert await world.state(asked) == "EXPIRED"


async def test_one_request_stands_at_a_time_and_never_in_the_way_of_the_worker_s_own(
    world: World, personnel: Personnel
) -> None:
    results = await at_once(10, personnel.ask)

    made = [one for one in results if isinstance(one, str)]
    assert len(made) == 1
    open_ = [one for one in results if isinstance(one, ApplicationOpen)]
    assert len(open_) == 9
    assert {one.metadata["application"] for one in open_} == set(made)
    own = await world.create("F3")
    await world.act(own, "SUBMIT")
    await world.act(made[0], "GRANT")
    assert await world.state(made[0]) == "READY"
    assert await world.state(own) == "REGISTERED"


async def test_only_personnel_of_the_organisation_asks_and_sees_nothing_of_the_worker_s_own(
    world: World, personnel: Personnel
) -> None:
    other = "1.2.643.5.1.13.13.12.2.77.90002"
    refusals: list[tuple[Caller, Any]] = [
        (a_head(role="HR", oid=other), StaffMemberNotFound),
        (a_head(role="HEAD_ORG"), OrganizationRequired),
        (a_head(role="HR", worker=world.worker), SelfConfirmation),
    ]
    for caller, refusal in refusals:
        with pytest.raises(refusal):
            await personnel.ask(caller)
    with pytest.raises(ServiceError) as without_purpose:
        await personnel.ask(purpose=" ")
    assert [(one.field, one.code) for one in without_purpose.value.fields] == [
        ("purpose", "REQUIRED")
    ]
    asked, own = await personnel.ask(), await world.create("F3")
    await world.act(asked, "GRANT")
    await world.act(own, "SUBMIT")
    strangers = a_head(role="HR", oid=other)
    for application, caller in ((own, HR), (asked, strangers), (asked, a_head(role="HEAD_ORG"))):
        with pytest.raises((ApplicationNotFound, OrganizationRequired)):
            await personnel.take(application, caller)
    with pytest.raises(ApplicationNotFound):
        await world.decide(asked, "FINISH", caller=HR)
