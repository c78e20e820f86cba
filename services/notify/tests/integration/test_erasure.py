"""A person's messages are destroyed: rows gone, the key gone, a copy does not open."""

import asyncio
import uuid

import pytest
from lkmr.notify.v1.events_pb2 import ErasureReported

from lkmr_access.erasure_wire import ErasureHandler
from lkmr_notify.usecases.ports import Subscription
from lkmr_rig.leftovers import an_order, holding, opens
from lkmr_servicekit.database import Database

from .test_sealed_texts import CLOCK, RING, SECRET, found, keep, new_uow_of

pytestmark = pytest.mark.servers


def handler(stored: Database) -> ErasureHandler:
    return ErasureHandler("notify", ErasureReported, new_uow=new_uow_of(stored), clock=CLOCK)


async def reports(stored: Database, erasure: str) -> list[dict[str, int]]:
    rows = await stored.pool.fetch(
        "SELECT body FROM outbox WHERE subject = 'lkmr.notify.v1.erasure.reported'"
        " AND resource_name = $1 ORDER BY id",
        erasure,
    )
    read = [ErasureReported.FromString(row["body"]) for row in rows]
    return [{one.kind: one.count for one in report.destroyed} for report in read]


async def with_browser(stored: Database, person: uuid.UUID) -> None:
    async with new_uow_of(stored)() as uow:
        await uow.browsers.put(person, Subscription(f"https://push.example/{person}", "p", "a"))
        await uow.commit()


async def test_nothing_of_the_person_is_left_and_a_copy_does_not_open(stored: Database) -> None:
    person, other, worker = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    message, kept = await keep(stored, person, SECRET), await keep(stored, other, SECRET)
    await with_browser(stored, person)
    await stored.pool.execute(
        "INSERT INTO term (topic, profile, worker_id, cover, subject, link, zone, end_date, state,"
        " update_time) VALUES ($1, 'p', $2, '', '{}', '', 'Europe/Moscow', current_date, 'OPEN',"
        " now())",
        f"topic-{worker}",
        str(worker),
    )
    await stored.pool.execute(
        "INSERT INTO reminder VALUES ($1, current_date, '30', $2, 'k', now())",
        f"topic-{worker}",
        other,
    )
    copy = await stored.pool.fetchval("SELECT content FROM message WHERE id = $1", message)
    place = ("message", "content", str(message))
    assert await opens(stored, RING, copy, *place)
    order = an_order(str(person), str(worker))

    await handler(stored).on_erasure_ordered(order)
    await handler(stored).on_erasure_ordered(order)

    assert await holding(stored, str(person), but=["outbox", "inbox"]) == {}
    assert await holding(stored, str(worker), but=["outbox", "inbox"]) == {}
    assert not await opens(stored, RING, copy, *place)
    (report,) = await reports(stored, order.data.erasure)
    assert report.items() >= {
        "person_key": 1, "message": 1, "push_subscription": 1, "term": 1, "reminder": 1,
    }.items()  # fmt: skip
    assert [one["id"] for one in (await found(stored, other, "психиатра"))["items"]] == [str(kept)]


async def test_asked_again_it_answers_again_with_nothing_more(stored: Database) -> None:
    person = uuid.uuid4()
    await keep(stored, person, SECRET)
    first = an_order(str(person))
    again = an_order(str(person), erasure=first.data.erasure)

    for order in (first, again):
        await handler(stored).on_erasure_ordered(order)

    told = await reports(stored, first.data.erasure)
    assert [bool(one) for one in told] == [True, False]


async def test_a_withdrawn_consent_to_notices_ends_browsers_and_leaves_the_inbox(
    stored: Database,
) -> None:
    person = uuid.uuid4()
    await keep(stored, person, SECRET)
    await with_browser(stored, person)

    await handler(stored).on_erasure_ordered(an_order(str(person), scope="NOTICES"))

    left = await holding(stored, str(person), but=["outbox"])
    assert "push_subscription" not in left
    assert left["message"] == 1
    assert len((await found(stored, person, "психиатра"))["items"]) == 1


async def test_what_broke_off_begins_anew_and_is_whole(
    stored: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before the commit: nothing is gone, nothing is reported; the next delivery does it."""
    person = uuid.uuid4()
    await keep(stored, person, SECRET)
    order = an_order(str(person))

    async def killed(_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as broken:
        broken.setattr("lkmr_servicekit.database.UnitOfWork.commit", killed)
        with pytest.raises(asyncio.CancelledError):
            await handler(stored).on_erasure_ordered(order)
    assert (await holding(stored, str(person), but=["outbox"]))["message"] == 1
    assert await reports(stored, order.data.erasure) == []

    await handler(stored).on_erasure_ordered(order)

    assert await holding(stored, str(person), but=["outbox", "inbox"]) == {}
    assert len(await reports(stored, order.data.erasure)) == 1
