"""One round of the journal: chain what waits, and have its end witnessed."""

from datetime import datetime
from typing import Protocol

from lkmr_auth.domain.journal import Head
from lkmr_servicekit.clock import Clock


class Chain(Protocol):
    """The stored chain."""

    async def advance(self) -> Head | None: ...

    async def head(self) -> Head: ...


class Witness(Protocol):
    """Keeps signed statements outside the database."""

    def note(self, head: Head, now: datetime) -> None: ...


async def keep_journal(chain: Chain, witness: Witness, clock: Clock) -> None:
    """A statement follows each batch, so that not even the newest rows can be cut off unseen."""
    await chain.advance()
    witness.note(await chain.head(), clock.now())
