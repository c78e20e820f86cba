"""Operators' commands of this service: `register load` shows how far the load has come."""

import asyncio
import sys

from lkmr_accreditation.config import Config
from lkmr_servicekit.clock import monotonic
from lkmr_servicekit.database import Database


async def follow_load(config: Config) -> None:
    """Print workers stored, workers in the register and the speed, until all are stored."""
    async with Database(config.database_dsn) as database:
        before, moment = 0, monotonic()
        while True:
            row = await database.pool.fetchrow("SELECT loaded, total FROM register_sync")
            loaded, total = (row["loaded"], row["total"]) if row else (0, 0)
            now = monotonic()
            speed = (loaded - before) / (now - moment) if before and now > moment else 0
            sys.stdout.write(f"{loaded} / {total} workers, {speed:.0f}/s\n")
            sys.stdout.flush()
            if total and loaded >= total:
                return
            before, moment = loaded, now
            await asyncio.sleep(1)


def main() -> None:
    """Run one command."""
    if sys.argv[1:] != ["register", "load"]:
        raise SystemExit("usage: register load")
    asyncio.run(follow_load(Config.load()))


if __name__ == "__main__":
    main()
