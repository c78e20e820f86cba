"""Texts of messages over the real database: sealed, searched, sealed afterwards."""

import os
import re
import uuid
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.ext.asyncio import create_async_engine

from lkmr_notify.domain.channel import Group, Urgency
from lkmr_notify.domain.errors import MessageNotFound
from lkmr_notify.domain.message import Message
from lkmr_notify.messaging.announce import delivery_failed, message_created
from lkmr_notify.storage import search
from lkmr_notify.storage.reader import PostgresMessageReader
from lkmr_notify.storage.tables import metadata
from lkmr_notify.storage.unit_of_work import NotifyUnitOfWork
from lkmr_notify.usecases.mark_message import mark_message
from lkmr_notify.usecases.ports import MessageFilter, View
from lkmr_notify.usecases.seal_texts import seal_texts
from lkmr_rig.pytest_plugin import TestDatabase
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.identity import Caller, CallerKind

pytestmark = pytest.mark.servers

RING = KeyRing("notify", "k1", {"k1": AESGCM(os.urandom(32))}, os.urandom(32))
CLOCK = FakeClock()
PARTITION = re.compile(r"alembic_version|delivery_(rest|\d+)")
SECRET = "Осмотр у\u00a0психиатра, Чернышёва"


def new_uow_of(stored: Database) -> Callable[[], NotifyUnitOfWork]:
    return lambda: NotifyUnitOfWork(
        stored, RING, clock=CLOCK, created=message_created, failed=delivery_failed
    )


async def keep(stored: Database, person: uuid.UUID, text: str, **changed: Any) -> uuid.UUID:
    CLOCK.move(seconds=1)
    facts: dict[str, Any] = {
        "id": uuid.uuid4(),
        "person": person,
        "kind": "EXPIRING",
        "template_version": 1,
        "title": "Заканчивается срок",
        "text": text,
        "link": "/x",
        "create_time": CLOCK.now(),
        "group": Group.TERMS,
        "urgency": Urgency.DAY,
    }
    made = Message(**{**facts, **changed})
    async with new_uow_of(stored)() as uow:
        await uow.messages.add(made)
        await uow.commit()
    return made.id


async def found(stored: Database, person: uuid.UUID, query: str, **more: Any) -> dict[str, Any]:
    asked = MessageFilter(query=query, view=more.pop("view", View.ALL))
    options = {"size": 50, "after": None, **more}
    body = await PostgresMessageReader(stored, RING).page(str(person), asked=asked, **options)
    page: dict[str, Any] = orjson.loads(body)
    return page


async def everything(stored: Database) -> str:
    """All tables as text, binary columns decoded as far as they can be."""
    names = await stored.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    texts = []
    for (name,) in names:
        rows = await stored.pool.fetch(f'SELECT * FROM "{name}"')  # noqa: S608 - the catalogue's
        for row in rows:
            texts += [
                one.decode("utf-8", "ignore") if isinstance(one, bytes) else str(one) for one in row
            ]
    return "\n".join(texts)


async def test_no_table_shows_what_a_message_says(stored: Database) -> None:
    person = uuid.uuid4()
    message = await keep(stored, person, SECRET)
    caller = Caller(CallerKind.PERSON, str(person), 0)
    key = str(uuid.uuid4())

    async def mark() -> bytes:
        return await mark_message(
            message,
            done=False,
            request_id=key,
            caller=caller,
            new_uow=new_uow_of(stored),
            clock=CLOCK,
        )

    first = await mark()

    assert await mark() == first
    assert orjson.loads(first)["text"] == SECRET
    shown = await everything(stored)
    assert str(message) in shown
    assert "психиатр" not in shown
    assert "Чернышёв" not in shown


async def test_a_text_opens_in_its_own_message_only(stored: Database) -> None:
    person = uuid.uuid4()
    one, other = await keep(stored, person, "первое"), await keep(stored, person, "второе")
    await stored.pool.execute(
        "UPDATE message SET content = (SELECT content FROM message WHERE id = $1) WHERE id = $2",
        one,
        other,
    )

    with pytest.raises(ServiceError, match="STORED_DATA_DAMAGED"):
        await PostgresMessageReader(stored, RING).one(str(person), other)


async def test_without_the_key_of_the_person_the_texts_are_gone(stored: Database) -> None:
    person = uuid.uuid4()
    message = await keep(stored, person, SECRET)
    await stored.pool.execute("DELETE FROM person_key WHERE person_id = $1", person)

    with pytest.raises(ServiceError, match="STORED_DATA_DAMAGED"):
        await PostgresMessageReader(stored, RING).one(str(person), message)


async def test_words_are_found_whatever_their_case_and_yo_newest_first(
    stored: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PORTION", 3)
    person, other = uuid.uuid4(), uuid.uuid4()
    wanted = [await keep(stored, person, "Приём у\u00a0Чернышёвой")]
    for number in range(7):
        await keep(stored, person, f"Другое {number}")
    wanted.append(await keep(stored, person, "чернышева ждёт"))
    wanted.append(await keep(stored, person, "Срок", owner="Отдел ЧЕРНЫШЁВА"))
    await keep(stored, other, "Чернышёва")

    whole = await found(stored, person, "ЧЕРНЫШЕВ")
    first = await found(stored, person, "чернышёв", size=2)
    token = first["next_page_token"]

    assert [item["id"] for item in whole["items"]] == [str(one) for one in reversed(wanted)]
    assert whole["next_page_token"] == ""
    assert [item["id"] for item in first["items"]] == [str(wanted[2]), str(wanted[1])]
    assert token
    last = await rows_of(stored, wanted[1])
    second = await found(stored, person, "чернышёв", size=2, after=last)
    assert [item["id"] for item in second["items"]] == [str(wanted[0])]
    assert len((await found(stored, person, "приём у чернышёвой"))["items"]) == 1
    assert (await found(stored, person, "нет такого"))["items"] == []
    assert (await found(stored, person, "чернышев", view=View.DONE))["items"] == []
    assert (await found(stored, person, "%_"))["items"] == []


async def rows_of(stored: Database, message: uuid.UUID) -> Any:
    row = await stored.pool.fetchrow("SELECT create_time, id FROM message WHERE id = $1", message)
    assert row is not None
    return (row["create_time"], row["id"])


async def test_what_was_stored_bare_is_read_and_sealed_afterwards(stored: Database) -> None:
    person = uuid.uuid4()
    message = await keep(stored, person, "x")
    await stored.pool.execute(
        "UPDATE message SET content = NULL, title = 'Заголовок', text = $2 WHERE id = $1",
        message,
        SECRET,
    )
    reader = PostgresMessageReader(stored, RING)
    before = await reader.one(str(person), message)

    assert await seal_texts(new_uow_of(stored)) == 1
    assert await seal_texts(new_uow_of(stored)) == 0

    assert before == await reader.one(str(person), message)
    assert before is not None
    assert orjson.loads(before)["title"] == "Заголовок"
    assert SECRET not in await everything(stored)
    (item,) = (await found(stored, person, "психиатр"))["items"]
    assert item["text"] == SECRET


async def test_a_foreign_message_is_not_marked(stored: Database) -> None:
    message = await keep(stored, uuid.uuid4(), "x")

    with pytest.raises(MessageNotFound):
        await mark_message(
            message,
            done=True,
            request_id="",
            caller=Caller(CallerKind.PERSON, str(uuid.uuid4()), 0),
            new_uow=new_uow_of(stored),
            clock=CLOCK,
        )


async def test_migrations_make_what_the_code_describes(notify_database: TestDatabase) -> None:
    url = notify_database.owner_url.replace("postgresql://", "postgresql+asyncpg://")
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        drift = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), metadata)
        )
    await engine.dispose()

    assert [one for one in drift if not PARTITION.search(repr(one))] == []
