import asyncio
import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from esia_server import BASE, OID, ScriptedEsia, broken, fault, http_date_of, own_signer, plain
from hypothesis import given, settings
from hypothesis import strategies as st

from lkmr_auth.clients.esia.client import EsiaClient
from lkmr_auth.clients.esia.request import RequestWriter
from lkmr_auth.clients.esia.response import (
    Answer,
    person_of,
    refusal_of_error,
    refusal_of_status,
    refusal_of_token_answer,
    retry_after,
)
from lkmr_auth.clients.esia.transport import new_http
from lkmr_auth.domain.health import EsiaState
from lkmr_esia import requests as strings
from lkmr_gost import load_certificate
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.errors import Category, ServiceError

REDIRECT = "https://cabinet.example/auth/callback"
TOKEN_PATH, PERSON_PATH = "/aas/oauth2/v3/te", f"/rs/prns/{OID}"
NOW = datetime(2026, 11, 23, 11, 32, tzinfo=UTC)
WORKS = b'{"code":"MAINTENANCE","until":"2026-11-23T12:00:00Z"}'


@pytest.fixture
def esia() -> ScriptedEsia:
    return ScriptedEsia(FakeClock())


@pytest.fixture
def client(esia: ScriptedEsia, tmp_path: Path) -> EsiaClient:
    return esia.client(tmp_path)


def signed_by_us(text: str, secret: str) -> bool:
    certificate = load_certificate(own_signer().certificate)
    return certificate.key.verify(text.encode(), strings.decode_secret(secret))  # type: ignore[union-attr]


async def reason_of(work: object) -> tuple[str, dict[str, str]]:
    with pytest.raises(ServiceError) as refused:
        await work  # type: ignore[misc]
    assert refused.value.category is not Category.INTERNAL
    return refused.value.reason, refused.value.metadata


async def test_the_request_is_signed_over_the_right_values_in_the_right_order(
    client: EsiaClient,
) -> None:
    url = await client.authorization_url("0e2e6a1c-3c2f-4d0a-9b7e-1f2a3b4c5d6e", REDIRECT)

    parts = urlsplit(url)
    sent = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{BASE}/aas/oauth2/v2/ac"
    assert sent["timestamp"] == "2026.11.23 14:32:00 +0300"
    assert "%2B0300" in parts.query
    assert sent["access_type"] == "offline"
    assert base64.b64decode(sent["person_filter"]) == b"conf_acc"
    assert len(sent["client_certificate_hash"]) == 64
    assert signed_by_us(
        "LKMR01openid fullname2026.11.23 14:32:00 +0300"
        f"0e2e6a1c-3c2f-4d0a-9b7e-1f2a3b4c5d6e{REDIRECT}",
        sent["client_secret"],
    )


async def test_organisation_scopes_follow_the_personal_ones_in_the_signed_string() -> None:
    writer = RequestWriter(
        signer=own_signer(), client_id="LKMR01", scope="openid", scope_org="org_inn"
    )

    query = parse_qs(await writer.authorization("s", "u", NOW))
    request = await writer.code_exchange("CODE", "u", NOW)

    assert query["scope_org"] == ["org_inn"]
    assert signed_by_us("LKMR01openidorg_inn2026.11.23 14:32:00 +0300su", query["client_secret"][0])
    assert signed_by_us(
        f"LKMR01openidorg_inn2026.11.23 14:32:00 +0300{request.state}uCODE",
        request.form["client_secret"],
    )


async def test_a_code_is_exchanged_with_a_state_of_its_own(
    esia: ScriptedEsia, client: EsiaClient
) -> None:
    found = await client.exchange("CODE", REDIRECT)

    form = esia.form()
    assert form["grant_type"] == "authorization_code"
    assert form["token_type"] == "Bearer"
    assert form["redirect_uri"] == REDIRECT
    assert signed_by_us(
        f"LKMR01openid fullname{form['timestamp']}{form['state']}{REDIRECT}CODE",
        form["client_secret"],
    )
    assert (found.oid, found.confirmed, found.second_factor) == (str(OID), True, True)
    assert found.tokens.expire_time == NOW + timedelta(hours=1)
    assert "eyJ" not in repr(found)


async def test_each_request_has_a_fresh_state(esia: ScriptedEsia, client: EsiaClient) -> None:
    await client.exchange("CODE", REDIRECT)
    await client.exchange("CODE", REDIRECT)

    assert esia.form(0)["state"] != esia.form(1)["state"]


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "another"},
        {"state": None},
        {"access_token": "a.b.c"},
        {"access_token": 5},
        {"id_token": ""},
        {"refresh_token": None},
        {"token_type": "mac"},
    ],
)
async def test_an_answer_that_does_not_pass_its_checks_is_refused(
    esia: ScriptedEsia, client: EsiaClient, changes: dict[str, object]
) -> None:
    async def answer(request: httpx2.Request) -> httpx2.Response:
        return esia.tokens(request, **changes)

    esia.answers[TOKEN_PATH] = answer

    assert (await reason_of(client.exchange("CODE", REDIRECT)))[0] == "ESIA_ANSWER_REFUSED"


async def test_tokens_of_different_people_are_refused(
    esia: ScriptedEsia, client: EsiaClient
) -> None:
    async def answer(request: httpx2.Request) -> httpx2.Response:
        return esia.tokens(request, access_token=esia.access(**{"urn:esia:sbj_id": 7}))

    esia.answers[TOKEN_PATH] = answer

    assert (await reason_of(client.exchange("CODE", REDIRECT)))[0] == "ESIA_ANSWER_REFUSED"


@pytest.mark.parametrize(
    ("changes", "confirmed", "second"),
    [
        ({}, True, True),
        ({"acr": None}, True, False),
        ({"acr": {}, "amr": "DS"}, True, True),
        (
            {"urn:esia:sbj": {"urn:esia:sbj:oid": OID, "urn:esia:sbj:lvl": "P"}},
            False,
            True,
        ),
    ],
)
async def test_level_and_factor_are_read_from_the_id_token(
    esia: ScriptedEsia,
    client: EsiaClient,
    changes: dict[str, object],
    *,
    confirmed: bool,
    second: bool,
) -> None:
    esia.id_changes = changes

    found = await client.exchange("CODE", REDIRECT)

    assert (found.confirmed, found.second_factor) == (confirmed, second)


@pytest.mark.parametrize(
    ("answer", "reason", "metadata"),
    [
        (fault(400, "ESIA-007011: code", "invalid_grant"), "ESIA_CODE_REFUSED", {}),
        (fault(400, "нет", "invalid_grant"), "ESIA_CODE_REFUSED", {}),
        (
            fault(400, "ESIA-007053: OAuthErrorEnum.clientSecretWrong", "access_denied"),
            "ESIA_REQUEST_REFUSED",
            {"esia_code": "ESIA-007053"},
        ),
        (
            fault(400, "ESIA-007005", "unauthorized_client"),
            "ESIA_REQUEST_REFUSED",
            {"esia_code": "ESIA-007005"},
        ),
        (fault(500, "ESIA-007007", "server_error"), "ESIA_UNAVAILABLE", {}),
        (fault(400, "ESIA-007008"), "ESIA_OVERLOADED", {"seconds": "30"}),
        (plain(500, b"<html>oops</html>"), "ESIA_UNAVAILABLE", {}),
        (plain(400, b"<html>oops</html>"), "ESIA_UNAVAILABLE", {}),
        (plain(200, b"<html>oops</html>"), "ESIA_ANSWER_REFUSED", {}),
        (plain(200, b"[]"), "ESIA_ANSWER_REFUSED", {}),
        (plain(302, b"", location="https://evil.example/"), "ESIA_UNAVAILABLE", {}),
        (plain(429, b"", retry_after="17"), "ESIA_OVERLOADED", {"seconds": "17"}),
        (plain(503, b"", retry_after="5"), "ESIA_OVERLOADED", {"seconds": "5"}),
        (plain(503, WORKS), "ESIA_MAINTENANCE", {"end_time": "2026-11-23T12:00:00Z"}),
        (
            plain(503, "<html>Плановые работы</html>".encode(), retry_after="60"),
            "ESIA_MAINTENANCE",
            {"end_time": "2026-11-23T11:33:00Z"},
        ),
        (plain(503), "ESIA_UNAVAILABLE", {}),
        (plain(200, b"x" * 70_000), "ESIA_ANSWER_REFUSED", {}),
        (broken(httpx2.ConnectError), "ESIA_UNAVAILABLE", {}),
        (broken(httpx2.ReadTimeout), "ESIA_UNAVAILABLE", {}),
        (broken(httpx2.RemoteProtocolError), "ESIA_UNAVAILABLE", {}),
    ],
)
async def test_a_code_is_sent_once_whatever_happens(
    esia: ScriptedEsia,
    client: EsiaClient,
    answer: object,
    reason: str,
    metadata: dict[str, str],
) -> None:
    esia.answers[TOKEN_PATH] = answer  # type: ignore[assignment]

    assert await reason_of(client.exchange("CODE", REDIRECT)) == (reason, metadata)
    assert len(esia.requests) == 1


async def test_a_wrong_clock_is_measured_and_the_request_repeated_once(
    esia: ScriptedEsia, client: EsiaClient
) -> None:
    esia.sequence = [fault(400, "ESIA-007015: time")]
    esia.answers["/"] = plain(200, date=http_date_of(NOW + timedelta(seconds=40)))

    await client.exchange("CODE", REDIRECT)

    assert esia.form(0)["timestamp"] == "2026.11.23 14:32:00 +0300"
    assert esia.form(1)["timestamp"] == "2026.11.23 14:32:40 +0300"
    assert esia.form(0)["state"] != esia.form(1)["state"]
    url = await client.authorization_url("s", REDIRECT)
    assert parse_qs(urlsplit(url).query)["timestamp"] == ["2026.11.23 14:32:40 +0300"]


async def test_a_clock_that_stays_wrong_is_refused_and_not_learned(
    esia: ScriptedEsia, client: EsiaClient
) -> None:
    esia.answers[TOKEN_PATH] = fault(400, "ESIA-007015: time")
    esia.answers["/"] = plain(200, date=http_date_of(NOW + timedelta(days=9)))

    assert (await reason_of(client.exchange("CODE", REDIRECT)))[0] == "ESIA_REQUEST_REFUSED"
    assert len([one for one in esia.requests if one.method == "POST"]) == 2
    url = await client.authorization_url("s", REDIRECT)
    assert parse_qs(urlsplit(url).query)["timestamp"] == ["2026.11.23 14:32:00 +0300"]


async def test_a_person_is_put_together_from_parts(esia: ScriptedEsia, client: EsiaClient) -> None:
    signed_in = await client.exchange("CODE", REDIRECT)

    person, tokens = await client.fetch_person(signed_in.oid, signed_in.tokens)

    assert person.names.greeting() == "Проба Тестовна"
    assert person.birth_date.open() == "1984-03-12"
    assert person.policy_number.open() == "7756510887007010"
    assert person.contacts.phone.open() == "+79000000001"
    assert tokens == signed_in.tokens
    bearer = f"Bearer {tokens.access_token.open()}"
    gets = [one for one in esia.requests if one.method == "GET"]
    assert [one.headers["authorization"] for one in gets] == [bearer] * 3


async def test_one_question_brings_contacts_and_documents_too(
    esia: ScriptedEsia, client: EsiaClient
) -> None:
    signed_in = await client.exchange("CODE", REDIRECT)
    asked = len(esia.requests)
    esia.person |= {
        "contacts": {"size": 2, "elements": esia.contacts},
        "documents": {"size": 2, "elements": esia.documents},
    }

    person, _ = await client.fetch_person(signed_in.oid, signed_in.tokens)

    assert person.contacts.phone.open() == "+79000000001"
    assert person.policy_number.open() == "7756510887007010"
    (only,) = esia.requests[asked:]
    assert only.url.params["embed"] == "(contacts.elements,documents.elements)"


async def test_a_refused_embed_is_asked_for_part_by_part(
    esia: ScriptedEsia, client: EsiaClient
) -> None:
    signed_in = await client.exchange("CODE", REDIRECT)

    async def no_embed(request: httpx2.Request) -> httpx2.Response:
        if "embed" in request.url.params:
            return httpx2.Response(403, json={"code": "ESIA-005029"})
        return httpx2.Response(200, json=esia.person)

    esia.answers[PERSON_PATH] = no_embed

    person, _ = await client.fetch_person(signed_in.oid, signed_in.tokens)

    assert person.contacts.phone.open() == "+79000000001"
    assert person.policy_number.open() == "7756510887007010"


async def test_a_part_without_its_scope_leaves_the_field_unknown(
    esia: ScriptedEsia, client: EsiaClient
) -> None:
    signed_in = await client.exchange("CODE", REDIRECT)
    refusal = plain(403, b'[{"code":"ESIA-005029","message":"scopeNotAllowed"}]')
    esia.answers[f"{PERSON_PATH}/docs"] = esia.answers[f"{PERSON_PATH}/ctts"] = refusal

    person, _ = await client.fetch_person(signed_in.oid, signed_in.tokens)

    assert person.policy_number.open() == ""
    assert person.contacts.email.open() == ""


async def test_one_401_renews_the_tokens_once(esia: ScriptedEsia, client: EsiaClient) -> None:
    signed_in = await client.exchange("CODE", REDIRECT)
    old = signed_in.tokens.access_token.open()

    async def only_new(request: httpx2.Request) -> httpx2.Response:
        if request.headers["authorization"] == f"Bearer {old}":
            return httpx2.Response(401, json={"code": "ESIA-005013"})
        return httpx2.Response(200, json=esia.person)

    esia.clock.move(seconds=1)
    esia.answers[PERSON_PATH] = only_new

    person, tokens = await client.fetch_person(signed_in.oid, signed_in.tokens)

    assert person.trusted
    assert tokens != signed_in.tokens
    assert esia.form()["grant_type"] == "refresh_token"
    esia.answers[PERSON_PATH] = plain(401, b"{}")
    assert (await reason_of(client.fetch_person(signed_in.oid, tokens)))[0] == (
        "ESIA_ANSWER_REFUSED"
    )


async def test_links_are_followed_on_the_host_of_esia_only(
    esia: ScriptedEsia, client: EsiaClient
) -> None:
    signed_in = await client.exchange("CODE", REDIRECT)
    esia.contacts = [
        f"{BASE}{PERSON_PATH}/ctts/601",
        "https://evil.example/rs/prns/1/ctts/602",
        f"{BASE}/aas/oauth2/v3/te",
        f"{BASE}/rs/../secret",
        "http://[broken",
    ]
    contact = b'{"type":"EML","vrfStu":"VERIFIED","value":"linked@demo.example"}'
    esia.answers[f"{PERSON_PATH}/ctts/601"] = plain(200, contact)

    person, _ = await client.fetch_person(signed_in.oid, signed_in.tokens)

    assert person.contacts.email.open() == "linked@demo.example"
    assert {one.url.host for one in esia.requests} == {"esia.example"}
    assert not any("secret" in one.url.path for one in esia.requests)


async def test_a_contact_that_nobody_verified_is_not_used(
    esia: ScriptedEsia, client: EsiaClient
) -> None:
    signed_in = await client.exchange("CODE", REDIRECT)
    esia.contacts = [{"type": "MBT", "vrfStu": "NOT_VERIFIED", "value": "+7(900)0000009"}]

    person, _ = await client.fetch_person(signed_in.oid, signed_in.tokens)

    assert person.contacts.phone.open() == ""


async def test_reading_is_tried_again_after_a_passing_fault(
    esia: ScriptedEsia, client: EsiaClient
) -> None:
    signed_in = await client.exchange("CODE", REDIRECT)
    answers = [plain(500, b"<html>"), plain(200, b'{"elements":[]}')]

    async def in_turn(request: httpx2.Request) -> httpx2.Response:
        return await answers.pop(0)(request)

    esia.answers[f"{PERSON_PATH}/docs"] = in_turn

    person, _ = await client.fetch_person(signed_in.oid, signed_in.tokens)

    assert person.policy_number.open() == ""
    assert not answers


async def test_renewal_tries_the_other_reading_once_and_remembers_it(
    esia: ScriptedEsia, client: EsiaClient
) -> None:
    signed_in = await client.exchange("CODE", REDIRECT)
    secret = signed_in.tokens.refresh_token.open()
    esia.sequence = [fault(400, "ESIA-007053: secret", "access_denied")]

    renewed = await client.refresh(signed_in.tokens)

    first, second = esia.form(-2), esia.form(-1)
    assert signed_by_us(
        f"LKMR01openid fullname{first['timestamp']}{first['state']}{REDIRECT}",
        first["client_secret"],
    )
    assert signed_by_us(
        f"LKMR01openid fullname{second['timestamp']}{second['state']}{secret}",
        second["client_secret"],
    )
    assert "client_certificate_hash" not in second
    await client.refresh(renewed)
    assert "client_certificate_hash" not in esia.form(-1)


async def test_a_refused_refresh_token_is_told_apart_from_esia_being_away(
    esia: ScriptedEsia, client: EsiaClient
) -> None:
    signed_in = await client.exchange("CODE", REDIRECT)
    esia.answers[TOKEN_PATH] = fault(400, "ESIA-007011", "invalid_grant")
    assert (await reason_of(client.refresh(signed_in.tokens)))[0] == "ESIA_CODE_REFUSED"
    esia.answers[TOKEN_PATH] = broken(httpx2.ConnectError)
    assert (await reason_of(client.refresh(signed_in.tokens)))[0] == "ESIA_UNAVAILABLE"


@pytest.mark.parametrize(
    ("answer", "reason", "state"),
    [
        (broken(httpx2.ConnectError), "ESIA_UNAVAILABLE", EsiaState.DOWN),
        (plain(500, b"<html>"), "ESIA_UNAVAILABLE", EsiaState.DOWN),
        (plain(503, WORKS), "ESIA_MAINTENANCE", EsiaState.MAINTENANCE),
        (plain(429, retry_after="9"), "ESIA_OVERLOADED", EsiaState.OVERLOADED),
    ],
)
async def test_a_probe_tells_trouble_and_recovery_at_once(
    esia: ScriptedEsia, client: EsiaClient, answer: object, reason: str, state: EsiaState
) -> None:
    await client.probe()
    esia.answers["/"] = answer  # type: ignore[assignment]

    assert (await reason_of(client.probe()))[0] == reason
    assert client.health().state is state
    del esia.answers["/"]
    await client.probe()
    assert client.health().state is EsiaState.UP


async def test_a_page_that_does_not_know_head_still_answers(
    esia: ScriptedEsia, client: EsiaClient
) -> None:
    esia.answers["/"] = plain(405)
    await client.probe()


def test_logout_returns_by_the_name_that_esia_knows(client: EsiaClient) -> None:
    url = client.logout_url("https://cabinet.example/")

    assert url == (
        f"{BASE}/idp/ext/Logout?client_id=LKMR01&redirect_url=https%3A%2F%2Fcabinet.example%2F"
    )


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@settings(deadline=None)
@given(
    person=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("firstName", "lastName", "middleName", "birthDate", "snils", "trusted"), ANYTHING
        ),
    )
    | ANYTHING,
    parts=st.lists(
        st.fixed_dictionaries(
            {}, optional=dict.fromkeys(("type", "vrfStu", "value", "number"), ANYTHING)
        )
        | ANYTHING,
        max_size=3,
    ),
)
def test_odd_people_are_refused_not_guessed(person: object, parts: list[object]) -> None:
    try:
        found = person_of(person, parts, parts)
    except ServiceError as refused:
        assert refused.reason == "ESIA_ANSWER_REFUSED"
    else:
        assert isinstance(found.trusted, bool)


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_error_is_some_refusal(error: str, code: str) -> None:
    assert refusal_of_error(error, code).category is not Category.INTERNAL


@given(st.integers(200, 599), st.binary(max_size=60), st.text(max_size=20))
def test_any_answer_is_some_refusal(status: int, body: bytes, header: str) -> None:
    answer = Answer(status, {"retry-after": header}, body)

    assert refusal_of_token_answer(answer, NOW).reason.startswith(("ESIA_", "ACCOUNT_", "SECOND_"))
    assert refusal_of_status(answer, NOW).reason.startswith("ESIA_")
    assert 0 <= retry_after(header, NOW) <= 3600


def test_retry_after_may_be_a_date() -> None:
    assert retry_after(http_date_of(NOW + timedelta(seconds=90)), NOW) == 90
    assert retry_after(http_date_of(NOW - timedelta(seconds=90)), NOW) == 0
    assert retry_after("²", NOW) == 0


async def test_a_crowd_shares_one_look(esia: ScriptedEsia, client: EsiaClient) -> None:
    esia.answers["/"] = broken(httpx2.ConnectError)

    reasons = await asyncio.gather(*(reason_of(client.probe()) for _ in range(50)))

    assert {reason for reason, _ in reasons} == {"ESIA_UNAVAILABLE"}
    assert len(esia.requests) == 1


async def test_cookies_of_esia_are_not_kept(esia: ScriptedEsia) -> None:
    async with new_http() as http:
        http._transport = httpx2.MockTransport(esia)
        esia.answers["/"] = plain(200, set_cookie="ESIA_BROWSER=1; Path=/")
        await http.get(f"{BASE}/")
        await http.get(f"{BASE}/")

    assert "cookie" not in esia.requests[-1].headers
