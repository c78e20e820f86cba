"""Operators' commands of auth: `accounts unlock NUMBER` lifts the lock of three wrong codes."""

import asyncio
import sys
from functools import partial

from lkmr_auth.config import StoreConfig
from lkmr_auth.messaging.announce import announcement_of
from lkmr_auth.storage.unit_of_work import StoredUnitOfWork
from lkmr_auth.usecases.unlock_codes import unlock_codes
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.errors import ServiceError

_COMMAND, _WORDS = ["accounts", "unlock"], 3


async def unlock(account_number: str) -> bool:
    """Lift the lock; False when there was none. Raises PersonNotFound."""
    settings, clock = StoreConfig.load(), SystemClock.from_env()
    keyring = KeyRing.from_file("auth", settings.keyring_file)
    async with Database(settings.database_dsn) as database:
        new_uow = partial(
            StoredUnitOfWork, database, keyring, clock=clock, announcement=announcement_of
        )
        return await unlock_codes(account_number, new_uow=new_uow, clock=clock)


def main() -> None:
    """Run one command."""
    words = sys.argv[1:]
    if len(words) != _WORDS or words[:2] != _COMMAND:
        raise SystemExit("usage: accounts unlock ACCOUNT_NUMBER, as ЛК-000123")
    try:
        lifted = asyncio.run(unlock(words[2]))
    except ServiceError as refusal:
        raise SystemExit(refusal.reason) from None
    sys.stdout.write("unlocked\n" if lifted else "was not locked\n")


if __name__ == "__main__":
    main()
