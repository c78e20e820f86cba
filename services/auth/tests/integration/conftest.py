import base64
import json
import os
from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest
from auth_fakes import World

from lkmr_auth.messaging.announce import announcement_of
from lkmr_auth.storage.unit_of_work import StoredUnitOfWork
from lkmr_rig.pytest_plugin import TestDatabase
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing


@pytest.fixture(scope="session")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    secret = base64.b64encode(os.urandom(32)).decode()
    path = tmp_path_factory.mktemp("keys") / "auth.keys"
    content = {"active": "k1", "keys": {"k1": secret}, "index_key": secret}
    path.write_text(json.dumps(content))
    return KeyRing.from_file("auth", path)


@pytest.fixture(scope="module")
def auth_database(database: Callable[..., TestDatabase]) -> TestDatabase:
    return database("auth")


@pytest.fixture
async def store(auth_database: TestDatabase) -> AsyncIterator[Database]:
    async with Database(auth_database.url) as opened:
        yield opened


@pytest.fixture
def world(store: Database, keyring: KeyRing) -> World:
    made = World()
    made.new_uow = partial(
        StoredUnitOfWork, store, keyring, clock=made.clock, announcement=announcement_of
    )
    return made
