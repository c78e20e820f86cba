"""Copies of all that the suite keeps: databases, files, signed statements; not its keys.

A copy holds one snapshot of each database with the number of rows of each table, then the files,
so that every file that a row names is there. Keys stay apart on purpose: who has the copy alone
cannot open it. `manifest.json` names the keys that the copy needs, by id.
"""

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg

from lkmr_rig import postgres
from lkmr_rig.layout import SERVICES, Home, Ports, snake, write_json
from lkmr_rig.supervisor import StartFailed
from lkmr_servicekit.clock import real_now

FOLDERS = ("files", "audit", "partners")
FORM = 1
_TABLES = (
    "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1"
)


async def backup(home: Home, ports: Ports, target: Path) -> dict[str, Any]:
    """Write a copy into an empty or new folder; gives its manifest. Raises StartFailed."""
    await asyncio.to_thread(_make_empty, target)
    databases = {one: await _dump(home, ports, one, target) for one in SERVICES}
    for name in FOLDERS:
        await asyncio.to_thread(_copy_folder, home.root / name, target / name)
    manifest = {
        "form": FORM,
        "time": real_now().isoformat(timespec="seconds"),
        "databases": databases,
        "keys": {one: _key_ids(home, one) for one in SERVICES},
        "sums": await asyncio.to_thread(_sums, target),
    }
    write_json(target / "manifest.json", manifest)
    return manifest


async def restore(home: Home, ports: Ports, source: Path) -> dict[str, Any]:
    """Replace databases and folders by those of a copy; programs must be stopped.

    Everything is checked before anything is replaced: sums of all files, keys. Afterwards each
    table must have the rows that the copy counted. Raises StartFailed.
    """
    manifest = _checked_manifest(source)
    _require_keys(home, manifest["keys"])
    for service in SERVICES:
        await _load(home, ports, service, source, manifest["databases"][service])
    for name in FOLDERS:
        await asyncio.to_thread(_copy_folder, source / name, home.root / name)
    return manifest


def _copy_folder(source: Path, target: Path) -> None:
    """Put a folder in the place of another one; nothing for a folder that is not there."""
    if not source.is_dir():
        return
    fresh = target.with_name(f".{target.name}.fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(source, fresh)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


def _make_empty(target: Path) -> None:
    if target.exists() and any(target.iterdir()):
        raise StartFailed(f"{target}: папка не пуста")
    target.mkdir(parents=True, exist_ok=True, mode=0o700)


async def _dump(home: Home, ports: Ports, service: str, target: Path) -> dict[str, Any]:
    """One snapshot: what pg_dump writes is what is counted."""
    address = postgres.dsn(home, ports, snake(service))
    connection = await asyncpg.connect(address, timeout=5, ssl=False)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
            await _run(
                "pg_dump",
                *("--format=custom", f"--snapshot={snapshot}", f"--file={target / service}.dump"),
                address=address,
            )
            return {
                "revision": await connection.fetchval("SELECT version_num FROM alembic_version"),
                "rows": await _rows(connection),
            }
    finally:
        await connection.close()


async def _load(
    home: Home, ports: Ports, service: str, source: Path, noted: Mapping[str, Any]
) -> None:
    name = snake(service)
    connection = await asyncpg.connect(postgres.dsn(home, ports), timeout=5, ssl=False)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await postgres.create_database(connection, service, name)
    finally:
        await connection.close()
    address = postgres.dsn(home, ports, name)
    await postgres.grant(address, service)
    await _run("pg_restore", "--exit-on-error", f"{source / service}.dump", address=address)
    connection = await asyncpg.connect(address, timeout=5, ssl=False)
    try:
        rows = await _rows(connection)
    finally:
        await connection.close()
    if rows != noted["rows"]:
        raise StartFailed(f"{service}: после восстановления строк не столько, сколько в копии")


async def _rows(connection: asyncpg.Connection) -> dict[str, int]:
    tables = [row[0] for row in await connection.fetch(_TABLES)]
    return {one: await connection.fetchval(f"SELECT count(*) FROM {one}") for one in tables}  # noqa: S608 - names from the catalogue, quoted by it


async def _run(program: str, *arguments: str, address: str) -> None:
    """The password goes by the environment, where no list of processes shows it."""
    plain, secret = _without_password(address)
    command = [postgres.binary(program), "--no-password", "--dbname", plain, *arguments]
    done = await asyncio.to_thread(
        subprocess.run,
        command,
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PGPASSWORD": secret},
    )
    if done.returncode:
        raise StartFailed(f"{program}: {done.stderr.strip()[-2000:]}")


def _without_password(address: str) -> tuple[str, str]:
    scheme, _, rest = address.partition("://")
    credentials, _, place = rest.rpartition("@")
    user, _, secret = credentials.partition(":")
    return f"{scheme}://{user}@{place}", secret


def _key_ids(home: Home, service: str) -> list[str]:
    path = home.root / "keys" / f"{service}.keys"
    if not path.is_file():
        return []
    ring: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return sorted(ring.get("keys", ()))


def _require_keys(home: Home, needed: Mapping[str, list[str]]) -> None:
    missing = [
        f"{service}: {', '.join(lost)}"
        for service, ids in needed.items()
        if (lost := sorted(set(ids) - set(_key_ids(home, service))))
    ]
    if missing:
        raise StartFailed("Нет ключей, без которых копию не открыть: " + "; ".join(missing))


def _checked_manifest(source: Path) -> dict[str, Any]:
    path = source / "manifest.json"
    if not path.is_file():
        raise StartFailed(f"{source}: здесь нет копии")
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if manifest.get("form") != FORM:
        raise StartFailed(f"{source}: копия другого вида")
    if _sums(source) != manifest["sums"]:
        raise StartFailed(f"{source}: копия повреждена, контрольные суммы не сходятся")
    return manifest


def _sums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file but the manifest itself."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / "manifest.json":
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            found[str(path.relative_to(folder))] = digest
    return found
