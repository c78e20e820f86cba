"""A contract of the suite, borrowed for tests of the kit."""

from pathlib import Path
from typing import Any, TypeVar

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from lkmr.notify.v1 import notify_service_pb2 as pb

from lkmr_rig.layout import Home
from lkmr_rig.tls import make_all
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.grpc_server import Rule
from lkmr_servicekit.identity import TokenSigner, TokenVerifier

BORROWED = pb.DESCRIPTOR.services_by_name["NotifyService"]
SERVICE = BORROWED.full_name
P = TypeVar("P", bound=type[Any])
CLOCK = FakeClock()
SIGNER = TokenSigner("k1", Ed25519PrivateKey.generate(), CLOCK)


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of all programs, a folder each."""
    home = Home(tmp_path_factory.mktemp("tls"))
    make_all(home)
    return home.root / "tls"


def a_verifier() -> TokenVerifier:
    """A verifier that knows the key of `SIGNER`."""

    async def keys() -> dict[str, bytes]:
        return {"k1": SIGNER.key.public_key().public_bytes_raw()}

    return TokenVerifier(keys, CLOCK)


def whole(probe: P) -> P:
    """A servicer that plays a part of the contract, made whole: its other methods refuse.

    The contract grows with its own service; a probe does not have to know of that.
    """

    async def refuse(_: Any, __: Any, ___: Any) -> Any:
        raise ServiceError("NOT_PLAYED", Category.UNAVAILABLE)

    for method in BORROWED.methods:
        if method.name not in vars(probe):
            setattr(probe, method.name, refuse)
    return probe


def rules(**played: Rule) -> dict[str, Rule]:
    """A rule for each method of the contract; those that are not played are for nobody."""
    return {
        f"/{SERVICE}/{method.name}": played.get(method.name, Rule.programs())
        for method in BORROWED.methods
    }
