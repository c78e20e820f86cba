"""Announcements over the real database: portions, an urgent one in between."""

import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from lkmr_notify.domain.announcement import Announcement
from lkmr_notify.domain.errors import (
    AudienceTooWide,
)
from lkmr_notify.usecases import announce
from lkmr_notify.usecases.announce import Announcing, bring_portions
from lkmr_notify.usecases.deliver import deliver
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.events import Event

from ..unit.fakes import Sender
from .announcing import (
    IT_ADMIN,
    Crowd,
    an_announcement,
    create,
    due,
    parts_of,
    sending,
    state_of,
    told,
    until_done,
)

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("nothing_announced")]


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
