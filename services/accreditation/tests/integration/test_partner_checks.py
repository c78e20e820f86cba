"""Checks for partner systems, their quota, and the feed of changes over a real database."""

import asyncio
import tomllib
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest

from lkmr_accreditation.domain.errors import PartnerCursorUnknown, PartnerQuotaExhausted
from lkmr_accreditation.domain.law import Law
from lkmr_accreditation.domain.standing import Verdict
from lkmr_accreditation.storage.specialists import PostgresSpecialists
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.check_specialists import Answer, Question, check_specialists
from lkmr_accreditation.usecases.list_entry_changes import list_entry_changes
from lkmr_accreditation.usecases.ports import SyncState
from lkmr_accreditation.usecases.store_card import store_card
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.pagination import page_token_of
from lkmr_servicekit.personal import Personal

from ..builders import NOON, a_card, an_entry

pytestmark = pytest.mark.servers
NewUow = Callable[[], AccreditationUnitOfWork]
LAW = Law.from_data(tomllib.loads(files("lkmr_accreditation").joinpath("law.toml").read_text()))
SNILS, NOBODY = "900-001-037 98", "00000000000"


async def stored(new_uow: NewUow, card: Any) -> None:
    async with new_uow() as uow:
        await store_card(card, now=NOON, uow=uow)
        await uow.commit()


async def loaded(new_uow: NewUow, loaded: int, total: int) -> None:
    async with new_uow() as uow:
        await uow.sync.save(SyncState(loaded=loaded, total=total, update_time=NOON))
        await uow.commit()


@pytest.fixture
def ask(store: Database, keys: KeyRing, new_uow: NewUow, clock: FakeClock) -> Any:
    async def check(*snils: str, quota: int = 0, day: str = "", partner: str = "p") -> list[Answer]:
        return await check_specialists(
            [Question(Personal(one), "терапия", day) for one in snils],
            partner=partner,
            day_quota=quota,
            specialists=PostgresSpecialists(store, keys),
            new_uow=new_uow,
            law=LAW,
            clock=clock,
        )

    return check


async def test_answers_stand_in_the_order_of_the_questions(new_uow: NewUow, ask: Any) -> None:
    card = a_card(an_entry())
    await stored(new_uow, card)
    await loaded(new_uow, 5, 5)

    first, second, third = await ask(NOBODY, SNILS, NOBODY)

    assert [one.standing.verdict for one in (first, second, third)] == [
        *(Verdict.WORKER_UNKNOWN, Verdict.ACCREDITED),
        Verdict.WORKER_UNKNOWN,
    ]
    assert second.worker == card.worker
    assert second.entry is not None
    assert second.entry.entry.registry_number == an_entry().registry_number


async def test_while_the_register_is_not_loaded_whole_nobody_is_called_unknown(
    new_uow: NewUow, ask: Any
) -> None:
    await loaded(new_uow, 4, 5)

    (answer,) = await ask(NOBODY)

    assert answer.standing.verdict is Verdict.UNDETERMINED


async def test_the_day_quota_holds_under_parallel_calls(ask: Any) -> None:
    async def one() -> int:
        try:
            return len(await ask(NOBODY, NOBODY, quota=10, partner="parallel"))
        except PartnerQuotaExhausted as refusal:
            assert refusal.metadata["limit"] == "10"
            assert 0 < int(refusal.metadata["seconds"]) <= 86_400
            return 0

    made = await asyncio.gather(*(one() for _ in range(9)))

    assert sum(made) == 10


async def test_every_bad_field_is_named_and_nothing_is_counted(ask: Any, store: Database) -> None:
    with pytest.raises(ServiceError, match="PARTNER_REQUEST_INVALID") as refusal:
        await ask("123", SNILS, day="2026-02-30", partner="careless")

    assert [one.field for one in refusal.value.fields] == [
        *("queries[0].snils", "queries[0].day", "queries[1].day"),
    ]
    assert (
        await store.pool.fetchval("SELECT count(*) FROM partner_use WHERE partner='careless'") == 0
    )


async def test_the_feed_tells_changes_in_order_and_goes_on_from_a_cursor(new_uow: NewUow) -> None:
    card = a_card(an_entry())
    await stored(new_uow, card)
    nothing, start = await list_entry_changes("", 0, new_uow=new_uow)
    for version, entries in enumerate(
        [(an_entry(), an_entry("2")), (an_entry(annulled=True), an_entry("2"))], 2
    ):
        await stored(new_uow, a_card(*entries, worker=card.worker, version=version))

    one, middle = await list_entry_changes(start, 1, new_uow=new_uow)
    two, end = await list_entry_changes(middle, 1, new_uow=new_uow)
    rest, same = await list_entry_changes(end, 1, new_uow=new_uow)

    assert [one[0].change, two[0].change] == ["RECORDED", "ANNULLED"]
    assert one[0].worker == card.worker
    assert (list(nothing), list(rest), same) == ([], [], end)


@pytest.mark.parametrize(
    "cursor", ["x", page_token_of(10**9), page_token_of(-1), page_token_of("1")]
)
async def test_a_cursor_that_was_never_given_is_refused(new_uow: NewUow, cursor: str) -> None:
    with pytest.raises(PartnerCursorUnknown):
        await list_entry_changes(cursor, 0, new_uow=new_uow)


async def test_a_reader_between_two_writers_misses_neither(new_uow: NewUow) -> None:
    """The slower of two transactions gets its number last, whoever began first."""
    one, two = (a_card(an_entry()) for _ in range(2))
    await stored(new_uow, one)
    await stored(new_uow, two)
    _, start = await list_entry_changes("", 0, new_uow=new_uow)

    async with new_uow() as slow:
        await store_card(a_card(worker=one.worker, version=2), now=NOON, uow=slow)
        await stored(new_uow, a_card(worker=two.worker, version=2))
        first, cursor = await list_entry_changes(start, 0, new_uow=new_uow)
        await slow.commit()
    second, _ = await list_entry_changes(cursor, 0, new_uow=new_uow)

    assert [change.worker for change in (*first, *second)] == [two.worker, one.worker]
