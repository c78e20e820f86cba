"""Check the whole journal against itself and against what was signed about it."""

from collections.abc import Iterator
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lkmr_auth.domain.statement import Statement
from lkmr_auth.domain.verification import Flaw, Verification
from lkmr_auth.usecases.archive_ports import ArchiveReader, FileUnreadable
from lkmr_auth.usecases.chain_ports import ChainReader
from lkmr_auth.usecases.whole_journal import ArchivedStretch, archived_stretches


class Witness(Protocol):
    """What was signed about the chain, kept outside the database."""

    @property
    def public_key(self) -> Ed25519PublicKey: ...

    def statements(self) -> Iterator[tuple[str, Statement | None]]: ...


async def verify_journal(
    chain: ChainReader, archive: ArchiveReader, witness: Witness
) -> Verification:
    """Recompute every row, those of the archive first.

    Works beside writers: what they add meanwhile is not looked at.
    """
    while True:
        first = await chain.first()
        verification = await _walk(chain, archive, witness)
        if await chain.first() == first:  # no month left the table under way
            return verification


async def _walk(chain: ChainReader, archive: ArchiveReader, witness: Witness) -> Verification:
    found = list(witness.statements())  # before the head: each is about rows that are there
    noted = await chain.head()
    good, flaws = [], []
    for name, statement in found:
        if statement is None or not statement.holds(witness.public_key):
            flaws.append(Flaw("FORGED", 0, f"{name}: подпись не наша"))
        else:
            good.append(statement)
    verification = Verification(tuple(good))
    verification.flaws += flaws + _forged(archive)
    for stretch in await archived_stretches(chain, archive):
        await _check(stretch, archive, verification)
    async for rows in chain.rows(verification.head.seq, noted.seq):
        verification.take(rows)
    verification.finish(noted)
    return verification


def _forged(archive: ArchiveReader) -> list[Flaw]:
    return [
        Flaw("FORGED", 0, f"{one.name}: отметка о месяце не подписана нами")
        for one in archive.months()
        if one.statement is None or not one.statement.holds(archive.public_key)
    ]


async def _check(
    stretch: ArchivedStretch, archive: ArchiveReader, verification: Verification
) -> None:
    """Walk through a month of the archive; what is wrong with it is told with its file."""
    statement = stretch.statement
    if stretch.rows is None:
        verification.pass_over(statement)
        return
    verification.enter(stretch.kept.name)
    if not stretch.kept.has_file:
        missing = f"{statement.first}…{statement.last.seq}"
        verification.tell("REMOVED", statement.first, f"нет файла со строками {missing}")
        verification.enter("")
        verification.pass_over(statement)
        return
    known = len(verification.flaws)
    try:
        async for rows in stretch.rows:
            verification.take(rows)
        verification.leave(statement, whole=True)
    except FileUnreadable:
        verification.leave(statement, whole=False)
    if len(verification.flaws) == known and await archive.sum_of(statement) != statement.sha256:
        verification.enter(stretch.kept.name)
        verification.tell("CHANGED", statement.first, "сам файл не тот, что подписан")
        verification.enter("")
