"""Operators' commands that every service has.

`python -m lkmr_servicekit.operations notify dead-events list`, for example. They read the
settings of the service from its environment, as the program itself does.
"""

import argparse
import asyncio
import os
import sys
import uuid
from datetime import datetime
from pathlib import Path

import asyncpg
import orjson
from pydantic import SecretStr

from lkmr_servicekit import keys
from lkmr_servicekit.audit import Act
from lkmr_servicekit.audit_wire import ACT_TOPIC, act_to_proto
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.events import Announcement, headers_of
from lkmr_servicekit.settings import StoredSettings, settings_of, with_password


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


def _settings(service: str) -> StoredSettings:
    """What a service with a database says about its keys; other settings do not matter here."""
    prefix = service.replace("-", "_").upper() + "_"

    class KeySettings(StoredSettings):
        model_config = settings_of(prefix)

    return KeySettings.load()


async def _keys_status(connection: asyncpg.Connection, asked: argparse.Namespace) -> str:
    settings = _settings(asked.service)
    ring = settings.keyring(asked.service)
    found = await keys.status(connection, ring, settings.key_store(asked.service))
    due = found.rotate_by()
    if asked.json:
        told = {
            "service": asked.service,
            "sealed_by": found.sealed_by,
            "active": found.active,
            "rotate_by": due,
            "keys": [
                {"id": name, "data_keys": uses, "made": found.made.get(name)}
                for name, uses in sorted(found.uses.items())
            ],
        }
        return orjson.dumps(told).decode()
    lines = [
        f"  {name}  {uses} data keys"
        + (", active" if name == found.active else "")
        + (f", made {found.made[name]:%Y-%m-%d}" if name in found.made else "")
        for name, uses in sorted(found.uses.items())
    ]
    if due is not None:
        lines.append(f"  to be rotated by {due:%Y-%m-%d}")
    return "\n".join([f"{asked.service}: sealed by {found.sealed_by}", *lines])


async def _keys_rotate(connection: asyncpg.Connection, asked: argparse.Namespace) -> str:
    settings = _settings(asked.service)
    store = settings.key_store(asked.service)
    name = keys.rotate(settings.keyring_file, asked.service, store)
    await _tell(connection, asked.service, "keys.rotated", name)
    return f"{asked.service}: {name} is active within a second; keys rewrap moves data keys to it"


async def _keys_rewrap(connection: asyncpg.Connection, asked: argparse.Namespace) -> str:
    settings = _settings(asked.service)
    ring, store = settings.keyring(asked.service), settings.key_store(asked.service)
    if store is not None:
        keys.seal_file(settings.keyring_file, asked.service, store, store)
    moved = await keys.rewrap(connection, ring)
    text = f"{asked.service}: {moved} data keys moved to {ring.active}"
    if asked.retire:
        found = await keys.status(connection, ring, store)
        unused = [name for name, uses in found.uses.items() if not uses and name != ring.active]
        keys.retire(settings.keyring_file, unused)
        text += f"; retired: {', '.join(unused) or 'none'}"
    await _tell(connection, asked.service, "keys.rewrapped", ring.active)
    return text


async def _keys_seal(connection: asyncpg.Connection, asked: argparse.Namespace) -> str:
    settings = _settings(asked.service)
    store = settings.key_store(asked.service)
    if store is None:
        raise SystemExit(f"{asked.service}: no key store is set (TRANSIT_URL)")
    keys.seal_file(settings.keyring_file, asked.service, None, store)
    await _tell(connection, asked.service, "keys.sealed", settings.transit_key or asked.service)
    return f"{asked.service}: the key file opens through the key store only"


async def _tell(connection: asyncpg.Connection, service: str, operation: str, key: str) -> None:
    """Journal what an operator did; the outbox of the service brings it to `auth`."""
    now, event_id = SystemClock.from_env().now(), uuid.uuid4()
    act = Act(
        operation=operation, object=f"keyrings/{service}/keys/{key}", actor="programs/operator",
        time=now,
    )  # fmt: skip
    topic = ACT_TOPIC.format(service=service.replace("-", "_"))
    made = Announcement(act.object, act_to_proto(act), topic=topic)
    await connection.execute(
        "INSERT INTO outbox (event_id, resource_name, subject, headers, body, create_time)"
        " VALUES ($1, $2, $3, $4::text::jsonb, $5, $6)",
        event_id, made.resource, made.subject,
        orjson.dumps(headers_of(made, event_id, service, now)).decode(),
        made.message.SerializeToString(), now,
    )  # fmt: skip
    await connection.execute("NOTIFY outbox")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="operations")
    parser.add_argument("service")
    subjects = parser.add_subparsers(required=True)
    outbox = subjects.add_parser("outbox").add_subparsers(required=True)
    again = outbox.add_parser("replay")
    again.add_argument("--since", required=True, help="ISO 8601 with offset")
    again.set_defaults(work=_outbox_replay)
    ring = subjects.add_parser("keys").add_subparsers(required=True)
    telling = ring.add_parser("status")
    telling.add_argument("--json", action="store_true", help="for programs, with ages")
    telling.set_defaults(work=_keys_status)
    ring.add_parser("rotate").set_defaults(work=_keys_rotate)
    moving = ring.add_parser("rewrap")
    moving.add_argument("--retire", action="store_true", help="drop keys that wrap nothing")
    moving.set_defaults(work=_keys_rewrap)
    ring.add_parser("seal").set_defaults(work=_keys_seal)
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
    try:
        answer = asyncio.run(_run(_parser().parse_args()))
    except ServiceError as refusal:
        raise SystemExit(refusal.reason) from None
    sys.stdout.write(answer + "\n")


if __name__ == "__main__":
    main()
