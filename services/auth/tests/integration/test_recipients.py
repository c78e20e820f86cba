"""Whom notify is to tell, over the real PostgreSQL."""

import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from auth_fakes import World
from auth_samples import CLINIC, HOSPITAL

from lkmr_auth.domain.delegation import Delegation
from lkmr_auth.domain.errors import PersonNotFound, RequestFieldInvalid
from lkmr_auth.domain.person import Contacts, PersonId
from lkmr_auth.domain.profiles import Binding
from lkmr_auth.usecases.get_contacts import list_contacts
from lkmr_auth.usecases.list_recipients import get_recipient, list_recipients
from lkmr_auth.usecases.people_ports import Audience
from lkmr_servicekit.personal import Personal

from .test_storage import a_snils

pytestmark = pytest.mark.servers
TODAY = date(2026, 11, 23)


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

    heads = await people(world, Audience(TODAY, roles=("HEAD_DEPT",), colleague=worker))
    others = await people(world, Audience(TODAY, roles=("HR",), colleague=worker))

    assert heads == [mine]
    assert personnel in others
    assert me not in others


async def test_of_a_head_the_head_of_the_organisation_is_told_and_no_deputy_of_their_own(
    world: World,
) -> None:
    worker, department = str(uuid.uuid4()), f"отделение {uuid.uuid4()}"
    head = await settled(world, worker, held("HEAD_DEPT", department))
    doctor = str(uuid.uuid4())
    await settled(world, doctor, held("DOCTOR", department))
    superior = await settled(world, str(uuid.uuid4()), held("HEAD_ORG"))
    other = await settled(world, str(uuid.uuid4()), held("HEAD_ORG", organization=HOSPITAL))
    deputy = await settled(world, str(uuid.uuid4()), held("DOCTOR", department))
    await replaced(world, head, deputy)

    of_head = await people(world, Audience(TODAY, roles=("HEAD_DEPT",), colleague=worker))
    of_doctor = await people(world, Audience(TODAY, roles=("HEAD_DEPT",), colleague=doctor))

    assert superior in of_head
    assert {head, deputy, other}.isdisjoint(of_head)
    assert set(of_doctor) == {head, deputy}


async def test_pages_give_everybody_once_with_where_they_work(world: World) -> None:
    made = {
        await settled(world, str(uuid.uuid4()), held("PKU"), held("NURSE", organization=HOSPITAL))
        for _ in range(5)
    }
    audience, token, seen = Audience(TODAY, roles=("PKU", "NURSE")), "", []

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

    assert await people(world, Audience(TODAY, person=nobody)) == [nobody]
    assert nobody in await people(world, Audience(TODAY), page_size=5000)


@pytest.mark.parametrize(
    ("audience", "page"),
    [
        (Audience(TODAY, colleague="w"), {}),
        (Audience(TODAY), {"page_size": -1}),
        (Audience(TODAY), {"page_token": "x"}),
    ],
)
async def test_what_cannot_be_meant_is_refused(
    world: World, audience: Audience, page: dict[str, object]
) -> None:
    with pytest.raises(RequestFieldInvalid):
        await people(world, audience, **page)


async def replaced(world: World, head: uuid.UUID, deputy: uuid.UUID, **changes: Any) -> Delegation:
    facts: dict[str, Any] = {
        "id": uuid.uuid4(),
        "person_id": PersonId(head),
        "delegate_id": PersonId(deputy),
        "organization_id": CLINIC.id,
        "role": "HEAD_DEPT",
        "start_date": TODAY,
        "end_date": TODAY + timedelta(days=6),
        "create_time": world.clock.now(),
    }
    made = Delegation(**{**facts, **changes})
    async with world.new_uow() as uow:
        await uow.delegations.add(made)
        if made.revoke_time:
            await uow.delegations.revoke(made.id, made.revoke_time)
        await uow.commit()
    return made


async def test_who_stands_in_for_the_head_today_is_told_beside_the_head(world: World) -> None:
    worker, department = str(uuid.uuid4()), f"отделение {uuid.uuid4()}"
    me = await settled(world, worker, held("DOCTOR", department))
    head = await settled(world, str(uuid.uuid4()), held("HEAD_DEPT", department))
    deputy = await settled(world, str(uuid.uuid4()), held("DOCTOR", "другое"))
    await replaced(world, head, deputy)
    await replaced(world, head, me)

    async def told(day: date) -> dict[uuid.UUID, bool]:
        audience = Audience(day, roles=("HEAD_DEPT",), colleague=worker)
        found, _ = await list_recipients(
            audience, page_size=0, page_token="", new_uow=world.new_uow
        )
        return {one.person: one.deputy for one in found}

    last = TODAY + timedelta(days=6)
    assert await told(TODAY - timedelta(days=1)) == {head: False}
    assert await told(TODAY) == await told(last) == {head: False, deputy: True}
    assert await told(last + timedelta(days=1)) == {head: False}


@pytest.mark.parametrize("why", ["revoked", "the head is none any more", "works elsewhere now"])
async def test_a_delegation_that_does_not_count_tells_nobody(world: World, why: str) -> None:
    worker, department = str(uuid.uuid4()), f"отделение {uuid.uuid4()}"
    await settled(world, worker, held("DOCTOR", department))
    head = await settled(world, str(uuid.uuid4()), held("HEAD_DEPT", department))
    where = HOSPITAL if why == "works elsewhere now" else CLINIC
    deputy = await settled(world, str(uuid.uuid4()), held("DOCTOR", organization=where))
    revoked = world.clock.now() if why == "revoked" else None
    await replaced(world, head, deputy, revoke_time=revoked)
    if why == "the head is none any more":
        async with world.new_uow() as uow:
            await uow.people.bind(PersonId(head), [held("DOCTOR")], world.clock.now())
            await uow.commit()

    assert deputy not in await people(world, Audience(TODAY, ("HEAD_DEPT",), colleague=worker))
    assert deputy not in await people(world, Audience(TODAY, ("HEAD_DEPT",), (CLINIC.id,)))


async def test_an_audience_of_heads_has_their_deputies_each_once_on_any_page(world: World) -> None:
    heads = [
        await settled(world, str(uuid.uuid4()), held("HEAD_ORG", organization=HOSPITAL))
        for _ in range(3)
    ]
    deputy = await settled(world, str(uuid.uuid4()), held("DOCTOR", organization=HOSPITAL))
    changes = {"organization_id": HOSPITAL.id, "role": "HEAD_ORG"}
    for head in heads[:2]:
        await replaced(world, head, deputy, **changes)
    await replaced(world, heads[0], heads[1], **changes)
    audience, token, seen = Audience(TODAY, ("HEAD_ORG",), (HOSPITAL.id,)), "", []

    while True:
        found, token = await list_recipients(
            audience, page_size=1, page_token=token, new_uow=world.new_uow
        )
        seen += [one for one in found if one.person in {*heads, deputy}]
        if not token:
            break

    assert {one.person: one.deputy for one in seen} == {**dict.fromkeys(heads, False), deputy: True}
    assert len(seen) == 4


async def test_one_recipient_is_found_by_worker_or_by_id_without_contacts(world: World) -> None:
    worker = str(uuid.uuid4())
    made = await settled(world, worker, held("DOCTOR"))

    by_worker = await get_recipient(worker_id=worker, new_uow=world.new_uow)
    by_id = await get_recipient(person_id=str(made), new_uow=world.new_uow)

    assert by_worker == by_id
    assert (by_id.person, by_id.organizations, by_id.oid) == (made, (CLINIC.id,), CLINIC.oid)
    for wrong in ({"worker_id": "nobody"}, {"person_id": "x"}, {"person_id": str(uuid.uuid4())}):
        with pytest.raises(PersonNotFound):
            await get_recipient(**wrong, new_uow=world.new_uow)


async def test_contacts_of_many_people_come_at_once_without_the_unknown(world: World) -> None:
    made = [PersonId(await settled(world, str(uuid.uuid4()))) for _ in range(3)]
    async with world.new_uow() as uow:
        for number, one in enumerate(made):
            person = await uow.people.get(one)
            contacts = Contacts(email=Personal(f"{number}@demo.example"), phone=Personal(""))
            await uow.people.save(replace(person, contacts=contacts), world.clock.now())
        await uow.commit()

    found = await list_contacts([*made, PersonId(uuid.uuid4())], new_uow=world.new_uow)

    assert [found[one].email.open() for one in made] == [f"{n}@demo.example" for n in range(3)]
    assert len(found) == 3
    with pytest.raises(RequestFieldInvalid):
        await list_contacts([PersonId(uuid.uuid4())] * 201, new_uow=world.new_uow)
