"""Check the whole journal against itself and against what was signed about it."""

from collections.abc import AsyncIterator, Iterator
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lkmr_auth.domain.journal import ChainedRow, Head
from lkmr_auth.domain.statement import Statement
from lkmr_auth.domain.verification import Flaw, Verification


class ChainReader(Protocol):
    """The stored chain."""

    async def head(self) -> Head: ...

    def rows(self, after: int = 0, until: int = ...) -> AsyncIterator[list[ChainedRow]]: ...


class Witness(Protocol):
    """What was signed about the chain, kept outside the database."""

    @property
    def public_key(self) -> Ed25519PublicKey: ...

    def statements(self) -> Iterator[tuple[str, Statement | None]]: ...


async def verify_journal(chain: ChainReader, witness: Witness) -> Verification:
    """Recompute every row. Works beside writers: what they add meanwhile is not looked at."""
    found = list(witness.statements())  # before the head: each is about rows that are there
    noted = await chain.head()
    good, flaws = [], []
    for name, statement in found:
        if statement is None or not statement.holds(witness.public_key):
            flaws.append(Flaw("FORGED", 0, f"{name}: подпись не наша"))
        else:
            good.append(statement)
    verification = Verification(tuple(good))
    verification.flaws += flaws
    async for rows in chain.rows(until=noted.seq):
        verification.take(rows)
    verification.finish(noted)
    return verification
