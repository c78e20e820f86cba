"""A partner edge over real TLS, with played services behind it, and a partner before it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import orjson
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from lkmr.accreditation.v1 import accreditation_service_pb2 as accreditation
from lkmr.partner.v1 import specialist_service_pb2 as pb
from lkmr.partner.v1.specialist_service_pb2_grpc import (
    SpecialistServiceStub,
    add_SpecialistServiceServicer_to_server,
)

from lkmr_esia import TokenPolicy, TrustedCertificates
from lkmr_esia.jose import sign_compact
from lkmr_gateway.partner.admission import SERVICE, Admission
from lkmr_gateway.partner.certificate import read_certificate
from lkmr_gateway.partner.config import Config
from lkmr_gateway.partner.gate import Gate
from lkmr_gateway.partner.journal import Journal
from lkmr_gateway.partner.registry import Registry
from lkmr_gateway.partner.server import PartnerServer
from lkmr_gateway.partner.servicer import Servicer, Wake
from lkmr_gateway.partner.tokens import PartnerTokens
from lkmr_gost import SoftwareSigner, generate_private_key, self_signed_certificate
from lkmr_rig import tls
from lkmr_rig.layout import Home
from lkmr_servicekit.audit import Act
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.errors import Category, ServiceError

ISSUER = "http://esia.gosuslugi.ru/"
FROM, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 1, 1, tzinfo=UTC)
GROUNDS = pb.Grounds(purpose="EMPLOYMENT", basis="323-FZ-69", request_number="17")


@dataclass
class Edge:
    """The edge under test and what its played neighbours noted."""

    home: Home
    signer: SoftwareSigner
    acts: list[Act] = field(default_factory=list)
    journal_away: bool = False
    changes: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    wake: Wake = field(default_factory=Wake)
    port: int = 0

    @property
    def registry(self) -> Path:
        return self.home.partners

    async def record(self, acts: Sequence[Act]) -> None:
        if self.journal_away:
            raise ServiceError("PEER_UNAVAILABLE", Category.UNAVAILABLE)
        self.acts += acts

    async def report(self, act: Act) -> None:
        self.acts.append(act)

    async def check(
        self, partner: str, quota: int, queries: Sequence[Any]
    ) -> Sequence[accreditation.SpecialistStanding]:
        """Plays `accreditation`: whoever has a SNILS that ends in 1 is accredited."""
        assert (partner, quota) == ("one", 100_000)
        return [
            accreditation.SpecialistStanding(
                verdict="ACCREDITED" if one.snils.endswith("1") else "WORKER_UNKNOWN",
                worker=f"workers/{number}" if one.snils.endswith("1") else "",
            )
            for number, one in enumerate(queries)
        ]

    async def changes_after(self, cursor: str, _: int) -> tuple[Sequence[Any], str]:
        """Plays the feed: what lies in the queue is new."""
        found = []
        while not self.changes.empty():
            found.append(accreditation.EntryChange(accreditation=self.changes.get_nowait()))
        return found, str(int(cursor or 0) + len(found))

    def token(self, **changes: Any) -> str:
        """An access token of a system, as ESIA makes them."""
        now = int(datetime.now(UTC).timestamp())
        claims = {
            "nbf": now, "iat": now, "exp": now + 3600, "iss": ISSUER, "client_id": "PARTNER01",
            "scope": "http://esia.gosuslugi.ru/org_inf?org_oid=77",
        } | changes  # fmt: skip
        header = {"ver": 1, "typ": "JWT", "sbt": "access", "alg": "GOST3410_2012_256"}
        return sign_compact(header, orjson.dumps(claims), self.signer)

    def credentials(self, name: str = "partner-demo") -> grpc.ChannelCredentials:
        folder = self.home.tls()
        pair = (folder / f"{name}.key", folder / f"{name}.pem")
        if name != "partner-demo":
            pair = (self.home.tls(name) / "key.pem", self.home.tls(name) / "cert.pem")
        return grpc.ssl_channel_credentials(
            (folder / "ca.pem").read_bytes(), pair[0].read_bytes(), pair[1].read_bytes()
        )

    @asynccontextmanager
    async def partner(self, name: str = "partner-demo") -> AsyncIterator[SpecialistServiceStub]:
        address = f"localhost:{self.port}"
        async with grpc.aio.secure_channel(address, self.credentials(name)) as channel:
            yield SpecialistServiceStub(channel)

    def register(self, more: str = "", pin: str = "") -> None:
        """The register with one partner; takes effect when the edge looks next."""
        shown = read_certificate((self.home.tls() / "partner-demo.pem").read_bytes())
        assert shown is not None
        self.registry.write_text(
            f"""
[[partner]]
id = "one"
title = "Система"
esia_client_ids = ["PARTNER01"]
scopes = ["specialists.check", "specialists.watch"]
purposes = ["EMPLOYMENT"]
bases = ["323-FZ-69"]
{more}
[[partner.certificates]]
issuer = "{shown.issuer}"
identity = "{tls.PARTNER}"
key_sha256 = "{shown.key_sha256}"
{pin}
""",
            encoding="utf-8",
        )


@asynccontextmanager
async def partner_edge(folder: Path, *, reflection: bool = False) -> AsyncIterator[Edge]:
    """Everything of the process but its connections to our services."""
    home = Home(folder / "home")
    tls.make_all(home)
    key = generate_private_key()
    certificate = self_signed_certificate(key, common_name="ESIA", not_before=FROM, not_after=UNTIL)
    (home.esia_certificates / "esia.pem").write_bytes(certificate)
    edge = Edge(home, SoftwareSigner(key, certificate))
    edge.register()
    served = home.tls("partner-edge")
    config = Config(
        listen="localhost:0",
        server_cert=served / "cert.pem",
        server_key=served / "key.pem",
        client_ca=served / "ca.pem",
        registry_file=home.partners,
        reflection=reflection,
        tls_dir=home.tls("partner"),
        nats_url="",
        auth_url="",
        accreditation_url="",
        esia_trust_certs_dir=home.esia_certificates,
    )
    registry, clock = Registry(config.registry_file), SystemClock()
    trusted = TrustedCertificates(config.esia_trust_certs_dir)

    def policy() -> TokenPolicy:
        return TokenPolicy(
            issuer=ISSUER,
            client_ids=registry.client_ids(),
            certificates=trusted,
            system_tokens=True,
        )

    admission = Admission(registry, PartnerTokens(policy, clock), warn_days=10)
    server = PartnerServer(config, Gate(admission, Journal(edge.record, edge.report, clock)))

    class Played:
        check = staticmethod(edge.check)
        changes = staticmethod(edge.changes_after)

    servicer: Any = Servicer(Played(), registry, edge.wake)  # type: ignore[arg-type]
    add_SpecialistServiceServicer_to_server(servicer, server.grpc)
    server.names.append(SERVICE)
    async with server:
        edge.port = server.port
        yield edge


def reason_of(fault: grpc.aio.AioRpcError) -> tuple[str, str, dict[str, str]]:
    """Status, reason and metadata of a refusal."""
    status = rpc_status.from_call(fault)
    info = error_details_pb2.ErrorInfo()
    if status is None:
        return fault.code().name, "", {}
    status.details[0].Unpack(info)
    return fault.code().name, info.reason, dict(info.metadata)


def days_ahead(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
