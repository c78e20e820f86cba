import base64
import json
import os
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lkmr_accreditation.clients.seal import Seal
from lkmr_accreditation.messaging.announce import announce
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_rig import seal as rig_seal
from lkmr_rig.layout import Home
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    secret = base64.b64encode(os.urandom(32)).decode()
    content = {"active": "k1", "keys": {"k1": secret}, "index_key": secret}
    path: Path = tmp_path_factory.mktemp("keys") / "accreditation.keys"
    path.write_text(json.dumps(content))
    return KeyRing.from_file("accreditation", path)


@pytest.fixture(scope="session")
def seal(tmp_path_factory: pytest.TempPathFactory) -> Seal:
    home = Home(tmp_path_factory.mktemp("seal"))
    rig_seal.make(home)
    secrets = home.secrets("accreditation")
    return Seal(secrets / "seal_certificates", secrets / "seal_key")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(database: Callable[[str], Any]) -> AsyncIterator[Database]:
    async with Database(database("accreditation").url) as opened:
        yield opened


@pytest.fixture
def new_uow(
    store: Database, keys: KeyRing, clock: FakeClock
) -> Callable[[], AccreditationUnitOfWork]:
    return partial(AccreditationUnitOfWork, store, keys=keys, clock=clock, announce=announce)
