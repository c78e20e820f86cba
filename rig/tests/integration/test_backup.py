"""A copy brings back every row and file, and nothing of a copy that is not whole."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from lkmr_rig import postgres
from lkmr_rig.backup import backup, restore
from lkmr_rig.guard import free_base
from lkmr_rig.layout import SERVICES, Home, snake
from lkmr_rig.suite import Suite
from lkmr_rig.supervisor import StartFailed

pytestmark = pytest.mark.servers


class Kept:
    """A suite of PostgreSQL alone with a row, a file and a key for each service."""

    def __init__(self, home: Home, suite: Suite) -> None:
        self.home, self.ports = home, suite.ports

    async def ask(self, service: str, statement: str, *values: Any) -> Any:
        address = postgres.dsn(self.home, self.ports, snake(service))
        connection = await asyncpg.connect(address, ssl=False)
        try:
            return await connection.fetchval(statement, *values)
        finally:
            await connection.close()

    async def fill(self) -> None:
        for number, service in enumerate(SERVICES, 1):
            owner = await asyncpg.connect(postgres.owner_url(self.home, self.ports, service))
            await owner.execute("CREATE TABLE alembic_version (version_num text)")
            await owner.execute("INSERT INTO alembic_version VALUES ('0007')")
            await owner.execute("CREATE TABLE note (id bigint PRIMARY KEY, text bytea)")
            rows = "INSERT INTO note SELECT n, sha256(n::text::bytea) FROM generate_series(1, {}) n"
            await owner.execute(rows.format(number * 10))
            await owner.close()
            path = self.home.keyring(service)
            path.write_text(json.dumps({"active": "k1", "keys": {"k1": "secret"}}))
        stored = self.home.folder("files", "accreditation") / "object"
        stored.write_bytes(b"sealed")


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Kept]:
    home = Home(tmp_path / "home")
    async with Suite(home, free_base(), env={}, only={"postgres"}) as suite:
        made = Kept(home, suite)
        await made.fill()
        yield made


async def test_every_row_and_file_comes_back_as_it_was(kept: Kept, tmp_path: Path) -> None:
    made = await backup(kept.home, kept.ports, tmp_path / "copy")
    assert {name: one["rows"]["note"] for name, one in made["databases"].items()} == {
        service: number * 10 for number, service in enumerate(SERVICES, 1)
    }
    before = await kept.ask("auth", "SELECT md5(string_agg(text::text, '' ORDER BY id)) FROM note")
    await kept.ask("auth", "DELETE FROM note WHERE id > 3")
    await kept.ask("notify", "DROP TABLE note")
    (kept.home.root / "files" / "accreditation" / "object").write_bytes(b"changed")

    await restore(kept.home, kept.ports, tmp_path / "copy")

    after = await kept.ask("auth", "SELECT md5(string_agg(text::text, '' ORDER BY id)) FROM note")
    assert after == before
    assert await kept.ask("notify", "SELECT count(*) FROM note") == 50
    assert (kept.home.root / "files" / "accreditation" / "object").read_bytes() == b"sealed"
    secret = (kept.home.secrets("auth") / "database_password").read_text()
    address = f"postgresql://auth_app:{secret}@127.0.0.1:{kept.ports.postgres}/auth"
    program = await asyncpg.connect(address)
    assert await program.fetchval("SELECT count(*) FROM note") == 10
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await program.execute("DROP TABLE note")
    await program.close()


async def test_the_copy_holds_no_key_and_needs_them(kept: Kept, tmp_path: Path) -> None:
    made = await backup(kept.home, kept.ports, tmp_path / "copy")

    assert made["keys"] == {one: ["k1"] for one in SERVICES}
    whole = b"".join(one.read_bytes() for one in (tmp_path / "copy").rglob("*") if one.is_file())
    assert b'"secret"' not in whole
    kept.home.keyring("auth").write_text(json.dumps({"active": "k2", "keys": {"k2": "x"}}))
    with pytest.raises(StartFailed, match="auth: k1"):
        await restore(kept.home, kept.ports, tmp_path / "copy")
    assert await kept.ask("auth", "SELECT count(*) FROM note") == 10


async def test_a_copy_with_a_changed_byte_replaces_nothing(kept: Kept, tmp_path: Path) -> None:
    await backup(kept.home, kept.ports, tmp_path / "copy")
    with pytest.raises(StartFailed, match="не пуста"):
        await backup(kept.home, kept.ports, tmp_path / "copy")
    dump = tmp_path / "copy" / "education.dump"
    raw = bytearray(dump.read_bytes())
    raw[len(raw) // 2] ^= 1
    dump.write_bytes(raw)
    await kept.ask("auth", "DELETE FROM note WHERE id > 3")

    with pytest.raises(StartFailed, match="повреждена"):
        await restore(kept.home, kept.ports, tmp_path / "copy")

    assert await kept.ask("auth", "SELECT count(*) FROM note") == 3
    with pytest.raises(StartFailed, match="нет копии"):
        await restore(kept.home, kept.ports, tmp_path / "nowhere")
