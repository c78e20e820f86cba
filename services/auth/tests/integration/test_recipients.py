"""Whom notify is to tell, over the real PostgreSQL."""

import uuid
from dataclasses import replace

import pytest
from auth_fakes import CLINIC, HOSPITAL, World

from lkmr_auth.domain.errors import RequestFieldInvalid
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.profiles import Binding
from lkmr_auth.usecases.list_recipients import list_recipients
from lkmr_auth.usecases.ports import Audience
from lkmr_servicekit.personal import Personal

from .test_storage import a_snils

pytestmark = pytest.mark.servers


async def settled(world: World, worker: str, *bindings: Binding) -> uuid.UUID:
    async with world.new_uow() as uow:
        for organization in (CLINIC, HOSPITAL):
            await uow.people.save_organization(organization)
        created = await uow.people.create(Personal(a_snils()), active=True, now=world.clock.now())
        await uow.people.save(replace(created, worker_id=worker), world.clock.now())
        await uow.people.bind(PersonId(created.id), bindings, world.clock.now())
        await uow.commit()
    return created.id


def held(role: str, department: str = "", *, organization: object = CLINIC) -> Binding:
    return Binding(
        organization=organization,  # type: ignore[arg-type]
        role=role,
        position="",
        department=department,
    )


async def people(world: World, audience: Audience, **page: object) -> list[uuid.UUID]:
    found, token = await list_recipients(
        audience, **{"page_size": 0, "page_token": "", "new_uow": world.new_uow, **page}
    )
    assert token == ""
    return [one.person for one in found]


async def test_the_head_of_ones_own_department_is_told_and_no_other(world: World) -> None:
    worker = str(uuid.uuid4())
    me = await settled(world, worker, held("DOCTOR", "хирургия-1"))
    mine = await settled(world, str(uuid.uuid4()), held("HEAD_DEPT", "хирургия-1"))
    await settled(world, str(uuid.uuid4()), held("HEAD_DEPT", "хирургия-2"))
    await settled(world, str(uuid.uuid4()), held("HEAD_DEPT", "хирургия-1", organization=HOSPITAL))
    personnel = await settled(world, str(uuid.uuid4()), held("HR"))

    heads = await people(world, Audience(roles=("HEAD_DEPT",), colleague=worker))
    others = await people(world, Audience(roles=("HR",), colleague=worker))

    assert heads == [mine]
    assert personnel in others
    assert me not in others


async def test_pages_give_everybody_once_with_where_they_work(world: World) -> None:
    made = {
        await settled(world, str(uuid.uuid4()), held("PKU"), held("NURSE", organization=HOSPITAL))
        for _ in range(5)
    }
    audience, token, seen = Audience(roles=("PKU", "NURSE")), "", []

    while True:
        found, token = await list_recipients(
            audience, page_size=2, page_token=token, new_uow=world.new_uow
        )
        seen += [one for one in found if one.person in made]
        if not token:
            break

    assert {one.person for one in seen} == made
    assert len(seen) == len(made)
    assert all(set(one.organizations) == {CLINIC.id, HOSPITAL.id} for one in seen)
    assert all(one.oid in {CLINIC.oid, HOSPITAL.oid} for one in seen)


async def test_one_person_is_found_by_id_and_everybody_without_a_role(world: World) -> None:
    nobody = await settled(world, str(uuid.uuid4()))

    assert await people(world, Audience(person=nobody)) == [nobody]
    assert nobody in await people(world, Audience(), page_size=5000)


@pytest.mark.parametrize(
    ("audience", "page"),
    [
        (Audience(colleague="w"), {}),
        (Audience(), {"page_size": -1}),
        (Audience(), {"page_token": "x"}),
    ],
)
async def test_what_cannot_be_meant_is_refused(
    world: World, audience: Audience, page: dict[str, object]
) -> None:
    with pytest.raises(RequestFieldInvalid):
        await people(world, audience, **page)
