import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import TracebackType
from typing import Self

import pytest

from lkmr_egisz_bridge.domain.errors import CardForeign, CursorInvalid, RegisterUnavailable
from lkmr_egisz_bridge.domain.identity import Claim, Match, claim_of
from lkmr_egisz_bridge.usecases.check_identity import check_identity
from lkmr_egisz_bridge.usecases.follow_changes import follow_changes
from lkmr_egisz_bridge.usecases.get_worker_card import get_worker_card
from lkmr_egisz_bridge.usecases.ports import CardPage, Change, ChangePage
from lkmr_egisz_bridge.usecases.stream_worker_cards import stream_worker_cards
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.identity import Caller, CallerKind


@dataclass(frozen=True)
class Card:
    name: str = "workers/w1"
    version: int = 1
    family_name: str = "Иванова"
    given_name: str = "Анна"
    patronymic: str = "Сергеевна"
    birth_date: str = "1984-03-12"


@dataclass
class Workers:
    card: Card | None = field(default_factory=Card)
    fault: RegisterUnavailable | None = None
    feed: dict[str, ChangePage] = field(default_factory=dict)
    loads: list[CardPage[Card]] = field(default_factory=list)
    started: asyncio.Event = field(default_factory=asyncio.Event)

    async def find(self, snils: str) -> Card | None:
        self.started.set()
        if self.fault:
            raise self.fault
        return self.card

    async def get(self, worker: str, *, min_version: int = 0) -> Card:
        assert self.card
        return self.card

    async def pages(self, cursor: str) -> AsyncIterator[CardPage[Card]]:
        for page in self.loads:
            yield page

    async def end(self) -> str:
        return "end"

    async def changes(self, cursor: str) -> ChangePage:
        if cursor == "lost":
            raise CursorInvalid
        return self.feed.get(cursor, ChangePage([], cursor, more=False))


@dataclass
class Insured:
    numbers: frozenset[str] = frozenset({"7756510887007010"})
    waits_for: asyncio.Event | None = None
    asked: int = 0

    async def policies(self, snils: str, birth_date: date) -> frozenset[str]:
        self.asked += 1
        if self.waits_for:
            await self.waits_for.wait()
        return self.numbers


@dataclass
class Store:
    place: str | None = None
    announced: list[Change] = field(default_factory=list)
    committed: int = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    async def cursor(self) -> str | None:
        return self.place

    async def advance(self, before: str | None, after: str) -> bool:
        if before != self.place:
            return False
        self.place = after
        return True

    async def announce(self, changes: Sequence[Change]) -> None:
        self.announced += changes

    async def commit(self) -> None:
        self.committed += 1


def a_claim(**changed: str) -> Claim:
    facts = {
        "snils": "900-001-037 98",
        "family_name": "Иванова",
        "given_name": "Анна",
        "patronymic": "Сергеевна",
        "birth_date": "1984-03-12",
        "policy_number": "7756510887007010",
    }
    return claim_of(**{**facts, **changed})


async def test_who_is_confirmed_by_a_binding_does_not_wait_for_the_worker_register() -> None:
    workers = Workers()

    check = await check_identity(
        a_claim(), workers=workers, insured=Insured(), clock=FakeClock(), by_binding=True
    )

    assert not workers.started.is_set()
    assert not check.verdict.in_worker_register
    assert check.verdict.policy_number is Match.EQUAL


async def test_both_registers_are_asked_at_the_same_time() -> None:
    workers = Workers()
    insured = Insured(waits_for=workers.started)

    check = await check_identity(a_claim(), workers=workers, insured=insured, clock=FakeClock())

    assert check.verdict.in_worker_register
    assert {check.verdict.name, check.verdict.birth_date, check.verdict.policy_number} == {
        Match.EQUAL
    }


@pytest.mark.parametrize(
    ("changed", "field_name"),
    [
        ({"family_name": "Петрова"}, "name"),
        ({"birth_date": "1984-03-13"}, "birth_date"),
        ({"policy_number": "7752210892007998"}, "policy_number"),
    ],
)
async def test_each_difference_is_named_alone(changed: dict[str, str], field_name: str) -> None:
    check = await check_identity(
        a_claim(**changed), workers=Workers(), insured=Insured(), clock=FakeClock()
    )

    found = {
        name
        for name in ("name", "birth_date", "policy_number")
        if getattr(check.verdict, name) is Match.DIFFERENT
    }
    assert found == {field_name}


async def test_who_is_in_no_register_is_an_answer() -> None:
    check = await check_identity(
        a_claim(), workers=Workers(card=None), insured=Insured(frozenset()), clock=FakeClock()
    )

    assert not check.verdict.in_worker_register
    assert check.card is None
    assert check.verdict.policy_number is Match.NOT_COMPARED


async def test_without_a_policy_the_insured_register_is_not_asked() -> None:
    insured = Insured()

    await check_identity(
        a_claim(policy_number=""), workers=Workers(), insured=insured, clock=FakeClock()
    )

    assert insured.asked == 0


async def test_a_register_that_is_away_refuses_the_check_and_frees_the_other_call() -> None:
    workers = Workers(fault=RegisterUnavailable(register="worker_register", cause="TIMED_OUT"))
    insured = Insured(waits_for=asyncio.Event())

    with pytest.raises(RegisterUnavailable) as refused:
        await check_identity(a_claim(), workers=workers, insured=insured, clock=FakeClock())

    assert refused.value.metadata == {"register": "worker_register", "cause": "TIMED_OUT"}


async def test_the_first_look_announces_nothing_and_begins_at_the_end() -> None:
    store = Store()

    assert await follow_changes(workers=Workers(), new_store=lambda: store) == 0
    assert store.place == "end"


async def test_changes_are_announced_once_with_their_newest_version() -> None:
    changes = [Change("a", 2), Change("b", 7), Change("a", 3)]
    workers = Workers(
        feed={
            "c1": ChangePage(changes, "c2", more=True),
            "c2": ChangePage([Change("c", 1)], "c3", more=False),
        }
    )
    store = Store(place="c1")

    await follow_changes(workers=workers, new_store=lambda: store)
    again = await follow_changes(workers=workers, new_store=lambda: store)

    assert sorted((one.worker, one.version) for one in store.announced) == [
        ("a", 3),
        ("b", 7),
        ("c", 1),
    ]
    assert (store.place, again) == ("c3", 0)


async def test_a_place_that_another_instance_moved_is_left_to_it() -> None:
    workers = Workers(feed={"c1": ChangePage([Change("a", 2)], "c2", more=False)})
    stores = iter([Store(place="c1"), stale := Store(place="moved")])

    await follow_changes(workers=workers, new_store=lambda: next(stores))

    assert (stale.announced, stale.committed) == ([], 0)


async def test_a_place_that_the_register_forgot_begins_again_at_the_end() -> None:
    store = Store(place="lost")

    await follow_changes(workers=Workers(), new_store=lambda: store)

    assert store.place == "end"


async def test_a_portion_inside_a_page_repeats_the_place_before_it() -> None:
    cards = [replace(Card(), name=f"workers/w{n}") for n in range(5)]
    workers = Workers(
        loads=[CardPage(cards, "c1", 7), CardPage(cards[:2], "c2", 7), CardPage([], "c2", 7)]
    )

    parts = [part async for part in stream_worker_cards("c0", workers=workers, portion=2)]

    assert [(len(part.cards), part.cursor) for part in parts] == [
        (2, "c0"),
        (2, "c0"),
        (1, "c1"),
        (2, "c2"),
        (0, "c2"),
    ]


async def test_a_person_reads_the_own_card_only() -> None:
    person = Caller(CallerKind.PERSON, "p", 0, worker="w1")
    job = Caller(CallerKind.JOB, "accreditation", 0)

    for caller in (person, job):
        assert await get_worker_card("w1", min_version=0, caller=caller, workers=Workers())
    with pytest.raises(CardForeign):
        await get_worker_card("w2", min_version=0, caller=person, workers=Workers())
