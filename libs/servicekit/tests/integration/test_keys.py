"""Keys rotated while the service works: nothing becomes unreadable; foreign keys are refused."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from lkmr.type.v1.act_pb2 import Act

from lkmr_rig.credentials import make_all
from lkmr_rig.guard import free_port
from lkmr_rig.layout import Home
from lkmr_rig.pytest_plugin import TestDatabase
from lkmr_servicekit import keys
from lkmr_servicekit.audit_wire import OutboxJournal
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing, wrapper_of
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.settings import StoredSettings, settings_of
from lkmr_servicekit.transit import Transit

pytestmark = pytest.mark.servers
PLACE = ("vault", "value")
ROWS = 1200
BAO = shutil.which("bao") or shutil.which("bao", path=str(Path(sys.executable).parent))


@dataclass
class Vault:
    """A table with sealed values, each under a key of its own, as services have them."""

    database: TestDatabase
    home: Home

    @property
    def path(self) -> Path:
        return self.home.keyring("notify")

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "NOTIFY_DATABASE_URL": self.database.url,
            "NOTIFY_KEYRING_FILE": str(self.path),
            "NOTIFY_TLS_DIR": "/nowhere",
            "NOTIFY_NATS_URL": "nats://nowhere",
            "PATH": os.environ["PATH"],
            **more,
        }

    def operate(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "lkmr_servicekit.operations", "notify", *words]
        return subprocess.run(
            command, env=self.environment(**more), capture_output=True, text=True, check=False
        )

    async def add(self, pool: asyncpg.Pool, ring: KeyRing, number: int) -> None:
        key = ring.new_data_key()
        sealed = key.seal(f"value {number}".encode(), *PLACE, str(number))
        await pool.execute("INSERT INTO vault VALUES ($1, $2, $3)", number, key.wrapped, sealed)

    async def check(self, pool: asyncpg.Pool, ring: KeyRing) -> int:
        rows = await pool.fetch("SELECT * FROM vault")
        for row in rows:
            key = ring.data_key(row["data_key"])
            plain = key.open(row["value"], *PLACE, str(row["number"]))
            assert plain == f"value {row['number']}".encode()
        return len(rows)


@pytest.fixture
async def vault(database: Callable[..., TestDatabase], tmp_path: Path) -> Vault:
    made = database("notify")
    owner = await asyncpg.connect(made.owner_url)
    await owner.execute(
        "CREATE TABLE vault (number integer PRIMARY KEY, data_key bytea NOT NULL, value bytea)"
    )
    await owner.close()
    home = Home(tmp_path / "home")
    make_all(home)
    return Vault(made, home)


@pytest.fixture
async def store(vault: Vault) -> AsyncIterator[Database]:
    async with Database(vault.database.url) as opened:
        yield opened


@pytest.mark.proves("F-243")
async def test_rotation_while_the_service_reads_and_writes_loses_nothing(
    vault: Vault, store: Database
) -> None:
    ring = KeyRing.from_file("notify", vault.path)
    first = ring.active
    for number in range(ROWS):
        await vault.add(store.pool, ring, number)
    stop, added = asyncio.Event(), ROWS

    async def writes() -> None:
        nonlocal added
        while not stop.is_set():
            await vault.add(store.pool, ring, added)
            added += 1

    async def reads() -> None:
        reader = KeyRing.from_file("notify", vault.path)
        while not stop.is_set():
            await vault.check(store.pool, reader)

    work = [asyncio.create_task(one()) for one in (writes, reads, reads)]
    rotated = await asyncio.to_thread(vault.operate, "keys", "rotate")
    assert rotated.returncode == 0, rotated.stderr
    async with asyncio.timeout(20):  # the writer takes the new key up by itself
        while ring.active == first:
            await asyncio.sleep(0.05)
    moved = await asyncio.to_thread(vault.operate, "keys", "rewrap", "--retire")
    assert moved.returncode == 0, moved.stderr
    stop.set()
    await asyncio.gather(*work)

    fresh = KeyRing.from_file("notify", vault.path)
    assert first not in fresh.keys
    assert await vault.check(store.pool, fresh) == added > ROWS
    wrappers = {wrapper_of(row[0]) for row in await store.pool.fetch("SELECT data_key FROM vault")}
    assert wrappers == {fresh.active}
    shown = await asyncio.to_thread(vault.operate, "keys", "status")
    assert f"{fresh.active}  {added} data keys, active" in shown.stdout
    assert vault.path.stat().st_mode & 0o777 == 0o600
    told = [Act.FromString(row[0]) for row in await store.pool.fetch("SELECT body FROM outbox")]
    assert [act.operation for act in told] == ["keys.rotated", "keys.rewrapped"]


@pytest.mark.proves("F-244")
async def test_the_ring_of_another_service_is_refused_and_journalled(
    vault: Vault, store: Database
) -> None:
    settings = settings_with(vault, keyring_file=vault.home.keyring("auth"))
    journal = OutboxJournal(store, "notify", FakeClock())

    with pytest.raises(ServiceError, match="KEY_RING_FOREIGN"):
        await keys.open_keyring("notify", settings, journal)

    assert await refusals(store) == [("programs/notify", "keyrings/auth", "KEY_RING_FOREIGN")]


def settings_with(vault: Vault, **more: Any) -> StoredSettings:
    class Given(StoredSettings):
        model_config = settings_of("GIVEN_")

    values: dict[str, Any] = {
        "database_url": vault.database.url,
        "keyring_file": vault.path,
        "tls_dir": Path("/nowhere"),
        "nats_url": "nats://nowhere",
        **more,
    }
    return Given(**values)


async def refusals(store: Database) -> list[tuple[str, str, str]]:
    rows = await store.pool.fetch("SELECT body FROM outbox")
    acts = [Act.FromString(row[0]) for row in rows]
    assert {act.operation for act in acts} == {"keys.refused"}
    assert {act.result for act in acts} == {Act.RESULT_DENIED}
    return [(act.actor, act.object, act.reason) for act in acts]


class Bao:
    """A real OpenBao with the Transit keys and policies of two services."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.url = folder, f"http://127.0.0.1:{free_port()}"
        self.process = subprocess.Popen(
            [
                *(str(BAO), "server", "-dev", "-dev-root-token-id=root", "-dev-no-store-token"),
                f"-dev-listen-address={self.url.removeprefix('http://')}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"HOME": str(folder), "PATH": os.environ["PATH"]},
        )

    def ask(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.url}/v1/{path}",
            json.dumps(body or {}).encode() if method != "GET" else None,
            {"X-Vault-Token": "root"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - same
            text = answer.read()
        return json.loads(text) if text else None

    def prepare(self) -> None:
        for _ in range(200):
            try:
                self.ask("GET", "sys/health")
                break
            except OSError:
                assert self.process.poll() is None, "bao ended"
                subprocess.run(["sleep", "0.1"], check=True)
        self.ask("POST", "sys/mounts/transit", {"type": "transit"})
        for service in ("notify", "auth"):
            self.ask("POST", f"transit/keys/{service}", {"type": "aes256-gcm96"})
            rules = "".join(
                f'path "transit/{verb}" {{ capabilities = ["update"] }}\n'
                for verb in (
                    f"encrypt/{service}", f"decrypt/{service}", f"keys/{service}/rotate",
                )
            )  # fmt: skip
            self.ask("PUT", f"sys/policies/acl/{service}", {"policy": rules})
            made = self.ask("POST", "auth/token/create", {"policies": [service]})
            self.token_file(service).write_text(made["auth"]["client_token"])

    def token_file(self, service: str) -> Path:
        return self.folder / f"{service}.token"


@pytest.fixture
def bao(tmp_path: Path) -> Iterator[Bao]:
    if BAO is None:
        pytest.skip("no OpenBao on this machine: scripts/peers installs it")
    started = Bao(tmp_path)
    try:
        started.prepare()
        yield started
    finally:
        started.process.terminate()
        started.process.wait(10)


@pytest.mark.proves("F-244")
async def test_a_key_store_opens_the_ring_for_its_service_alone(
    vault: Vault, store: Database, bao: Bao
) -> None:
    before = KeyRing.from_file("notify", vault.path)
    await vault.add(store.pool, before, 1)
    own = {
        "NOTIFY_TRANSIT_URL": bao.url,
        "NOTIFY_TRANSIT_TOKEN_FILE": str(bao.token_file("notify")),
    }
    sealed = vault.operate("keys", "seal", **own)
    assert sealed.returncode == 0, sealed.stderr
    assert "vault:v1:" in vault.path.read_text()
    await store.pool.execute("DELETE FROM outbox")
    journal = OutboxJournal(store, "notify", FakeClock())
    settings = settings_with(
        vault, transit_url=bao.url, transit_token_file=bao.token_file("notify")
    )

    ring = await keys.open_keyring("notify", settings, journal)
    assert await vault.check(store.pool, ring) == 1
    assert ring.index("c", "v") == before.index("c", "v")

    foreign = settings_with(vault, transit_url=bao.url, transit_token_file=bao.token_file("auth"))
    with pytest.raises(ServiceError, match="KEY_REFUSED"):
        await keys.open_keyring("notify", foreign, journal)
    assert await refusals(store) == [("programs/notify", "keyrings/notify", "KEY_REFUSED")]

    rotated = vault.operate("keys", "rotate", **own)
    assert rotated.returncode == 0, rotated.stderr
    moved = vault.operate("keys", "rewrap", "--retire", **own)
    assert moved.returncode == 0, moved.stderr
    assert "vault:v1:" not in vault.path.read_text()
    assert await vault.check(store.pool, settings.keyring("notify")) == 1
    assert await vault.check(store.pool, ring) == 1  # the running process took it up


async def test_a_sealed_value_is_bound_to_its_service_and_key(bao: Bao) -> None:
    store = Transit(bao.url, "notify", bao.token_file("notify"))
    sealed = store.seal(b"secret", "notify/k1")

    assert store.open(sealed, "notify/k1") == b"secret"
    with pytest.raises(ServiceError, match="STORED_DATA_DAMAGED"):
        store.open(sealed, "notify/k2")


@pytest.mark.proves("F-237")
def test_a_key_store_that_is_away_is_told_as_such(tmp_path: Path) -> None:
    away = Transit(f"http://127.0.0.1:{free_port()}", "notify", None)

    with pytest.raises(ServiceError, match="KEY_STORE_UNAVAILABLE"):
        away.seal(b"x", "notify/k1")
