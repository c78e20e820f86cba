"""Operators' commands that every service has.

`python -m lkmr_servicekit.operations notify dead-events list`, for example. They read the
settings of the service from its environment, as the program itself does.
"""

import argparse
import asyncio
import os
import sys
from datetime import datetime
from pathlib import Path

import asyncpg
from pydantic import SecretStr

from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.settings import with_password


def _dsn(service: str) -> str:
    prefix = service.replace("-", "_").upper() + "_"
    url = os.environ[f"{prefix}DATABASE_URL"]
    folder = os.environ.get(f"{prefix}SECRETS_DIR")
    secret = Path(folder) / "database_password" if folder else None
    password = secret.read_text(encoding="utf-8").strip() if secret and secret.is_file() else ""
    return with_password(url, SecretStr(password))


async def _dead_list(connection: asyncpg.Connection, _: argparse.Namespace) -> str:
    rows = await connection.fetch(
        "SELECT consumer, event_id, subject, headers->>'ce-subject' AS resource, reason,"
        " deliveries, create_time FROM dead_event WHERE resolve_time IS NULL ORDER BY create_time"
    )
    lines = ["\t".join(str(value) for value in row.values()) for row in rows]
    return "\n".join([*lines, f"{len(rows)} unresolved"])


async def _dead_replay(connection: asyncpg.Connection, asked: argparse.Namespace) -> str:
    done = await connection.execute(
        "UPDATE dead_event SET replay_time = $1 WHERE resolve_time IS NULL"
        " AND ($2::text IS NULL OR consumer = $2) AND ($3::uuid IS NULL OR event_id = $3)",
        SystemClock.from_env().now(), asked.consumer, asked.event,
    )  # fmt: skip
    return f"{done.split()[-1]} will be handled again within seconds; list shows what stays"


async def _dead_resolve(connection: asyncpg.Connection, asked: argparse.Namespace) -> str:
    done = await connection.execute(
        "UPDATE dead_event SET resolve_time = $1, resolved_by = $2, replay_time = NULL"
        " WHERE event_id = $3 AND resolve_time IS NULL",
        SystemClock.from_env().now(), f"operator: {asked.reason}", asked.event,
    )  # fmt: skip
    return f"{done.split()[-1]} resolved"


async def _outbox_replay(connection: asyncpg.Connection, asked: argparse.Namespace) -> str:
    done = await connection.execute(
        "UPDATE outbox SET publish_time = NULL"
        " WHERE publish_time IS NOT NULL AND create_time >= $1",
        datetime.fromisoformat(asked.since),
    )
    await connection.execute("NOTIFY outbox")
    return f"{done.split()[-1]} events are published again; who has handled them skips them"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="operations")
    parser.add_argument("service")
    subjects = parser.add_subparsers(required=True)
    outbox = subjects.add_parser("outbox").add_subparsers(required=True)
    again = outbox.add_parser("replay")
    again.add_argument("--since", required=True, help="ISO 8601 with offset")
    again.set_defaults(work=_outbox_replay)
    dead = subjects.add_parser("dead-events").add_subparsers(required=True)
    dead.add_parser("list").set_defaults(work=_dead_list)
    replay = dead.add_parser("replay")
    replay.add_argument("--consumer")
    replay.add_argument("--event")
    replay.set_defaults(work=_dead_replay)
    resolve = dead.add_parser("resolve")
    resolve.add_argument("event")
    resolve.add_argument("--reason", required=True)
    resolve.set_defaults(work=_dead_resolve)
    return parser


async def _run(asked: argparse.Namespace) -> str:
    connection = await asyncpg.connect(_dsn(asked.service), timeout=5)
    try:
        answer: str = await asked.work(connection, asked)
    finally:
        await connection.close()
    return answer


def main() -> None:
    """Run one command and print its result."""
    sys.stdout.write(asyncio.run(_run(_parser().parse_args())) + "\n")


if __name__ == "__main__":
    main()
