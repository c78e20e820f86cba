"""The older generation: detached CMS over scope, timestamp, client and state."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from conftest import RunningStandIn, SmsSink
from esia_mini_client import (
    CALLBACK,
    Keys,
    MiniClient,
    code_of,
    parts_of,
    returned,
    stamp,
    unpadded,
)

pytestmark = pytest.mark.servers
NOATTR = ("-noattr",)


def signed(client: MiniClient, options: tuple[str, ...] = NOATTR, **values: str) -> dict[str, str]:
    given = {
        "client_id": client.client_id,
        "scope": client.scope,
        "timestamp": stamp(),
        "state": str(uuid4()),
        "redirect_uri": CALLBACK,
        **values,
    }
    text = given["scope"] + given["timestamp"] + given["client_id"] + given["state"]
    return {"client_secret": unpadded(client.keys.sign_cms(text, *options)), **given}


def authorization(client: MiniClient, **more: Any) -> dict[str, str]:
    return signed(client, **{"response_type": "code", "access_type": "offline", **more})


def exchange(client: MiniClient, code: str, **more: Any) -> Any:
    form = signed(client, grant_type="authorization_code", code=code, token_type="Bearer", **more)
    return client.post("/aas/oauth2/te", form)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_whole_exchange_by_address_and_by_form(
    method: str, client: MiniClient, sms: SmsSink
) -> None:
    given = authorization(client)
    path = "/aas/oauth2/ac"
    first = client.get(path, params=given) if method == "GET" else client.post(path, given)

    code = returned(client.pass_pages(client.follow(first), "ivanova", sms))["code"]
    answer = exchange(client, code)

    assert answer.status_code == 200
    assert {"access_token", "id_token", "refresh_token"} <= answer.json().keys()


@pytest.mark.parametrize(
    "options", [(), NOATTR, ("-nodetach",)], ids=["attributes", "bare", "attached"]
)
def test_every_shape_of_the_container_is_accepted(
    options: tuple[str, ...], client: MiniClient
) -> None:
    given = signed(client, options, response_type="code")

    answer = client.get("/aas/oauth2/ac", params=given)

    assert answer.headers["location"].startswith(f"{client.base}/login")


def test_the_token_step_may_name_a_smaller_scope_and_reuse_the_state(
    client: MiniClient, sms: SmsSink
) -> None:
    state = str(uuid4())
    page = client.follow(client.get("/aas/oauth2/ac", params=authorization(client, state=state)))
    code = returned(client.pass_pages(page, "ivanova", sms))["code"]

    answer = exchange(client, code, scope="openid", state=state, client_certificate_hash="ignored")

    assert answer.status_code == 200
    assert parts_of(answer.json()["access_token"])[1]["scope"] == "openid"


def test_rsa_containers_are_taken_only_from_old_systems(
    new_client: Callable[..., MiniClient], tmp_path: Path
) -> None:
    keys = Keys.rsa(tmp_path)
    old, new = new_client(keys, legacy_rsa=True), new_client(keys)

    accepted = old.get("/aas/oauth2/ac", params=authorization(old))
    refused = new.get("/aas/oauth2/ac", params=authorization(new))

    assert accepted.headers["location"].startswith(f"{old.base}/login")
    assert returned(refused)["error_description"].startswith("ESIA-007002")


def test_a_signature_of_another_text_is_007005_and_of_another_key_007002(
    client: MiniClient, tmp_path: Path
) -> None:
    other_text = authorization(client) | {"state": str(uuid4())}
    stranger = type(client.keys).gost(tmp_path, "stranger")
    given = authorization(client)
    text = given["scope"] + given["timestamp"] + given["client_id"] + given["state"]
    other_key = given | {"client_secret": unpadded(stranger.sign_cms(text, *NOATTR))}

    first = returned(client.get("/aas/oauth2/ac", params=other_text))
    second = returned(client.get("/aas/oauth2/ac", params=other_key))

    assert first["error_description"].startswith("ESIA-007005")
    assert second["error_description"].startswith("ESIA-007002")


def test_a_raw_signature_is_refused_at_v1(client: MiniClient) -> None:
    raw = client.authorization()["client_secret"]

    answer = returned(
        client.get("/aas/oauth2/ac", params=authorization(client) | {"client_secret": raw})
    )

    assert answer["error_description"].startswith(("ESIA-007002", "ESIA-007005"))


def test_v1_can_be_switched_off(client: MiniClient, stand_in: RunningStandIn) -> None:
    try:
        stand_in.control("PUT", "/switches", {"v1_enabled": False})
        answer = returned(client.get("/aas/oauth2/ac", params=authorization(client)))
        tokens = exchange(client, "code")
    finally:
        stand_in.control("PUT", "/switches", {"v1_enabled": True})

    assert answer["error_description"].startswith("ESIA-007005")
    assert code_of(tokens) == "ESIA-007005"
