"""What operators add to the law takes effect by itself, is announced once, is reviewed in time."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from lkmr_accreditation.storage.shipped import shipped_book
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.keep_compliance import judge_due, judge_under_law
from lkmr_accreditation.usecases.law_book import announce_law
from lkmr_accreditation.usecases.store_card import store_card
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database

from ..builders import NOON, a_card, an_entry

pytestmark = pytest.mark.servers
NewUow = Callable[[], AccreditationUnitOfWork]
ADDED = {
    "norm": [
        {
            "key": "accr.window.open_days",
            "title": "Окно подачи",
            "value": 400,
            "source": "Новый приказ",
            "owner": "методолог",
            "review_on": "2027-06-01",
            "valid_from": "2027-03-01",
        }
    ],
    "change": [
        {
            "id": "window-2027",
            "title": "Окно подачи шире",
            "text": "Подача открывается раньше.",
            "todo": "Подайте заранее.",
            "source": "Новый приказ",
            "announce_on": "2026-12-01",
            "effective_on": "2027-03-01",
            "roles": ["DOCTOR"],
        }
    ],
}


async def subjects(store: Database) -> list[str]:
    rows = await store.pool.fetch("SELECT subject FROM outbox ORDER BY id")
    return [row["subject"].rpartition("v1.")[2] for row in rows]


async def add(new_uow: NewUow, clock: FakeClock) -> None:
    async with new_uow() as uow:
        await uow.law.add(ADDED, clock.now())
        await uow.commit()


def on(clock: FakeClock, year: int, month: int, day: int) -> None:
    clock.moment = datetime(year, month, day, 9, tzinfo=UTC)


async def test_a_norm_that_an_operator_adds_changes_verdicts_of_all_on_its_day(
    new_uow: NewUow, store: Database, clock: FakeClock
) -> None:
    book = shipped_book()
    entry = an_entry(record_date=date(2022, 12, 1), expire_date=date(2027, 12, 1))
    async with new_uow() as uow:
        await store_card(a_card(entry), now=NOON, uow=uow)
        await uow.commit()
    while await judge_due(new_uow=new_uow, book=book, clock=clock):
        pass
    while await judge_under_law(new_uow=new_uow, book=book, clock=clock):
        pass
    await add(new_uow, clock)
    assert await book.reload(new_uow)
    assert not await book.reload(new_uow)

    async def says() -> str:
        while await judge_under_law(new_uow=new_uow, book=book, clock=clock):
            pass
        return str(await store.pool.fetchval("SELECT hindrance FROM staff"))

    on(clock, 2027, 2, 28)
    assert await says() == ""
    on(clock, 2027, 3, 1)
    assert "действует до 01.12.2027" in await says()
    assert "law.changed" in await subjects(store)
    assert "accreditation.expiring" in await subjects(store)


@pytest.mark.proves("F-268")
async def test_changes_are_announced_and_started_once_and_late_reviews_alert_once(
    new_uow: NewUow, store: Database, clock: FakeClock
) -> None:
    book = shipped_book()
    await add(new_uow, clock)
    await book.reload(new_uow)

    async def told() -> list[str]:
        before = len(await subjects(store))
        for _ in range(2):
            await announce_law(new_uow=new_uow, book=book, clock=clock)
        return (await subjects(store))[before:]

    on(clock, 2026, 11, 30)
    assert await told() == ["law_change.announced"]  # the shipped one about order 34н
    on(clock, 2026, 12, 1)
    assert await told() == ["law_change.announced"]
    on(clock, 2027, 3, 1)
    late = await told()
    assert late.count("law_change.started") == 2
    reviews = {one.key for one in book.law.overdue(date(2027, 3, 1))}
    assert late.count("norm_review.missed") == len(reviews) == 2
    on(clock, 2027, 6, 2)
    missed = await store.pool.fetch(
        "SELECT resource_name FROM outbox WHERE subject LIKE '%norm_review.missed'"
    )
    assert {row[0] for row in missed} == {f"norms/{key}" for key in reviews}
    assert "norm_review.missed" in await told()
