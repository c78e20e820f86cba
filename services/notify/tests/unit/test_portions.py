"""Rows of deliveries side by side share transactions, and each goes on with its own answer."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from lkmr.auth.v1 import auth_service_pb2 as auth

from lkmr_notify.clients.people import PeopleClient
from lkmr_notify.usecases.deliver import deliver
from lkmr_notify.usecases.gather import Gathered
from lkmr_servicekit.errors import Category, ServiceError

from .fakes import AWAY, Sender, Store, a_delivery
from .test_use_cases import delivering


@dataclass
class Ledger:
    """Keeps portions while the test lets it; rows that are negative break a statement."""

    kept: list[list[int]] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    fault: Exception | None = None

    async def write(self, rows: Sequence[int]) -> list[int]:
        await self.open.wait()
        if self.fault:
            raise self.fault
        if any(row < 0 for row in rows):
            raise ValueError("a row that does not fit")
        self.kept.append(list(rows))
        return [row * 10 for row in rows]


async def test_what_comes_while_one_is_written_shares_the_next_transaction() -> None:
    ledger = Ledger()
    note = Gathered[int, int](ledger.write, most=4)
    first = asyncio.create_task(note(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.create_task(note(row)) for row in range(2, 9)]
    await asyncio.sleep(0)
    ledger.open.set()

    assert await asyncio.gather(first, *others) == [10 * row for row in range(1, 9)]
    assert ledger.kept == [[1], [2, 3, 4, 5], [6, 7, 8]]
    assert await note(9) == 90


async def test_a_database_that_is_away_is_told_to_everybody_who_waits() -> None:
    ledger = Ledger(fault=AWAY)
    ledger.open.set()
    note = Gathered[int, int](ledger.write)

    found = await asyncio.gather(note(1), note(2), return_exceptions=True)

    assert [type(one) for one in found] == [ServiceError, ServiceError]


async def test_a_row_that_does_not_fit_stops_no_other() -> None:
    ledger = Ledger()
    ledger.open.set()
    note = Gathered[int, int](ledger.write)

    sound, broken, last = await asyncio.gather(note(1), note(-2), note(3), return_exceptions=True)

    assert (sound, last) == (10, 30)
    assert isinstance(broken, ValueError)


async def test_a_refusal_of_one_row_is_told_to_that_row_only() -> None:
    class Refusing(Ledger):
        async def write(self, rows: Sequence[int]) -> list[int]:
            if any(row < 0 for row in rows):
                raise ServiceError("STORED_DATA_DAMAGED", Category.INTERNAL)
            return await super().write(rows)

    ledger = Refusing()
    ledger.open.set()
    note = Gathered[int, int](ledger.write)

    sound, broken, last = await asyncio.gather(note(1), note(-2), note(3), return_exceptions=True)

    assert (sound, last) == (10, 30)
    assert isinstance(broken, ServiceError)


class Directory:
    """`auth` as a peer: notes each call, knows everybody but `unknown`."""

    channel = grpc.aio.insecure_channel("unused.invalid")

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.unknown: set[str] = set()

    async def call(self, _: object, request: Any, **__: object) -> auth.ListContactsResponse:
        self.asked.append(list(request.persons))
        await asyncio.sleep(0)
        known = [one for one in request.persons if one not in self.unknown]
        return auth.ListContactsResponse(
            contacts=[auth.Contacts(person=one, email=f"{one[8:]}@demo.example") for one in known]
        )


async def test_contacts_of_letters_side_by_side_are_asked_for_together() -> None:
    async def token(_: str) -> str:
        return "token"

    directory = Directory()
    people = [uuid.uuid4() for _ in range(48)]
    directory.unknown = {f"persons/{people[7]}"}
    client = PeopleClient(directory, token)  # type: ignore[arg-type]

    found = await asyncio.gather(*(client.contacts(one) for one in [*people, people[0]]))

    assert found[7] is None
    assert [one.email.open() for one in found if one] == [
        f"{one}@demo.example" for one in [*people, people[0]] if one != people[7]
    ]
    assert sum(map(len, directory.asked)) == 48
    assert len(directory.asked) <= 2


async def test_who_no_longer_waits_takes_nothing_from_the_others() -> None:
    ledger = Ledger()
    note = Gathered[int, int](ledger.write)
    gone, waits = asyncio.create_task(note(1)), asyncio.create_task(note(2))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    ledger.open.set()

    assert await waits == 20


class Counting(Store):
    """A store that knows how many transactions there were."""

    commits = 0

    async def commit(self) -> None:
        self.commits += 1
        await super().commit()


async def test_twenty_letters_side_by_side_take_two_transactions_and_not_forty() -> None:
    store, sender = Counting(), Sender()
    parts = delivering(store, sender)

    await asyncio.gather(*(deliver(a_delivery(), parts=parts) for _ in range(20)))

    assert len(sender.sent) == 20
    assert store.commits == 2


async def test_none_is_handed_over_before_its_row_is_committed() -> None:
    class Watching(Counting):
        async def commit(self) -> None:
            assert len(sender.sent) in {0, 2}  # before the rows, and before the ends
            await super().commit()

    store, sender = Watching(), Sender()
    parts = delivering(store, sender)

    await asyncio.gather(*(deliver(a_delivery(), parts=parts) for _ in range(2)))

    assert store.commits == 2
