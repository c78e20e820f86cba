"""`python -m lkmr_auth.cli accounts|audit|assessments|evidence …`."""

import argparse
import asyncio
import sys
from functools import partial

from lkmr_auth.cli import assessments, audit, evidence
from lkmr_auth.config import StoreConfig
from lkmr_auth.messaging.announce import announcement_of
from lkmr_auth.storage.unit_of_work import StoredUnitOfWork
from lkmr_auth.usecases.archive_ports import FileUnreadable
from lkmr_auth.usecases.unlock_codes import unlock_codes
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.errors import ServiceError


async def unlock(asked: argparse.Namespace) -> int:
    """Lift the lock of three wrong codes. Raises PersonNotFound."""
    settings, clock = StoreConfig.load(), SystemClock.from_env()
    keyring = settings.keyring("auth")
    async with Database(settings.database_dsn) as database:
        new_uow = partial(
            StoredUnitOfWork, database, keyring, clock=clock, announcement=announcement_of
        )
        lifted = await unlock_codes(asked.number, new_uow=new_uow, clock=clock)
    sys.stdout.write("unlocked\n" if lifted else "was not locked\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="auth")
    subjects = parser.add_subparsers(required=True)
    unlocking = subjects.add_parser("accounts").add_subparsers(required=True).add_parser("unlock")
    unlocking.add_argument("number", help="account number, as ЛК-000123")
    unlocking.set_defaults(work=unlock)
    for name, part in (("audit", audit), ("assessments", assessments), ("evidence", evidence)):
        part.add_commands(subjects.add_parser(name).add_subparsers(required=True))
    return parser


def main() -> None:
    """Run one command."""
    asked = _parser().parse_args()
    try:
        code = asyncio.run(asked.work(asked))
    except ServiceError as refusal:
        raise SystemExit(refusal.reason) from None
    except FileUnreadable as damaged:
        raise SystemExit(f"{damaged}: файл архива не читается, см. audit verify") from None
    raise SystemExit(code)


if __name__ == "__main__":
    main()
