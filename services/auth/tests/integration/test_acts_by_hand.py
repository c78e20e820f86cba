"""Reasons of administrators over PostgreSQL."""

from functools import partial

import pytest
from auth_fakes import World
from auth_samples import CLINIC, DOCTOR
from stored_people import calls, raw_bytes, stored_person

from lkmr_auth.domain.profiles import Binding
from lkmr_auth.domain.rights import AccountAct
from lkmr_auth.messaging.announce import announcement_of
from lkmr_auth.storage.administration import StoredAdministration
from lkmr_auth.usecases.administration.change_account import change_account
from lkmr_auth.usecases.administration.ports import AdministrationParts
from lkmr_auth.usecases.administration.read_people import ACTS
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing

pytestmark = pytest.mark.servers
WHY = "Звонила Горшкова, личность подтверждена"


async def test_a_reason_is_kept_sealed_with_its_act_and_given_back_newest_first(
    store: Database, keyring: KeyRing
) -> None:
    world = World()
    world.new_uow = partial(
        StoredAdministration, store, keyring, clock=world.clock, announcement=announcement_of
    )
    admin = await stored_person(world, Binding(organization=CLINIC, role="IT_ADMIN"))
    doctor = await stored_person(world, DOCTOR)
    parts = AdministrationParts(
        new_uow=world.new_uow, clock=world.clock, limits=world.limits, operator=""
    )

    async def change(act: AccountAct) -> None:
        await change_account(
            doctor.id, act, reason=WHY, caller=calls(admin, "IT_ADMIN"), parts=parts
        )
        world.clock.move(minutes=1)

    await change(AccountAct.BLOCK)
    await change(AccountAct.UNBLOCK)

    async with world.new_uow() as uow:
        kept = await uow.acts.of_person(doctor.id, ACTS)
        assert await uow.acts.of_person(admin.id, ACTS) == ()
    assert [one.operation for one in kept] == ["account.unblock", "account.block"]
    assert {(one.actor_id, one.reason.open()) for one in kept} == {(admin.id, WHY)}
    raw = await raw_bytes(store, "SELECT * FROM act_by_hand WHERE person_id = :id", id=doctor.id)
    assert "Горшкова".encode() not in raw
