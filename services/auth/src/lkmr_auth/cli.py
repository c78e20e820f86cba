"""Operators' commands of auth.

`accounts unlock NUMBER` lifts the lock of three wrong codes; `audit verify` checks the journal;
`audit export [FILE] [--after SEQ]` writes it in lines that another program can check.
"""

import argparse
import asyncio
import sys
from functools import partial
from pathlib import Path

from lkmr_auth.clients.witness import FolderWitness
from lkmr_auth.config import StoreConfig
from lkmr_auth.domain.statement import signing_key
from lkmr_auth.messaging.announce import announcement_of
from lkmr_auth.storage.chain import StoredChain
from lkmr_auth.storage.unit_of_work import StoredUnitOfWork
from lkmr_auth.usecases.export_journal import export_journal
from lkmr_auth.usecases.unlock_codes import unlock_codes
from lkmr_auth.usecases.verify_journal import verify_journal
from lkmr_servicekit.clock import SystemClock, monotonic
from lkmr_servicekit.database import Database
from lkmr_servicekit.errors import ServiceError


async def unlock(asked: argparse.Namespace) -> int:
    """Lift the lock. Raises PersonNotFound."""
    settings, clock = StoreConfig.load(), SystemClock.from_env()
    keyring = settings.keyring("auth")
    async with Database(settings.database_dsn) as database:
        new_uow = partial(
            StoredUnitOfWork, database, keyring, clock=clock, announcement=announcement_of
        )
        lifted = await unlock_codes(asked.number, new_uow=new_uow, clock=clock)
    sys.stdout.write("unlocked\n" if lifted else "was not locked\n")
    return 0


async def verify(_: argparse.Namespace) -> int:
    """Exit status 0 when the journal is whole, 1 when something is wrong with it."""
    settings, start = StoreConfig.load(), monotonic()
    async with Database(settings.database_dsn) as database:
        chain = StoredChain(database, SystemClock.from_env())
        found = await verify_journal(chain, witness_of(settings))
    for line in found.report():
        sys.stdout.write(line + "\n")
    seconds = max(monotonic() - start, 0.001)
    verdict = "Журнал цел" if found.sound else "ЖУРНАЛ НАРУШЕН"
    sys.stdout.write(
        f"{verdict}: строк {found.rows}, подписанных отметок {len(found.statements)},"
        f" {found.rows / seconds:.0f} строк/с\n"
    )
    return 0 if found.sound else 1


async def export(asked: argparse.Namespace) -> int:
    """Write the journal into a file, or to the standard output."""
    settings, clock = StoreConfig.load(), SystemClock.from_env()
    out = Path(asked.file).open("wb") if asked.file != "-" else sys.stdout.buffer  # noqa: ASYNC230, SIM115 - a command, nobody else waits; closed below
    try:
        async with Database(settings.database_dsn) as database:
            chain, witness = StoredChain(database, clock), witness_of(settings)
            async for lines in export_journal(chain, witness, after=asked.after, now=clock.now()):
                out.write(lines)
    finally:
        if out is not sys.stdout.buffer:
            out.close()
    return 0


def witness_of(settings: StoreConfig) -> FolderWitness:
    """The keeper of signed statements."""
    key = signing_key(settings.journal_signing_key.get_secret_value())
    return FolderWitness(settings.audit_dir, key, settings.instance)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="auth")
    subjects = parser.add_subparsers(required=True)
    unlocking = subjects.add_parser("accounts").add_subparsers(required=True).add_parser("unlock")
    unlocking.add_argument("number", help="account number, as ЛК-000123")
    unlocking.set_defaults(work=unlock)
    audit = subjects.add_parser("audit").add_subparsers(required=True)
    audit.add_parser("verify").set_defaults(work=verify)
    exporting = audit.add_parser("export")
    exporting.add_argument("file", nargs="?", default="-")
    exporting.add_argument("--after", type=int, default=0, help="number of the last row not wanted")
    exporting.set_defaults(work=export)
    return parser


def main() -> None:
    """Run one command."""
    asked = _parser().parse_args()
    try:
        code = asyncio.run(asked.work(asked))
    except ServiceError as refusal:
        raise SystemExit(refusal.reason) from None
    raise SystemExit(code)


if __name__ == "__main__":
    main()
