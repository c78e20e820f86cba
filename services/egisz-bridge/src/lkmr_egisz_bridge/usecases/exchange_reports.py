"""Hand reports over, ask what became of them, and let the sender know of each new word."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from lkmr_egisz_bridge.domain.errors import ReportRefused
from lkmr_egisz_bridge.domain.receipt import Exchange, Receipt, State
from lkmr_egisz_bridge.usecases.ports import D_contra, HealthAuthority, ReceiptStore


class Word(Protocol):
    """What is read of the word of a body; the rest passes through."""

    @property
    def number(self) -> str:
        """The number that the body gave."""
        ...

    @property
    def state(self) -> str:
        """RECEIVED, ACCEPTED, REJECTED."""
        ...


W = TypeVar("W", bound=Word)
NewStore = Callable[[], ReceiptStore]


async def send_report(
    report: D_contra,
    sent: Receipt,
    *,
    authority: HealthAuthority[D_contra, W],
    new_store: NewStore,
) -> W:
    """Hand a report over and note the word about it before it is passed on.

    A crash between the two repeats the sending, for which the body gives the same number; each word
    is announced once. Raises RegisterUnavailable, ReportRefused, ServiceError while the database is
    away.
    """
    try:
        word = await authority.send(report)
    except ReportRefused:
        await _note(sent, "", State.REJECTED, new_store)
        raise
    await _note(sent, word.number, State(word.state), new_store)
    return word


async def ask_report(
    number: str, *, authority: HealthAuthority[D_contra, W], new_store: NewStore
) -> W:
    """What became of a report, noted before it is passed on.

    Raises RegisterUnavailable, ReportUnknown, ServiceError while the database is away.
    """
    word = await authority.get(number)
    async with new_store() as store:
        sent = await store.numbered(Exchange.REPORT, number)
    if sent is not None:
        await _note(sent, number, State(word.state), new_store)
    return word


async def _note(sent: Receipt, number: str, state: State, new_store: NewStore) -> None:
    async with new_store() as store:
        known = await store.hold(sent)
        if known.state is state or known.settled:
            return
        said = known.told(number, state)
        await store.keep(said.forgotten())
        await store.announce(said)
        await store.commit()
