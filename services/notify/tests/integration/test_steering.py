"""Announcements that are held, let go and stopped, and people who stop their letters."""

import uuid
from collections import Counter
from datetime import UTC, datetime

import pytest

from lkmr_notify.domain.announcement import Action
from lkmr_notify.domain.channel import Group
from lkmr_notify.domain.delivery import Outcome, Result
from lkmr_notify.domain.errors import (
    AnnouncementNotFound,
    AnnouncementStateWrong,
)
from lkmr_notify.usecases import announce
from lkmr_notify.usecases.announce import Announcing, bring_portions
from lkmr_notify.usecases.deliver import deliver
from lkmr_notify.usecases.digests import send_digests
from lkmr_notify.usecases.notes import Notes
from lkmr_notify.usecases.ports import Handing
from lkmr_notify.usecases.preferences import (
    Change,
    Choosing,
    mute_letters,
    update_preferences,
    withhold_digest,
)
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.identity import Caller, CallerKind

from ..unit.fakes import Sender
from .announcing import (
    IT_ADMIN,
    OPERATOR,
    RULES,
    TEXTS,
    Crowd,
    an_announcement,
    create,
    due,
    parts_of,
    sending,
    until_done,
)

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("nothing_announced")]


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


async def test_who_stops_letters_gets_none_of_those_that_wait_for_the_morning(
    stored: Database,
) -> None:
    night = FakeClock(datetime(2026, 11, 24, 20, tzinfo=UTC))
    leaves, stays = uuid.uuid4(), uuid.uuid4()
    parts = parts_of(stored, Crowd(people=[leaves, stays]), night)
    name = await create(parts, an_announcement(night))
    await until_done(parts)
    assert await due(parts, 10, 10) == []

    choosing = Choosing(people=parts.people, rules=RULES, new_uow=parts.new_uow, clock=night)
    await mute_letters(leaves, Group.NEWS, parts=choosing)
    night.move(hours=14)

    assert [one.person for one in await due(parts, 10, 10)] == [stays]
    assert await states_of(stored, name) == {"CANCELLED": 1, "SENDING": 1}


async def test_who_stops_the_letter_of_the_day_gets_neither_it_nor_others_instead(
    stored: Database,
) -> None:
    clock, person = FakeClock(), uuid.uuid4()
    parts = parts_of(stored, Crowd(people=[person]), clock)
    choosing = Choosing(people=parts.people, rules=RULES, new_uow=parts.new_uow, clock=clock)
    me = Caller(CallerKind.PERSON, str(person), 0)
    await update_preferences(Change(digest="DAILY"), caller=me, parts=choosing)
    await create(parts, an_announcement(clock))
    await until_done(parts)

    await withhold_digest(person, parts=choosing)
    await create(parts, an_announcement(clock))
    await until_done(parts)
    clock.move(days=1)

    assert await send_digests(texts=TEXTS, new_uow=parts.new_uow, clock=clock) == 0
    assert await due(parts, 10, 10) == []
    assert (
        await stored.pool.fetchval("SELECT count(*) FROM message WHERE person_id=$1", person) == 2
    )
