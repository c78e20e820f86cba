"""Announcements over the real database: a crowd, an operator, a sender."""

import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lkmr_notify.domain.announcement import Announcement, Kind
from lkmr_notify.domain.channel import Channel
from lkmr_notify.main import load_data
from lkmr_notify.messaging.announce import delivery_failed, message_created
from lkmr_notify.storage.reader import PostgresMessageReader
from lkmr_notify.storage.unit_of_work import NotifyUnitOfWork
from lkmr_notify.usecases.announce import Announcing, bring_portions, create_announcement
from lkmr_notify.usecases.courier import take_due
from lkmr_notify.usecases.deliver import Delivering
from lkmr_notify.usecases.notes import Notes
from lkmr_notify.usecases.ports import Delivery
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.identity import Caller, CallerKind

from ..unit.fakes import People, Recipient, Sender

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
