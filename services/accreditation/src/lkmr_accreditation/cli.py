"""Operators' commands: `register load`, `law list`, `law facts`, `law add FILE`."""

import asyncio
import hashlib
import json
import sys
import tomllib
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from lkmr_accreditation.config import Config
from lkmr_accreditation.domain.law import Law
from lkmr_accreditation.messaging.announce import announce
from lkmr_accreditation.storage.shipped import shipped_book, shipped_law
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_servicekit.clock import MOSCOW, SystemClock, day_in, monotonic
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


async def add_law(config: Config, text: str) -> None:
    """Add entries in the form of `law.toml`; they hold from their days on.

    Raises TypeError or KeyError, and adds nothing, when an entry has another form.
    """
    content = tomllib.loads(text)
    read = Law.from_data(shipped_law(), content)
    bare = [one.key for one in Law.from_data(content).norms if not (one.owner and one.title)]
    if bare:
        raise SystemExit(f"a norm needs title, owner, source and review_on: {', '.join(bare)}")
    clock = SystemClock.from_env()
    async with (
        Database(config.database_dsn) as database,
        _new_uow(config, database, clock)() as uow,
    ):
        await uow.law.add(_plain(content), clock.now())
        await uow.commit()
    sys.stdout.write(f"{len(Law.from_data(content).norms)} norms added, {len(read.norms)} known\n")


async def list_law(config: Config) -> None:
    """Print what is in force today; `!` marks norms whose review is late."""
    clock, book = SystemClock.from_env(), shipped_book()
    async with Database(config.database_dsn) as database:
        await book.reload(_new_uow(config, database, clock))
    today = day_in(MOSCOW, clock.now())
    for norm in book.law.in_force(today):
        late = "!" if norm.review_on < today else " "
        sys.stdout.write(
            f"{late} {norm.key} = {norm.value} [{norm.mark}] {norm.owner}, "
            f"review {norm.review_on}: {norm.source}\n"
        )


async def law_facts(config: Config) -> None:
    """Print the registry of norms as JSON: its version, how many, whose review is late."""
    clock, book = SystemClock.from_env(), shipped_book()
    async with Database(config.database_dsn) as database:
        await book.reload(_new_uow(config, database, clock))
    today = day_in(MOSCOW, clock.now())
    norms = sorted(str(one) for one in book.law.norms)
    told = {
        "version": hashlib.sha256("\n".join(norms).encode()).hexdigest()[:16],
        "norms": len(norms),
        "in_force": len(book.law.in_force(today)),
        "late": [
            {"key": one.key, "owner": one.owner, "review_on": one.review_on.isoformat()}
            for one in book.law.overdue(today)
        ],
    }
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")


def _new_uow(
    config: Config, database: Database, clock: SystemClock
) -> "partial[AccreditationUnitOfWork]":
    keys = config.keyring("accreditation")
    return partial(AccreditationUnitOfWork, database, keys=keys, clock=clock, announce=announce)


def _plain(value: Any) -> Any:
    """TOML as JSON keeps it: days as text."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def main() -> None:
    """Run one command."""
    config = Config.load()
    match sys.argv[1:]:
        case ["register", "load"]:
            asyncio.run(follow_load(config))
        case ["law", "list"]:
            asyncio.run(list_law(config))
        case ["law", "facts"]:
            asyncio.run(law_facts(config))
        case ["law", "add", file]:
            asyncio.run(add_law(config, Path(file).read_text(encoding="utf-8")))
        case _:
            raise SystemExit("usage: register load | law list | law facts | law add FILE")


if __name__ == "__main__":
    main()
