"""Faults in the order and form in which ESIA reports them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import RunningStandIn, SmsSink
from esia_mini_client import Change, MiniClient, code_of, returned, stamp, unpadded

pytestmark = pytest.mark.servers


def refused(client: MiniClient, **changes: Any) -> dict[str, str]:
    answer = client.get("/aas/oauth2/v2/ac", params=client.authorization(**changes))
    assert answer.status_code == 302
    return returned(answer)


def test_a_wrong_signature_is_007053_by_redirect(client: MiniClient) -> None:
    state = "5b1f6b9e-8d1c-4a57-a3a4-0c9d2e7f6a10"

    answer = refused(client, state=state, client_secret=unpadded(bytes(64)))

    assert answer["error"] == "access_denied"
    assert answer["error_description"].startswith("ESIA-007053")
    assert answer["state"] == state


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_secret": "!!!"}, "ESIA-007053"),
        ({"client_certificate_hash": "0" * 64}, "ESIA-007053"),
        ({"client_certificate_hash": None}, "ESIA-007014"),
        ({"access_type": None}, "ESIA-007014"),
        ({"timestamp": "2026-01-15T09:30:00+03:00"}, "ESIA-007014"),
        ({"timestamp": timedelta(minutes=-6)}, "ESIA-007015"),
        ({"timestamp": timedelta(minutes=6)}, "ESIA-007015"),
        ({"response_type": "token"}, "ESIA-007009"),
        ({"scope": None}, "ESIA-007013"),
        ({"scope": "openid everything"}, "ESIA-007006"),
        ({"scope_org": "fullname"}, "ESIA-007006"),
        ({"access_type": "sometimes"}, "ESIA-007003"),
        ({"code_challenge": "short"}, "ESIA-007003"),
        ({"person_filter": "???"}, "ESIA-007003"),
        ({"permissions": unpadded(b"[]")}, "ESIA-036700"),
        ({"permissions": unpadded(b'[{"sysname":"APIPGU"}]')}, "ESIA-036705"),
    ],
)
def test_each_fault_of_a_request_has_its_code(
    changes: dict[str, Change], code: str, client: MiniClient
) -> None:
    assert refused(client, **changes)["error_description"][:11] == code


def test_the_missing_parameter_is_named_in_brackets(client: MiniClient) -> None:
    text = refused(client, client_certificate_hash=None)["error_description"]

    assert text.endswith("mandatory parameter [client_certificate_hash].")


def test_a_plus_sent_as_a_blank_is_a_missing_timestamp(client: MiniClient) -> None:
    assert (
        "[timestamp]" in refused(client, timestamp=stamp().replace("+", " "))["error_description"]
    )


def test_a_scope_outside_the_application_is_refused(new_client: Callable[..., MiniClient]) -> None:
    client = new_client(scopes=["openid", "fullname"])

    assert refused(client)["error_description"].startswith("ESIA-007006")


def test_the_order_of_v1_is_refused_at_v2(client: MiniClient) -> None:
    given = client.authorization()
    text = given["scope"] + given["timestamp"] + given["client_id"] + given["state"]

    given["client_secret"] = unpadded(client.keys.sign_raw(text))

    answer = returned(client.get("/aas/oauth2/v2/ac", params=given))
    assert answer["error_description"].startswith("ESIA-007053")


def test_a_container_is_refused_at_v2(client: MiniClient) -> None:
    container = unpadded(client.keys.sign_cms("anything"))

    assert refused(client, client_secret=container)["error_description"][:11] == "ESIA-007053"


def test_mirrored_bytes_are_refused(client: MiniClient) -> None:
    given = client.authorization()
    text = "".join(given.get(n, "") for n in ("client_id", "scope", "timestamp", "state"))
    mirrored = client.keys.sign_raw(text + given["redirect_uri"])[::-1]

    assert refused(client, **{**given, "client_secret": unpadded(mirrored)})[
        "error_description"
    ].startswith("ESIA-007053")


def test_another_system_s_key_is_refused(
    new_client: Callable[..., MiniClient], tmp_path: Path
) -> None:
    client = new_client()
    stranger = type(client.keys).gost(tmp_path, "stranger")

    answer = refused(replace(client, keys=stranger))

    assert answer["error_description"].startswith("ESIA-007053")


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/cb",
        "https://cabinet.example@evil.example/cb",
        "javascript:alert(1)",
        "https://cabinet.example.evil.example/",
        "//cabinet.example/cb",
        "https://x\\cabinet.example",
    ],
)
def test_a_foreign_redirect_domain_is_a_page_and_no_redirect(
    address: str, client: MiniClient
) -> None:
    answer = client.get("/aas/oauth2/v2/ac", params=client.authorization(redirect_uri=address))

    assert answer.status_code == 400
    assert "ESIA-007023" in answer.text
    assert "location" not in answer.headers


def test_an_unknown_or_closed_system_is_a_page(
    client: MiniClient, new_client: Callable[..., MiniClient]
) -> None:
    unknown = client.get("/aas/oauth2/v2/ac", params=client.authorization(client_id="NOBODY"))
    closed = new_client(active=False)
    answer = closed.get("/aas/oauth2/v2/ac", params=closed.authorization())

    assert (unknown.status_code, answer.status_code) == (400, 400)
    assert "ESIA-007005" in unknown.text
    assert "ESIA-007005" in answer.text


def test_a_repeated_parameter_is_refused(client: MiniClient) -> None:
    given = client.authorization()
    pairs = [*given.items(), ("scope", "openid")]

    assert returned(client.get("/aas/oauth2/v2/ac", params=pairs))["error_description"][:11] == (
        "ESIA-007003"
    )
    twice = [*given.items(), ("redirect_uri", "https://evil.example/")]
    assert client.get("/aas/oauth2/v2/ac", params=twice).status_code == 400


def test_parameters_that_are_not_text_are_unreadable(client: MiniClient) -> None:
    answer = client.http.get(f"{client.base}/aas/oauth2/v2/ac?client_id=%ff%fe")

    assert answer.status_code == 400
    assert "ESIA-007038" in answer.text


def test_json_instead_of_a_form_is_007014_naming_state_and_client(client: MiniClient) -> None:
    answer = client.http.post(f"{client.base}/aas/oauth2/v3/te", json={"client_id": "X"})

    assert answer.status_code == 400
    assert "ESIA-007014" in answer.json()["error_description"]
    assert "[state, client_id]" in answer.json()["error_description"]


def test_a_fault_at_the_token_step_echoes_the_state(client: MiniClient) -> None:
    form = client.exchange("no-such-code")

    answer = client.tokens(form)

    assert answer.status_code == 400
    body = answer.json()
    assert (body["error"], body["state"]) == ("invalid_grant", form["state"])
    assert body["error_description"].startswith("ESIA-007011")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_secret": unpadded(bytes(64))}, "ESIA-007053"),
        ({"client_certificate_hash": None}, "ESIA-007014"),
        ({"grant_type": "password"}, "ESIA-007012"),
        ({"timestamp": timedelta(minutes=-6)}, "ESIA-007015"),
        ({"redirect_uri": "https://cabinet.example/other"}, "ESIA-007011"),
        ({"scope": "openid fullname"}, "ESIA-007011"),
        ({"client_id": "NOBODY"}, "ESIA-007005"),
        ({"token_type": "mac"}, "ESIA-007003"),
    ],
)
def test_each_fault_of_a_token_request_has_its_code_and_leaves_the_code_usable(
    changes: dict[str, Change], code: str, client: MiniClient, sms: SmsSink
) -> None:
    grant = client.sign_in("ivanova", sms)["code"]

    assert code_of(client.tokens(client.exchange(grant, **changes))) == code
    assert client.tokens(client.exchange(grant)).status_code == 200


def test_a_code_is_good_once_and_its_second_use_kills_the_tokens(
    client: MiniClient, sms: SmsSink
) -> None:
    code = client.sign_in("ivanova", sms)["code"]
    tokens = client.tokens(client.exchange(code)).json()
    assert client.data("/rs/prns/1000299001", tokens["access_token"]).status_code == 200

    assert code_of(client.tokens(client.exchange(code))) == "ESIA-007011"

    assert client.data("/rs/prns/1000299001", tokens["access_token"]).status_code == 401
    refresh = client.exchange(
        None, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    )
    assert code_of(client.tokens(refresh)) == "ESIA-007011"


def test_a_code_of_another_system_is_refused(
    new_client: Callable[..., MiniClient], sms: SmsSink
) -> None:
    code = new_client().sign_in("ivanova", sms)["code"]
    other = new_client()

    assert code_of(other.tokens(other.exchange(code))) == "ESIA-007011"


def test_a_code_and_an_access_token_end_in_time(
    client: MiniClient, sms: SmsSink, stand_in: RunningStandIn
) -> None:
    old = client.sign_in("ivanova", sms)["code"]
    token = client.person_tokens("ivanova", sms)["access_token"]
    try:
        stand_in.control("PUT", "/switches", {"clock_offset_seconds": 241})
        form = client.exchange(old, timestamp=timedelta(seconds=241))
        assert code_of(client.tokens(form)) == "ESIA-007011"
        assert client.data("/rs/prns/1000299001", token).status_code == 200
        stand_in.control("PUT", "/switches", {"clock_offset_seconds": 3601})
        late = client.data("/rs/prns/1000299001", token)
    finally:
        stand_in.control("PUT", "/switches", {"clock_offset_seconds": 0})

    assert late.status_code == 401
    assert late.json()["code"] == "ESIA-005013"


@pytest.mark.parametrize(
    ("language", "part"), [("ru", "client_secret"), ("enum", "OAuthErrorEnum")]
)
def test_the_words_of_a_fault_may_change_but_not_its_code(
    language: str, part: str, client: MiniClient, stand_in: RunningStandIn
) -> None:
    try:
        stand_in.control("PUT", "/switches", {"error_language": language})
        text = refused(client, client_secret=unpadded(bytes(64)))["error_description"]
    finally:
        stand_in.control("PUT", "/switches", {"error_language": "en"})

    assert text.startswith("ESIA-007053: ")
    assert part in text


def test_the_journal_tells_what_was_signed_and_what_came_of_it(
    client: MiniClient, stand_in: RunningStandIn
) -> None:
    given = client.authorization()
    client.get("/aas/oauth2/v2/ac", params=given)
    refused(client, client_secret=unpadded(bytes(64)))

    bad, good = stand_in.control("GET", f"/signed-strings?client_id={client.client_id}")

    assert (good["row"], good["verdict"], good["hash"]) == ("3", "accepted", "known")
    assert good["spelling"] == "base64url"
    assert good["string"] == "".join(
        given[name] for name in ("client_id", "scope", "timestamp", "state", "redirect_uri")
    )
    assert bad["verdict"] == "ESIA-007053"
