"""Hours of many workers at once: nobody is lost, nobody is asked for needlessly."""

import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

import pytest
from lkmr.education.v1 import events_pb2 as education

from lkmr_accreditation.domain.hours import Statement
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.fill_hours import Statements
from lkmr_accreditation.usecases.follow_loads import FEW, PORTION, LoadFollower
from lkmr_accreditation.usecases.store_card import store_card
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.events import Event

from ..builders import NOON, a_card, an_entry

pytestmark = pytest.mark.servers
NewUow = Callable[[], AccreditationUnitOfWork]
STATEMENT = Statement(specialty="кардиология", start=date(2026, 1, 1), end=date(2031, 1, 1))


@dataclass
class PlayedEducation:
    """Has a statement of everybody; notes who was asked for, and may be away."""

    asked: list[str] = field(default_factory=list)
    away: bool = False
    meanwhile: Callable[[], object] | None = None

    async def __call__(self, workers: Sequence[str]) -> Statements:
        if self.away:
            raise ServiceError(Category.UNAVAILABLE, "EDUCATION_UNAVAILABLE")
        self.asked += workers
        if self.meanwhile is not None:
            await self.meanwhile()  # type: ignore[misc]
        return {one: [STATEMENT] for one in workers}


def loaded(*workers: str) -> Event[education.CreditsLoaded]:
    fact = education.CreditsLoaded(workers=[f"workers/{one}" for one in workers])
    return Event(uuid.uuid4(), "lkmr.education.v1.credits.loaded", "feeds/studies", fact)


@asynccontextmanager
async def hold(_: str) -> AsyncIterator[None]:
    yield


@pytest.fixture
def school() -> PlayedEducation:
    return PlayedEducation()


@pytest.fixture
def follower(new_uow: NewUow, clock: FakeClock, school: PlayedEducation) -> LoadFollower:
    return LoadFollower(of_many=school, new_uow=new_uow, clock=clock, hold=hold)


async def workers_of(new_uow: NewUow, count: int) -> list[str]:
    cards = [a_card(an_entry(f"77 {number}"), worker=str(uuid.uuid4())) for number in range(count)]
    async with new_uow() as uow:
        for card in cards:
            await store_card(card, now=NOON, uow=uow)
        await uow.commit()
    return [card.worker for card in cards]


async def kept(store: Database, workers: Sequence[str]) -> int:
    statement = "SELECT count(*) FROM worker_hours WHERE worker_id = ANY($1::uuid[])"
    return int(await store.pool.fetchval(statement, list(workers)))


async def due(store: Database) -> int:
    return int(await store.pool.fetchval("SELECT count(*) FROM hours_due"))


async def test_everybody_of_a_load_is_asked_for_once_and_judged_anew(
    follower: LoadFollower, school: PlayedEducation, new_uow: NewUow, store: Database
) -> None:
    workers = await workers_of(new_uow, PORTION + 20)
    event = loaded(*workers, str(uuid.uuid4()))

    for _ in range(2):  # a repeat of the event, and a second load of the same people
        await follower.note([one.split("/")[1] for one in event.data.workers], event)
    await follower.note(workers, loaded(*workers))

    assert [await follower.follow() for _ in range(3)] == [PORTION, 20, 0]
    assert sorted(school.asked) == sorted(workers)
    assert await kept(store, workers) == len(workers)
    judged = "SELECT count(*) FROM compliance_due WHERE worker_id = ANY($1::uuid[])"
    assert await store.pool.fetchval(judged, workers) == len(workers)


async def test_who_is_credited_while_education_is_asked_is_asked_for_again(
    follower: LoadFollower, school: PlayedEducation, new_uow: NewUow, store: Database
) -> None:
    workers = await workers_of(new_uow, 2)
    await follower.note(workers, loaded(*workers))
    school.meanwhile = lambda: follower.note(workers[:1], loaded(*workers[:1]))

    assert await follower.follow() == 2
    assert await due(store) == 1
    school.meanwhile = None
    assert [await follower.follow(), await follower.follow()] == [1, 0]
    assert school.asked.count(workers[0]) == 2


async def test_an_education_that_is_away_and_a_crash_lose_nobody(
    follower: LoadFollower, school: PlayedEducation, new_uow: NewUow, store: Database
) -> None:
    workers = await workers_of(new_uow, 3)
    await follower.note(workers, loaded(*workers))
    school.away = True
    with pytest.raises(ServiceError):  # taken, and not finished: as if the process had died
        await follower.follow()
    assert (await due(store), await kept(store, workers)) == (3, 0)

    school.away = False
    assert await follower.follow() == 3
    assert (await due(store), await kept(store, workers)) == (0, 3)


async def test_beside_a_load_only_a_few_are_asked_for(
    follower: LoadFollower, new_uow: NewUow, store: Database, clock: FakeClock
) -> None:
    workers = await workers_of(new_uow, FEW + 1)
    await follower.note(workers, loaded(*workers))
    await follower._round()
    assert await due(store) == 1

    clock.move(seconds=3)
    await follower._round()
    assert await due(store) == 0
