"""The way to ESIA through a certified gateway: another protocol, the same checks."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from esia_server import BASE, ISSUER, OID, ScriptedEsia, broken, fault, plain, trusted
from pydantic import SecretStr

from lkmr_auth.clients.esia.gateway import GatewayClient
from lkmr_auth.clients.esia.transport import Transport
from lkmr_esia import TokenPolicy
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.errors import Category, ServiceError

REDIRECT = "https://cabinet.example/auth/callback"
TOKEN, USERINFO = "/auth/token", "/auth/userinfo"


class ScriptedGateway(ScriptedEsia):
    """Answers like a gateway that passes ESIA's tokens through."""

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        path = request.url.path
        if path in self.answers:
            return await self.answers[path](request)
        if path == TOKEN:
            return httpx2.Response(200, json=self.relayed())
        if path == USERINFO:
            return httpx2.Response(200, json={"info": self.info()})
        return httpx2.Response(200, json={})

    def relayed(self, **changes: Any) -> dict[str, Any]:
        made = {"access_token": self.access(), "id_token": self.identity()}
        return (
            made | {"refresh_token": "r" * 36, "token_type": "Bearer", "expires_in": 3600} | changes
        )

    def info(self) -> dict[str, Any]:
        found = {"contacts": self.contacts, "documents": self.documents}
        collections = {name: {"size": len(one), "elements": one} for name, one in found.items()}
        return {**self.person, **collections}


@pytest.fixture
def gateway() -> ScriptedGateway:
    return ScriptedGateway(FakeClock())


@pytest.fixture
def client(gateway: ScriptedGateway, tmp_path: Path) -> GatewayClient:
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(gateway), follow_redirects=False)
    return GatewayClient(
        transport=Transport(BASE, http, gateway.clock),
        policy=TokenPolicy(
            issuer=ISSUER, client_ids=frozenset({"LKMR01"}), certificates=trusted(tmp_path)
        ),
        clock=gateway.clock,
        public_url="https://gateway.example",
        client_id="LKMR01",
        client_secret=SecretStr("shared-secret"),
        scope="openid fullname",
    )


async def reason_of(work: Any) -> str:
    with pytest.raises(ServiceError) as refused:
        await work
    assert refused.value.category is not Category.INTERNAL
    return refused.value.reason


async def test_the_browser_is_sent_to_the_gateway_without_any_secret(client: GatewayClient) -> None:
    url = urlsplit(await client.authorization_url("state-1", REDIRECT))

    assert (url.netloc, url.path) == ("gateway.example", "/auth/authorize")
    assert parse_qs(url.query) == {
        "client_id": ["LKMR01"],
        "response_type": ["code"],
        "provider": ["esia_oauth"],
        "scope": ["openid fullname"],
        "redirect_uri": [REDIRECT],
        "state": ["state-1"],
    }


async def test_a_code_is_exchanged_with_the_secret_and_the_person_comes_in_one_answer(
    client: GatewayClient, gateway: ScriptedGateway
) -> None:
    signed_in = await client.exchange("CODE", REDIRECT)
    person, tokens = await client.fetch_person(signed_in.oid, signed_in.tokens)

    assert (signed_in.oid, signed_in.confirmed, signed_in.second_factor) == (str(OID), True, True)
    assert gateway.form(0) == {
        "client_id": "LKMR01",
        "client_secret": "shared-secret",
        "grant_type": "authorization_code",
        "code": "CODE",
        "redirect_uri": REDIRECT,
    }
    assert person.names.family_name.open() == "Образцова"
    assert person.contacts.phone.open() == "+79000000001"
    assert person.policy_number.open() == "7756510887007010"
    assert tokens == signed_in.tokens
    assert [one.url.path for one in gateway.requests] == [TOKEN, USERINFO]


@pytest.mark.parametrize(
    "changes",
    [
        {"access_token": "eyJhbGciOiJub25lIn0.e30."},
        {"id_token": ""},
        {"refresh_token": ""},
        {"token_type": "mac"},
    ],
)
async def test_tokens_are_checked_as_those_of_the_direct_way(
    client: GatewayClient, gateway: ScriptedGateway, changes: dict[str, str]
) -> None:
    async def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json=gateway.relayed(**changes))

    gateway.answers[TOKEN] = answer

    assert await reason_of(client.exchange("CODE", REDIRECT)) == "ESIA_ANSWER_REFUSED"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (fault(401, "ESIA-008010: no", "invalid_client"), "ESIA_REQUEST_REFUSED"),
        (fault(400, "ESIA-007011: old", "invalid_grant"), "ESIA_CODE_REFUSED"),
        (fault(400, "no words", "invalid_grant"), "ESIA_CODE_REFUSED"),
        (fault(400, "ESIA-007055: level", "access_denied"), "ACCOUNT_NOT_CONFIRMED"),
        (plain(503, b"", retry_after="7"), "ESIA_OVERLOADED"),
        (plain(502), "ESIA_UNAVAILABLE"),
        (broken(httpx2.ConnectError), "ESIA_UNAVAILABLE"),
    ],
)
async def test_a_refusal_means_the_same_as_on_the_direct_way_and_the_code_is_sent_once(
    client: GatewayClient, gateway: ScriptedGateway, answer: Any, reason: str
) -> None:
    gateway.answers[TOKEN] = answer

    assert await reason_of(client.exchange("CODE", REDIRECT)) == reason
    assert len(gateway.requests) == 1


async def test_one_401_renews_the_tokens_once(
    client: GatewayClient, gateway: ScriptedGateway
) -> None:
    tokens = (await client.exchange("CODE", REDIRECT)).tokens
    answers = [httpx2.Response(401), httpx2.Response(200, json={"info": gateway.info()})]

    async def in_turn(_: httpx2.Request) -> httpx2.Response:
        return answers.pop(0)

    gateway.answers[USERINFO] = in_turn
    _, renewed = await client.fetch_person(str(OID), tokens)

    assert gateway.form(-2)["grant_type"] == "refresh_token"
    assert renewed.access_token != tokens.access_token or renewed == tokens
    gateway.answers[USERINFO] = plain(401)
    assert await reason_of(client.fetch_person(str(OID), tokens)) == "ESIA_ANSWER_REFUSED"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"info": []}', b'{"info": {"contacts": 5}}'])
async def test_odd_answers_about_a_person_are_refused(
    client: GatewayClient, gateway: ScriptedGateway, body: bytes
) -> None:
    tokens = (await client.exchange("CODE", REDIRECT)).tokens
    gateway.answers[USERINFO] = plain(200, body)

    assert await reason_of(client.fetch_person(str(OID), tokens)) == "ESIA_ANSWER_REFUSED"


def test_logout_goes_through_the_gateway(client: GatewayClient) -> None:
    url = client.logout_url("https://cabinet.example/")

    assert url.startswith("https://gateway.example/auth/logout?client_id=LKMR01&redirect_uri=https")
