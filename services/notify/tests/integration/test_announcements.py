"""Announcements over the real database: portions, steering, an urgent one in between."""

import os
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lkmr_notify.domain.announcement import Action, Announcement, Kind
from lkmr_notify.domain.channel import Channel
from lkmr_notify.domain.delivery import Outcome, Result
from lkmr_notify.domain.errors import (
    AnnouncementNotFound,
    AnnouncementStateWrong,
    AudienceTooWide,
)
from lkmr_notify.main import load_data
from lkmr_notify.messaging.announce import delivery_failed, message_created
from lkmr_notify.storage.reader import PostgresMessageReader
from lkmr_notify.storage.unit_of_work import NotifyUnitOfWork
from lkmr_notify.usecases import announce
from lkmr_notify.usecases.announce import Announcing, bring_portions, create_announcement
from lkmr_notify.usecases.courier import take_due
from lkmr_notify.usecases.deliver import Delivering, deliver
from lkmr_notify.usecases.notes import Notes
from lkmr_notify.usecases.ports import Delivery, Handing
from lkmr_rig.pytest_plugin import TestDatabase
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.events import Event
from lkmr_servicekit.identity import Caller, CallerKind

from ..unit.fakes import People, Recipient, Sender

pytestmark = pytest.mark.servers

TEXTS, RULES = load_data()
OPERATOR = Caller(CallerKind.PERSON, str(uuid.uuid4()), 0, roles=("SEC_ADMIN",))
IT_ADMIN = Caller(
    CallerKind.PERSON, str(uuid.uuid4()), 0, organization="org-gp1", roles=("IT_ADMIN",)
)


@dataclass
class Crowd(People):
    people: list[uuid.UUID] = field(default_factory=list)

    async def audience(
        self, roles: Sequence[str], organizations: Sequence[str], *, after: str, size: int
    ) -> tuple[list[Recipient], str]:
        page = [one for one in sorted(self.people) if str(one) > after][:size]
        return (
            [Recipient(one, (), self.oid) for one in page],
            str(page[-1]) if len(page) == size else "",
        )


@pytest.fixture(scope="module")
def notify_database(database: Callable[..., TestDatabase]) -> TestDatabase:
    return database("notify")


@pytest.fixture
async def stored(notify_database: TestDatabase) -> AsyncIterator[Database]:
    async with Database(notify_database.url) as opened:
        await opened.pool.execute("DELETE FROM announcement")
        await opened.pool.execute("DELETE FROM delivery")
        yield opened


RING = KeyRing("notify", "k1", {"k1": AESGCM(os.urandom(32))}, os.urandom(32))


def parts_of(stored: Database, crowd: Crowd, clock: FakeClock) -> Announcing:
    def new_uow() -> NotifyUnitOfWork:
        return NotifyUnitOfWork(
            stored, RING, clock=clock, created=message_created, failed=delivery_failed
        )

    return Announcing(people=crowd, rules=RULES, texts=TEXTS, new_uow=new_uow, clock=clock)


def an_announcement(clock: FakeClock, **changed: Any) -> Announcement:
    facts: dict[str, Any] = {
        "id": uuid.uuid4(),
        "kind": Kind.LAW_CHANGE,
        "title": "Новый порядок аккредитации",
        "text": "Меняется состав портфолио.",
        "created_by": uuid.UUID(OPERATOR.subject),
        "publish_time": clock.now(),
        "create_time": clock.now(),
        "effective_date": date(2027, 3, 1),
    }
    return Announcement(**{**facts, **changed})


async def create(
    parts: Announcing, made: Announcement, caller: Caller = OPERATOR, request_id: str = ""
) -> uuid.UUID:
    return await create_announcement(
        made, body=made.title.encode(), request_id=request_id, caller=caller, parts=parts
    )


async def state_of(stored: Database, name: uuid.UUID) -> tuple[str, int]:
    row = await stored.pool.fetchrow("SELECT state, messages FROM announcement WHERE id=$1", name)
    return row["state"], row["messages"]


async def told(stored: Database, name: uuid.UUID) -> list[Any]:
    rows = await stored.pool.fetch("SELECT * FROM message WHERE source_id = $1", name)
    reader = PostgresMessageReader(stored, RING)
    bodies = [await reader.one(str(row["person_id"]), row["id"]) for row in rows]
    return [orjson.loads(body) for body in bodies if body]


async def until_done(parts: Announcing, rounds: int = 40) -> None:
    for _ in range(rounds):
        if not await bring_portions(parts):
            return


def sending(parts: Announcing, sender: Sender) -> Delivering:
    async def pause(_: float) -> None: ...

    return Delivering(
        people=parts.people,
        senders={Channel.EMAIL: sender},
        texts=TEXTS,
        rules=RULES,
        notes=Notes(parts.new_uow, parts.clock),
        clock=parts.clock,
        cabinet_url="http://localhost:8080",
        unsubscribe=lambda _, group: f"http://localhost:8080/unsubscribe/{group}",
        jitter=lambda: 1.0,
        pause=pause,
        observe=lambda *_: None,
    )


async def due(parts: Announcing, free: int, free_for_bulk: int) -> list[Delivery]:
    return await take_due(free, free_for_bulk, new_uow=parts.new_uow, clock=parts.clock)


async def test_everybody_of_the_audience_gets_it_once_though_portions_are_repeated(
    stored: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announce, "PORTION", 7)
    clock, crowd = FakeClock(), Crowd(people=[uuid.uuid4() for _ in range(25)])
    parts, key = parts_of(stored, crowd, clock), str(uuid.uuid4())
    name = await create(parts, an_announcement(clock), request_id=key)
    assert await create(parts, an_announcement(clock), request_id=key) == name

    await until_done(parts)

    rows = await stored.pool.fetch("SELECT person_id FROM message WHERE source_id = $1", name)
    assert sorted(row["person_id"] for row in rows) == sorted(crowd.people)
    assert await state_of(stored, name) == ("DONE", 25)
    messages = await told(stored, name)
    assert {one["title"] for one in messages} == {"Новый порядок аккредитации"}
    assert all("01.03.2027" in one["text"] for one in messages)


async def test_recipients_follow_the_speed_of_sending(
    stored: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announce, "PORTION", 5)
    monkeypatch.setattr(announce, "HIGH_WATER", 10)
    clock, crowd = FakeClock(), Crowd(people=[uuid.uuid4() for _ in range(30)])
    parts = parts_of(stored, crowd, clock)
    name = await create(parts, an_announcement(clock))

    await until_done(parts)
    piled = await state_of(stored, name)
    sender = Sender()
    for _ in range(20):
        for one in await due(parts, 10, 10):
            await deliver(one, parts=sending(parts, sender))
        await bring_portions(parts)

    assert piled == ("SENDING", 10)
    assert await state_of(stored, name) == ("DONE", 30)
    assert len({one.person for one in sender.sent}) == 30
    assert "портфолио" not in str([(one.subject, one.paragraphs) for one in sender.sent])


async def steer(parts: Announcing, name: uuid.UUID, action: Action) -> None:
    await announce.steer_announcement(name, action, caller=OPERATOR, parts=parts)


async def settled(parts: Announcing, stored: Database) -> None:
    """Until all deliveries follow; none is under way."""
    while await announce.settle_steered(parts):
        pass
    assert await stored.pool.fetchval("SELECT count(*) FROM announcement WHERE steering") == 0


async def states_of(stored: Database, name: uuid.UUID) -> Counter[str]:
    rows = await stored.pool.fetch("SELECT state FROM delivery WHERE source_id = $1", name)
    return Counter(row["state"] for row in rows)


async def test_it_can_be_held_and_let_go_and_stopped_for_good(
    stored: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announce, "PORTION", 5)
    monkeypatch.setattr(announce, "STEERED_AT_ONCE", 2)
    clock, crowd = FakeClock(), Crowd(people=[uuid.uuid4() for _ in range(20)])
    parts = parts_of(stored, crowd, clock)
    name = await create(parts, an_announcement(clock))
    await bring_portions(parts)

    await steer(parts, name, Action.PAUSE)
    assert await due(parts, 10, 10) == []
    assert await bring_portions(parts) == 0
    await settled(parts, stored)
    assert await due(parts, 10, 10) == []
    with pytest.raises(AnnouncementStateWrong):
        await steer(parts, name, Action.PAUSE)
    with pytest.raises(AnnouncementNotFound):
        await announce.steer_announcement(name, Action.RESUME, caller=IT_ADMIN, parts=parts)

    await steer(parts, name, Action.RESUME)
    await settled(parts, stored)
    assert len(await due(parts, 3, 3)) == 3
    await bring_portions(parts)

    await steer(parts, name, Action.CANCEL)
    assert await due(parts, 10, 10) == []
    assert await bring_portions(parts) == 0
    while await announce.settle_steered(parts):
        pass
    assert await states_of(stored, name) == {"CANCELLED": 7, "SENDING": 3}
    with pytest.raises(AnnouncementStateWrong):
        await steer(parts, name, Action.RESUME)


async def test_what_was_refused_for_a_while_is_held_too_and_tried_again_afterwards(
    stored: Database,
) -> None:
    clock, crowd = FakeClock(), Crowd(people=[uuid.uuid4() for _ in range(6)])
    parts, busy = parts_of(stored, crowd, clock), Result(Outcome.TEMPORARY, "RELAY_BUSY_451")
    name = await create(parts, an_announcement(clock))
    await until_done(parts)
    first, under_way, crashed = [await due(parts, 2, 2) for _ in range(3)]
    for one in first:
        await deliver(one, parts=sending(parts, Sender(busy)))

    await steer(parts, name, Action.PAUSE)
    await announce.settle_steered(parts)
    for one in under_way:  # they were being sent when the operator stopped
        await deliver(one, parts=sending(parts, Sender(busy)))
    clock.move(minutes=2)  # the lease of a process that died is over
    await settled(parts, stored)

    clock.move(hours=2)
    assert await due(parts, 10, 10) == []
    assert await states_of(stored, name) == {"CREATED": 6}

    await steer(parts, name, Action.RESUME)
    await settled(parts, stored)
    again = await due(parts, 10, 10)
    assert {one.id for one in again} == {one.id for one in [*first, *under_way, *crashed]}
    assert {one.attempts for one in again} == {2}


async def test_what_may_have_gone_out_is_no_cancelled_letter(stored: Database) -> None:
    clock, crowd = FakeClock(), Crowd(people=[uuid.uuid4() for _ in range(3)])
    parts = parts_of(stored, crowd, clock)
    name = await create(parts, an_announcement(clock))
    await until_done(parts)
    (perhaps,) = await due(parts, 1, 1)
    assert await Notes(parts.new_uow, clock).hand_over(Handing(perhaps))

    await steer(parts, name, Action.PAUSE)
    clock.move(minutes=2)
    await settled(parts, stored)
    await steer(parts, name, Action.CANCEL)
    await settled(parts, stored)

    assert await states_of(stored, name) == {"CANCELLED": 2, "TECHNICAL_FAILURE": 1}


async def test_an_urgent_one_overtakes_the_bulk(stored: Database) -> None:
    clock, crowd = FakeClock(), Crowd(people=[uuid.uuid4() for _ in range(60)])
    parts = parts_of(stored, crowd, clock)
    bulk = await create(parts, an_announcement(clock))
    await until_done(parts)
    clock.move(seconds=1)
    crowd.people = crowd.people[:3]
    urgent = await create(parts, an_announcement(clock, urgent=True))
    await until_done(parts)

    taken = await due(parts, 10, 5)

    assert [one.source for one in taken] == [urgent] * 3 + [bulk] * 5


async def test_one_that_cannot_be_put_together_stops_no_other(
    stored: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, crowd = FakeClock(), Crowd(people=[uuid.uuid4()])
    parts, letter_of = parts_of(stored, crowd, clock), announce._letter

    def breaking(found: Announcement, parts: Announcing) -> Any:
        if found.id == broken:
            raise KeyError("a value that the text lacks")
        return letter_of(found, parts)

    monkeypatch.setattr(announce, "_letter", breaking)
    broken = await create(parts, an_announcement(clock))
    clock.move(seconds=1)
    sound = await create(parts, an_announcement(clock))

    await until_done(parts)

    assert await state_of(stored, sound) == ("DONE", 1)
    assert await state_of(stored, broken) == ("SCHEDULED", 0)


async def test_who_may_speak_to_whom(stored: Database) -> None:
    clock = FakeClock()
    parts = parts_of(stored, Crowd(), clock)

    for organizations in ((), ("org-gp1", "org-kb2")):
        with pytest.raises(AudienceTooWide):
            await create(parts, an_announcement(clock, organizations=organizations), IT_ADMIN)
    await create(parts, an_announcement(clock, organizations=("org-gp1",)), IT_ADMIN)


async def test_a_change_of_law_is_made_known_once_for_each_fact(stored: Database) -> None:
    clock, crowd = FakeClock(), Crowd(people=[uuid.uuid4()])
    parts = parts_of(stored, crowd, clock)
    event: Event[Any] = Event(uuid.uuid4(), "subject", "lawChanges/x", None)

    made = [
        await announce.announce_law_change(
            event,
            effective=date(2027, 3, 1),
            roles=("DOCTOR",),
            started=False,
            consumer="c",
            parts=parts,
        )
        for _ in range(2)
    ]
    await until_done(parts)

    assert made == [event.id, None]
    (message,) = await told(stored, event.id)
    assert message["link"] == "/law-changes"
    assert "01.03.2027" in message["text"]


async def test_a_later_hour_is_waited_for(stored: Database) -> None:
    clock, crowd = FakeClock(), Crowd(people=[uuid.uuid4()])
    parts = parts_of(stored, crowd, clock)
    made = replace(an_announcement(clock), publish_time=clock.now() + timedelta(hours=1))
    name = await create(parts, made)

    assert await bring_portions(parts) == 0
    clock.move(hours=1)
    await until_done(parts)

    assert await state_of(stored, name) == ("DONE", 1)
