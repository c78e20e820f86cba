"""Reminders over the real database while the clock is moved over every threshold."""

import asyncio
import os
import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lkmr_notify.domain.reminders import read_profiles
from lkmr_notify.main import _toml, load_data, term_sources
from lkmr_notify.messaging.announce import delivery_failed, message_created
from lkmr_notify.storage.unit_of_work import NotifyUnitOfWork
from lkmr_notify.usecases.digests import send_digests
from lkmr_notify.usecases.remind import Reminding, remind_due
from lkmr_notify.usecases.tell_of_fact import Fact
from lkmr_notify.usecases.terms import Planning, note_terms
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.events import Event

from ..unit.fakes import AWAY, HEAD, People, Recipient, Told

pytestmark = pytest.mark.servers

TEXTS, RULES = load_data()
PROFILES = read_profiles(_toml("reminders.toml"))
(SOURCE, *_) = term_sources()
END = date(2027, 6, 25)


@dataclass
class Staff(People):
    """A worker with a head, personnel and a head of the organisation."""

    worker: uuid.UUID = field(default_factory=uuid.uuid4)
    by_role: dict[str, uuid.UUID] = field(
        default_factory=lambda: {one: uuid.uuid4() for one in ("HEAD_DEPT", "HR", "HEAD_ORG")}
    )

    async def behind_worker(self, worker: str) -> Any:
        return replace(await super().behind_worker(worker), person=self.worker)  # type: ignore[type-var]

    async def colleagues(self, worker: str, roles: Any) -> list[Recipient]:
        return [Recipient(self.by_role[one.value], (), self.oid) for one in roles]


RING = KeyRing("notify", "k1", {"k1": AESGCM(os.urandom(32))}, os.urandom(32))


def parts_of(stored: Database, people: People, clock: FakeClock) -> Reminding:
    def new_uow() -> NotifyUnitOfWork:
        return NotifyUnitOfWork(
            stored, RING, clock=clock, created=message_created, failed=delivery_failed
        )

    return Reminding(
        people=people,
        facts={"accreditation": Told()},
        rules=RULES,
        texts=TEXTS,
        profiles=PROFILES,
        new_uow=new_uow,
        clock=clock,
    )


def a_fact(topic: str, **changed: Any) -> Fact:
    fields: dict[str, Any] = {
        "resource": topic,
        "worker": "/".join(topic.split("/")[:2]),
        "profile": "ACCREDITATION",
        "expire_date": END,
        "time_zone": "Europe/Moscow",
        "recommended_months": 2,
    }
    event: Event[Any] = Event(uuid.uuid4(), "subject", topic, None)
    return Fact(event, SOURCE.event, {**fields, **changed})


async def note(parts: Reminding, *facts: Fact) -> None:
    planning = Planning(profiles=parts.profiles, new_uow=parts.new_uow, clock=parts.clock)
    await note_terms(facts, SOURCE, consumer="c", parts=planning)


async def rows(stored: Database, topic: str) -> list[Any]:
    return list(
        await stored.pool.fetch(
            "SELECT * FROM reminder WHERE topic = $1 ORDER BY create_time", topic
        )
    )


def a_topic() -> str:
    return f"workers/{uuid.uuid4()}/accreditations/{uuid.uuid4()}"


async def live_through(
    stored: Database, people: Staff, topic: str, *, first: datetime, last: datetime
) -> FakeClock:
    clock = FakeClock(first)
    parts = parts_of(stored, people, clock)
    await note(parts, a_fact(topic))
    while clock.now() < last:
        await asyncio.gather(remind_due(parts), remind_due(parts))  # as two instances would
        clock.moment += timedelta(hours=12)
    return clock


@pytest.mark.proves("F-007")
async def test_a_clock_moved_over_each_threshold_gives_each_recipient_exactly_one_reminder(
    stored: Database,
) -> None:
    people, topic = Staff(), a_topic()

    await live_through(
        stored,
        people,
        topic,
        first=datetime(2026, 6, 1, 6, tzinfo=UTC),
        last=datetime(2027, 7, 16, tzinfo=UTC),
    )

    found = await rows(stored, topic)
    by_person = {
        person: [one["threshold"] for one in found if one["person_id"] == person]
        for person in {one["person_id"] for one in found}
    }
    last = ["30", "14", "7", "1", "0", "+7", "+14"]
    assert by_person[people.worker] == ["365", "180", "120", "90", "month", "60", *last]
    assert by_person[people.by_role["HEAD_DEPT"]] == ["60", *last]
    assert by_person[people.by_role["HR"]] == last
    assert by_person[people.by_role["HEAD_ORG"]] == ["0", "+7", "+14"]
    messages = Counter(
        one["person_id"]
        for one in await stored.pool.fetch("SELECT person_id FROM message WHERE topic = $1", topic)
    )
    assert messages == {person: len(keys) for person, keys in by_person.items()}
    doubles = await stored.pool.fetchval(
        "SELECT count(*) FROM (SELECT d.message_id, d.channel FROM delivery d"
        " GROUP BY 1, 2 HAVING count(*) > 1) twice"
    )
    assert doubles == 0


async def test_after_downtime_only_the_nearest_threshold_is_told(stored: Database) -> None:
    people, topic = Staff(), a_topic()
    clock = FakeClock(datetime(2027, 6, 1, 12, tzinfo=UTC))
    parts = parts_of(stored, people, clock)

    await note(parts, a_fact(topic))
    await remind_due(parts)
    clock.moment = datetime(2027, 6, 24, 12, tzinfo=UTC)
    await remind_due(parts)

    mine = [one for one in await rows(stored, topic) if one["person_id"] == people.worker]
    assert [one["threshold"] for one in mine] == ["30", "1"]


async def test_a_solved_term_closes_its_tasks_and_is_reminded_of_no_more(
    stored: Database,
) -> None:
    people, topic = Staff(), a_topic()
    clock = FakeClock(datetime(2027, 6, 18, 20, tzinfo=UTC))  # quiet hours: the letter waits
    parts = parts_of(stored, people, clock)
    await note(parts, a_fact(topic))
    await remind_due(parts)

    await note(parts, a_fact(topic, solved=True))
    clock.moment = datetime(2027, 7, 30, tzinfo=UTC)
    await remind_due(parts)

    assert {one["threshold"] for one in await rows(stored, topic)} == {"7"}
    open_tasks = await stored.pool.fetchval(
        "SELECT count(*) FROM message WHERE topic = $1 AND done_time IS NULL", topic
    )
    states = await stored.pool.fetch(
        "SELECT d.state FROM delivery d JOIN message m ON m.id = d.message_id WHERE m.topic = $1",
        topic,
    )
    assert open_tasks == 0
    assert {one["state"] for one in states} == {"CANCELLED"}


async def test_another_last_day_begins_the_thresholds_anew(stored: Database) -> None:
    people, topic = Staff(), a_topic()
    clock = FakeClock(datetime(2027, 6, 24, 12, tzinfo=UTC))
    parts = parts_of(stored, people, clock)
    await note(parts, a_fact(topic))
    await remind_due(parts)

    later = END + timedelta(days=365)
    await note(parts, a_fact(topic, expire_date=later))
    await note(parts, a_fact(topic, expire_date=later))
    await remind_due(parts)
    clock.moment = datetime(2028, 6, 23, 12, tzinfo=UTC)
    await remind_due(parts)

    mine = [one for one in await rows(stored, topic) if one["person_id"] == people.worker]
    assert [(one["end_date"], one["threshold"]) for one in mine] == [
        (END, "1"),
        (later, "1"),
    ]


async def test_a_term_that_cannot_be_told_does_not_stop_the_others(stored: Database) -> None:
    broken, sound = a_topic(), a_topic()
    clock = FakeClock(datetime(2027, 6, 18, 12, tzinfo=UTC))
    people = Staff()
    parts = parts_of(stored, people, clock)
    for topic in (broken, sound):
        await note(parts, a_fact(topic))
    await stored.pool.execute("UPDATE term SET subject = 'nobody' WHERE topic = $1", broken)

    await remind_due(parts)

    assert await rows(stored, broken) == []
    assert await rows(stored, sound)
    waits = await stored.pool.fetchval("SELECT next_time FROM term WHERE topic = $1", broken)
    assert waits == clock.now() + timedelta(minutes=5)


async def test_a_portion_plans_many_terms_and_each_is_told_of_once(stored: Database) -> None:
    people, topics = Staff(), [a_topic() for _ in range(300)]
    clock = FakeClock(datetime(2027, 6, 24, 12, tzinfo=UTC))
    parts = parts_of(stored, people, clock)
    facts = [a_fact(topic) for topic in topics]

    await asyncio.gather(note(parts, *facts), note(parts, *reversed(facts)))  # two instances
    while sum(await asyncio.gather(remind_due(parts), remind_due(parts))):
        pass

    found = await stored.pool.fetch(
        "SELECT topic, count(*) AS told FROM reminder WHERE topic = ANY($1) AND person_id = $2"
        " GROUP BY topic",
        topics,
        people.worker,
    )
    messages = await stored.pool.fetchval(
        "SELECT count(*) FROM message WHERE topic = ANY($1) AND person_id = $2",
        topics,
        people.worker,
    )
    assert {one["topic"]: one["told"] for one in found} == dict.fromkeys(topics, 1)
    assert messages == len(topics)


async def test_facts_about_one_term_in_a_portion_count_in_their_order(stored: Database) -> None:
    people, solved, anew, moved = Staff(), a_topic(), a_topic(), a_topic()
    clock = FakeClock(datetime(2027, 6, 24, 12, tzinfo=UTC))
    parts = parts_of(stored, people, clock)
    later = END + timedelta(days=365)
    await note(parts, a_fact(moved))
    await remind_due(parts)

    await note(
        parts,
        *(a_fact(solved), a_fact(solved, solved=True)),
        *(a_fact(anew), a_fact(anew, solved=True), a_fact(anew)),
        *(a_fact(moved), a_fact(moved, expire_date=later)),
    )
    await remind_due(parts)

    told = {
        topic: {one["threshold"] for one in await rows(stored, topic)}
        for topic in (solved, anew, moved)
    }
    open_tasks = await stored.pool.fetch(
        "SELECT topic FROM message WHERE topic = ANY($1) AND done_time IS NULL AND person_id = $2",
        [solved, anew, moved],
        people.worker,
    )
    assert told == {solved: set(), anew: {"1"}, moved: {"1"}}
    assert [one["topic"] for one in open_tasks] == [anew]
    assert await stored.pool.fetchval("SELECT end_date FROM term WHERE topic = $1", moved) == later


async def test_a_portion_with_a_fact_that_cannot_be_read_keeps_nothing(stored: Database) -> None:
    sound = a_topic()
    parts = parts_of(stored, Staff(), FakeClock(datetime(2027, 6, 24, 12, tzinfo=UTC)))

    with pytest.raises(ValueError):
        await note(parts, a_fact(sound), a_fact(a_topic(), time_zone="Nowhere/At all"))

    assert await stored.pool.fetchval("SELECT count(*) FROM term WHERE topic = $1", sound) == 0


async def test_support_hears_daily_of_a_late_step_until_it_is_over(
    stored: Database,
) -> None:
    source = next(one for one in term_sources() if one.profile == "APPLICATION_STEP")
    topic = f"workers/{uuid.uuid4()}/applications/{uuid.uuid4()}/steps/present"
    people, clock = Staff(), FakeClock(datetime(2027, 6, 26, 6, tzinfo=UTC))
    parts = parts_of(stored, people, clock)
    planning = Planning(profiles=parts.profiles, new_uow=parts.new_uow, clock=clock)

    async def say(**changed: Any) -> None:
        fields = {"resource": topic, "worker": "/".join(topic.split("/")[:2]), **changed}
        fact = Fact(Event(uuid.uuid4(), "subject", topic, None), source.event, fields)
        await note_terms([fact], source, consumer="c", parts=planning)

    async def all_due() -> None:
        while await remind_due(parts):  # other tests left terms of their own
            pass

    await say(expire_date=END)
    for _ in range(3):
        await all_due()
        clock.move(hours=24)
    await say(solved=True)
    clock.move(hours=24)
    await all_due()

    found = await rows(stored, topic)
    assert [(one["threshold"], one["person_id"]) for one in found] == [
        ("+1", HEAD), ("+2", HEAD), ("+3", HEAD),
    ]  # fmt: skip
    assert {one["kind"] for one in found} == {"SUPPORT_TERM_OVER"}
    open_tasks = await stored.pool.fetchval(
        "SELECT count(*) FROM message WHERE topic = $1 AND done_time IS NULL", topic
    )
    assert open_tasks == 0


async def test_while_auth_is_away_a_term_waits_for_seconds_only(stored: Database) -> None:
    topic, clock = a_topic(), FakeClock(datetime(2027, 6, 18, 12, tzinfo=UTC))
    people = Staff()
    parts = parts_of(stored, people, clock)
    await note(parts, a_fact(topic))
    people.fault = AWAY

    await remind_due(parts)
    people.fault = None
    clock.move(seconds=10)
    await remind_due(parts)

    assert {one["threshold"] for one in await rows(stored, topic)} == {"7"}


async def test_what_was_gathered_becomes_one_letter_at_its_hour(stored: Database) -> None:
    person, clock = uuid.uuid4(), FakeClock(datetime(2027, 1, 10, 5, tzinfo=UTC))
    parts = parts_of(stored, Staff(), clock)
    await stored.pool.execute(
        "INSERT INTO digest VALUES ($1, $2, 3)", person, datetime(2027, 1, 10, 6, tzinfo=UTC)
    )

    early = await send_digests(texts=TEXTS, new_uow=parts.new_uow, clock=clock)
    clock.move(hours=2)
    due = [await send_digests(texts=TEXTS, new_uow=parts.new_uow, clock=clock) for _ in range(2)]

    found = await stored.pool.fetch("SELECT kind, safe FROM delivery WHERE person_id = $1", person)
    assert (early, due) == (0, [1, 0])
    assert [(one["kind"], one["safe"]) for one in found] == [("DIGEST", '{"count": 3}')]
