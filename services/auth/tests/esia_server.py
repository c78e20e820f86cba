"""A scripted ESIA in memory: it verifies what our client sends, and answers what a test wants."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx2
import orjson

from lkmr_auth.clients.esia.client import EsiaClient
from lkmr_auth.clients.esia.request import RequestWriter
from lkmr_auth.clients.esia.transport import Transport
from lkmr_esia import TokenPolicy, TrustedCertificates
from lkmr_esia.jose import sign_compact
from lkmr_gost import PrivateKey, SoftwareSigner, generate_private_key, self_signed_certificate
from lkmr_servicekit.clock import FakeClock

BASE, ISSUER, OID = "https://esia.example", "http://esia.gosuslugi.ru/", 1000299001
START, END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
SESSION = "a1510cb2-0112-4af5-8db6-6bc75db40e0e"
Handler = Callable[[httpx2.Request], Awaitable[httpx2.Response]]


@cache
def esia_key() -> PrivateKey:
    return generate_private_key()


@cache
def own_signer() -> SoftwareSigner:
    from lkmr_gost import load_certificate

    key = generate_private_key()
    made = self_signed_certificate(key, common_name="LKMR01", not_before=START, not_after=END)
    return SoftwareSigner(key, load_certificate(made).der)


def trusted(folder: Path) -> TrustedCertificates:
    made = self_signed_certificate(esia_key(), common_name="ESIA", not_before=START, not_after=END)
    (folder / "esia.pem").write_bytes(made)
    return TrustedCertificates(folder, check_every_seconds=0)


@dataclass
class ScriptedEsia:
    """Answers like ESIA; a test replaces the answer of a path by `answers[path]`."""

    clock: FakeClock
    requests: list[httpx2.Request] = field(default_factory=list)
    answers: dict[str, Handler] = field(default_factory=dict)
    sequence: list[Handler] = field(default_factory=list)
    id_changes: dict[str, Any] = field(default_factory=dict)
    person: dict[str, Any] = field(
        default_factory=lambda: {
            "firstName": "Проба",
            "lastName": "Образцова",
            "middleName": "Тестовна",
            "birthDate": "12.03.1984",
            "snils": "900-001-037 98",
            "trusted": True,
            "status": "REGISTERED",
        }
    )
    contacts: list[Any] = field(
        default_factory=lambda: [
            {"type": "MBT", "vrfStu": "VERIFIED", "value": "+7(900)0000001"},
            {"type": "EML", "vrfStu": "VERIFIED", "value": "p@demo.example"},
        ]
    )
    documents: list[Any] = field(
        default_factory=lambda: [
            {"type": "RF_PASSPORT", "vrfStu": "VERIFIED", "number": "123456"},
            {"type": "MDCL_PLCY", "vrfStu": "NOT_VERIFIED", "number": "7756510887007010"},
        ]
    )

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        path = request.url.path
        if path in self.answers:
            return await self.answers[path](request)
        if path == "/aas/oauth2/v3/te":
            scripted = self.sequence.pop(0) if self.sequence else None
            return await scripted(request) if scripted else self.tokens(request)
        contents: dict[str, Any] = {
            f"/rs/prns/{OID}": self.person,
            f"/rs/prns/{OID}/ctts": {"size": 2, "elements": self.contacts},
            f"/rs/prns/{OID}/docs": {"size": 2, "elements": self.documents},
        }
        return httpx2.Response(200, json=contents.get(path, {}))

    def form(self, number: int = -1) -> dict[str, str]:
        """The form of a token request."""
        posts = [one for one in self.requests if one.method == "POST"]
        return {
            name: values[0] for name, values in parse_qs(posts[number].content.decode()).items()
        }

    def tokens(self, request: httpx2.Request, **changes: Any) -> httpx2.Response:
        state = parse_qs(request.content.decode())["state"][0]
        body = {
            "access_token": self.access(),
            "id_token": self.identity(),
            "refresh_token": str(uuid.uuid4()),
            "state": state,
            "token_type": "Bearer",
            "expires_in": 3600,
        }
        return httpx2.Response(200, json=body | changes)

    def access(self, **changes: Any) -> str:
        claims = self._times(3600) | {
            "client_id": "LKMR01",
            "scope": f"fullname?oid={OID} openid",
            "urn:esia:sid": SESSION,
            "urn:esia:sbj_id": OID,
        }
        return _signed("access", 1, claims | changes)

    def identity(self) -> str:
        claims = self._times(10800) | {
            "aud": "LKMR01",
            "sub": OID,
            "amr": "PWD",
            "acr": {"2fa": "otp"},
            "urn:esia:sid": SESSION,
            "urn:esia:sbj": {
                "urn:esia:sbj:typ": "P",
                "urn:esia:sbj:lvl": "PR",
                "urn:esia:sbj:is_tru": True,
                "urn:esia:sbj:oid": OID,
            },
        }
        return _signed("id", 0, claims | self.id_changes)

    def _times(self, seconds: int) -> dict[str, Any]:
        issued = int(self.clock.now().timestamp())
        return {"iss": ISSUER, "iat": issued, "nbf": issued, "exp": issued + seconds}

    def client(self, folder: Path, handler: Handler | None = None) -> EsiaClient:
        http = httpx2.AsyncClient(
            transport=httpx2.MockTransport(handler or self), follow_redirects=False
        )
        return EsiaClient(
            transport=Transport(BASE, http, self.clock),
            writer=RequestWriter(
                signer=own_signer(),
                client_id="LKMR01",
                scope="openid fullname",
                person_filter="conf_acc",
            ),
            policy=TokenPolicy(
                issuer=ISSUER, client_ids=frozenset({"LKMR01"}), certificates=trusted(folder)
            ),
            clock=self.clock,
            public_url=BASE,
            redirect_uri="https://cabinet.example/auth/callback",
        )


def _signed(kind: str, version: int, claims: dict[str, Any]) -> str:
    header = {"ver": version, "typ": "JWT", "sbt": kind}
    return sign_compact(header, orjson.dumps(claims), SoftwareSigner(esia_key(), b""))


def fault(status: int, text: str, error: str = "invalid_request", **headers: str) -> Handler:
    """An answer of the token endpoint that refuses."""

    async def answer(_: httpx2.Request) -> httpx2.Response:
        body = {"error": error, "error_description": text}
        return httpx2.Response(status, json=body, headers=headers)

    return answer


def plain(status: int, body: bytes = b"", **headers: str) -> Handler:
    """Any answer."""

    async def answer(_: httpx2.Request) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx2.Response(status, content=body, headers=named)

    return answer


def broken(kind: type[httpx2.TransportError]) -> Handler:
    """No answer."""

    async def answer(request: httpx2.Request) -> httpx2.Response:
        raise kind("no", request=request)

    return answer


def http_date_of(moment: datetime) -> str:
    return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")


__all__ = ["BASE", "OID", "ScriptedEsia", "broken", "fault", "http_date_of", "plain", "timedelta"]
