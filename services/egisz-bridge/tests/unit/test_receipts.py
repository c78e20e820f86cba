from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

import pytest

from lkmr_egisz_bridge.domain.errors import ReportRefused
from lkmr_egisz_bridge.domain.receipt import Exchange, Receipt, State
from lkmr_egisz_bridge.messaging.announce import receipt_received
from lkmr_egisz_bridge.usecases.exchange_reports import ask_report, send_report
from lkmr_servicekit.errors import Category, ServiceError

SENT = Receipt(exchange=Exchange.REPORT, resource="reports/r", version=1, sender="persons/p")


@dataclass(frozen=True)
class Word:
    number: str
    state: str


@dataclass
class Authority:
    words: list[str]
    number: str = "N-1"

    async def send(self, _: str) -> Word:
        if not self.words:
            raise ReportRefused
        return Word(self.number, self.words.pop(0))

    async def get(self, number: str) -> Word:
        return Word(number, self.words.pop(0))


@dataclass
class Store:
    """Receipts in memory; what was not committed is dropped."""

    kept: dict[str, Receipt] = field(default_factory=dict)
    told: list[tuple[str, str]] = field(default_factory=list)
    away: bool = False
    pending: list[Receipt] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        if self.away:
            raise ServiceError("DATABASE_UNAVAILABLE", Category.UNAVAILABLE)
        self.pending = []
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    async def numbered(self, exchange: Exchange, number: str) -> Receipt | None:
        return next((one for one in self.kept.values() if one.number == number), None)

    async def hold(self, sent: Receipt) -> Receipt:
        return self.kept.get(sent.resource, sent)

    async def keep(self, said: Receipt) -> None:
        self.kept[said.resource] = said

    async def announce(self, said: Receipt) -> None:
        self.pending.append(said)

    async def commit(self) -> None:
        self.told += [(one.sender, one.state.value) for one in self.pending]


async def test_each_new_word_is_announced_once_and_the_sender_is_forgotten_with_the_last() -> None:
    store, authority = Store(), Authority(["RECEIVED", "RECEIVED", "RECEIVED", "ACCEPTED"])

    for _ in range(2):
        await send_report("report", SENT, authority=authority, new_store=lambda: store)
    for _ in range(2):
        await ask_report("N-1", authority=authority, new_store=lambda: store)

    assert store.told == [("persons/p", "RECEIVED"), ("persons/p", "ACCEPTED")]
    assert store.kept["reports/r"].sender == ""


async def test_after_the_last_word_nothing_is_announced_any_more() -> None:
    store, authority = Store(), Authority(["ACCEPTED", "ACCEPTED", "REJECTED"])

    await send_report("report", SENT, authority=authority, new_store=lambda: store)
    await send_report("report", SENT, authority=authority, new_store=lambda: store)
    await ask_report("N-1", authority=authority, new_store=lambda: store)

    assert store.told == [("persons/p", "ACCEPTED")]


async def test_a_form_that_is_not_taken_in_is_a_rejection_too() -> None:
    store = Store()

    with pytest.raises(ReportRefused):
        await send_report("report", SENT, authority=Authority([]), new_store=lambda: store)

    assert store.told == [("persons/p", "REJECTED")]


async def test_a_word_that_cannot_be_noted_is_not_passed_on() -> None:
    store = Store(away=True)

    with pytest.raises(ServiceError, match="DATABASE_UNAVAILABLE"):
        await send_report("r", SENT, authority=Authority(["ACCEPTED"]), new_store=lambda: store)


async def test_what_was_sent_before_receipts_were_kept_is_asked_about_as_ever() -> None:
    store = Store()

    word = await ask_report("N-0", authority=Authority(["ACCEPTED"]), new_store=lambda: store)

    assert (word.state, store.told) == ("ACCEPTED", [])


def test_the_same_word_has_the_same_id_and_another_word_another_one() -> None:
    accepted, rejected = (SENT.told("N", one) for one in (State.ACCEPTED, State.REJECTED))

    ids = [receipt_received(one).event_id for one in (accepted, accepted, rejected)]

    assert ids[0] == ids[1] != ids[2]
    assert receipt_received(replace(accepted, version=2)).event_id != ids[0]
