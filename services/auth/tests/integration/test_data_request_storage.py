"""Requests about personal data over PostgreSQL: sealed words, numbers, one dispute of an entry."""

import asyncio
import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
from auth_fakes import World
from auth_samples import CLINIC, DOCTOR, HOSPITAL
from stored_people import raw_bytes, stored_person

from lkmr_auth.domain.access_errors import DataRequestAnswered
from lkmr_auth.domain.data_request import DataRequest, Outcome, RequestKind, RequestStage
from lkmr_auth.domain.errors import SeparationOfDuties
from lkmr_auth.domain.person import Person
from lkmr_auth.domain.rights import Reach
from lkmr_servicekit.database import Database

pytestmark = pytest.mark.servers
TEXT = "Исправьте, пожалуйста, улицу: Садовая"
ANSWER = "Исправлено: Лесная"


@pytest.fixture
async def worker(world: World) -> Person:
    return await stored_person(world, DOCTOR)


@pytest.fixture
async def officer(world: World) -> Person:
    return await stored_person(world, DOCTOR)


def a_request(world: World, worker: Person, **changes: object) -> DataRequest:
    now = world.clock.now()
    made = DataRequest(
        id=uuid.uuid4(),
        person_id=worker.id,
        organization_id=CLINIC.id,
        kind=RequestKind.CORRECTION,
        text=TEXT,
        create_time=now,
        due_date=now.date() + timedelta(days=7),
    )
    return replace(made, **changes)


async def submit(world: World, *requests: DataRequest) -> None:
    async with world.new_uow() as uow:
        for one in requests:
            await uow.data_requests.add(one)
        await uow.commit()


async def test_a_request_is_numbered_answered_and_sealed(
    world: World, store: Database, worker: Person, officer: Person
) -> None:
    first, second = a_request(world, worker), a_request(world, worker)
    await submit(world, first, second)
    async with world.new_uow() as uow:
        found = await uow.data_requests.find(first.id)
        taken = found.taken(officer.id)
        later = replace(taken, extend_reason="Ждём архив", due_date=date(2026, 12, 20))
        answered = later.answered(officer.id, ANSWER, Outcome.SATISFIED, world.clock.now())
        await uow.data_requests.save(answered)
        await uow.commit()

    async with world.new_uow() as uow:
        kept = await uow.data_requests.find(first.id)
        other = await uow.data_requests.find(second.id)
        assert await uow.data_requests.find(uuid.uuid4()) is None

    assert kept == replace(answered, number=kept.number)
    assert other == replace(second, number=other.number)
    assert other.number > kept.number > 0
    assert kept.state is RequestStage.ANSWERED
    raw = await raw_bytes(store, "SELECT * FROM data_request WHERE person_id = :id", id=worker.id)
    assert not [word for word in ("Садовая", "Лесная", "архив") if word.encode() in raw]


async def test_one_entry_of_the_journal_is_disputed_once_even_side_by_side(
    world: World, worker: Person, officer: Person
) -> None:
    entry = uuid.uuid4()
    disputes = [
        a_request(world, worker, kind=RequestKind.DISPUTE, event_id=entry) for _ in range(8)
    ]

    await asyncio.gather(*(submit(world, one) for one in disputes))
    await submit(world, a_request(world, officer, kind=RequestKind.DISPUTE, event_id=entry))

    async with world.new_uow() as uow:
        mine = await uow.data_requests.list_of(worker.id)
        theirs = await uow.data_requests.list_of(officer.id)
    assert [one.event_id for one in mine] == [entry]
    assert len(theirs) == 1, "the same entry may be about two people"
    await submit(world, a_request(world, worker), a_request(world, worker))
    async with world.new_uow() as uow:
        assert len(await uow.data_requests.list_of(worker.id)) == 3


async def test_of_two_officers_at_once_one_answers(
    world: World, worker: Person, officer: Person
) -> None:
    request = a_request(world, worker)
    await submit(world, request)
    second = await stored_person(world, DOCTOR)

    async def answer(who: Person, text: str) -> str:
        async with world.new_uow() as uow:
            found = await uow.data_requests.find(request.id)
            try:
                made = found.answered(who.id, text, Outcome.SATISFIED, world.clock.now())
            except (DataRequestAnswered, SeparationOfDuties) as refusal:
                return type(refusal).__name__
            await uow.data_requests.save(made)
            await uow.commit()
        return text

    told = await asyncio.gather(answer(officer, "первый"), answer(second, "второй"))

    assert "DataRequestAnswered" in told
    async with world.new_uow() as uow:
        assert (await uow.data_requests.find(request.id)).answer in told
    assert await answer(worker, "сам себе") == "DataRequestAnswered"


async def test_a_page_holds_the_organisation_in_reach_open_ones_first_by_their_day(
    world: World, worker: Person, officer: Person
) -> None:
    day = world.clock.now().date()
    late, soon, far, done = (
        a_request(world, worker, due_date=day + timedelta(days=9)),
        a_request(world, worker, due_date=day + timedelta(days=1)),
        a_request(world, worker, organization_id=HOSPITAL.id, due_date=day),
        a_request(world, worker, due_date=day - timedelta(days=30)),
    )
    await submit(world, late, soon, far, done)
    async with world.new_uow() as uow:
        found = await uow.data_requests.find(done.id)
        await uow.data_requests.save(
            found.answered(officer.id, ANSWER, Outcome.REFUSED, world.clock.now())
        )
        await uow.commit()

    async with world.new_uow() as uow:
        own = await uow.data_requests.page(Reach(organization=CLINIC.id, everywhere=False), 100)
        everywhere = await uow.data_requests.page(
            Reach(organization=CLINIC.id, everywhere=True), 100
        )

    mine = [one.id for one in own if one.person_id == worker.id]
    assert mine == [soon.id, late.id, done.id]
    assert {one.organization_id for one in own} == {CLINIC.id}
    assert far.id in {one.id for one in everywhere}
    newest = [one.create_time for one in own if one.state is not RequestStage.ANSWERED]
    assert newest
