"""The whole exchange v2/v3 as an independent client sees it."""

import base64
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from conftest import RunningStandIn, SmsSink
from esia_mini_client import (
    CALLBACK,
    MiniClient,
    code_of,
    engine_available,
    openssl,
    parts_of,
    returned,
    unpadded,
)

from lkmr_gost import streebog256

pytestmark = pytest.mark.servers


@pytest.mark.proves("F-151", "F-238")
def test_password_then_code_then_consent_bring_the_browser_back(
    client: MiniClient, sms: SmsSink
) -> None:
    state = "0e2e6a1c-3c2f-4d0a-9b7e-1f2a3b4c5d6e"
    first = client.get("/aas/oauth2/v2/ac", params=client.authorization(state=state))
    assert first.status_code == 302
    assert first.headers["location"].startswith(f"{client.base}/login")

    page = client.follow(first)
    assert "password" in page.text
    page = client.submit(page, login="ivanova", password="Kabinet-2026!")
    assert 'name="code"' in page.text
    assert sms.messages[-1]["to"] == "+79000000001"
    page = client.submit(page, code=sms.code())
    assert "Предоставить" in page.text
    answer = client.submit(page)

    assert answer.status_code == 302
    assert returned(answer)["state"] == state


def test_the_token_answer_has_what_a_client_relies_on(client: MiniClient, sms: SmsSink) -> None:
    code = client.sign_in("ivanova", sms)["code"]
    form = client.exchange(code)

    answer = client.tokens(form)

    assert answer.status_code == 200
    tokens = answer.json()
    assert tokens["state"] == form["state"]
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3600)
    assert str(UUID(tokens["refresh_token"])) == tokens["refresh_token"]
    header, access = parts_of(tokens["access_token"])
    assert header["alg"] == "GOST3410_2012_256"
    assert (header["sbt"], header["ver"], header["typ"]) == ("access", 1, "JWT")
    assert access["iss"] == "http://esia.gosuslugi.ru/"
    assert access["urn:esia:sbj_id"] == 1000299001
    assert access["exp"] - access["iat"] == 3600
    assert "fullname?oid=1000299001" in access["scope"].split()
    assert "openid" in access["scope"].split()
    assert not {"aud", "sub"} & access.keys()
    header, identity = parts_of(tokens["id_token"])
    assert (header["sbt"], header["ver"]) == ("id", 0)
    assert (identity["aud"], identity["sub"]) == (client.client_id, 1000299001)
    assert identity["acr"] == {"2fa": "otp"}
    assert identity["amr"] == "PWD"
    assert identity["urn:esia:sid"] == access["urn:esia:sid"]
    subject = identity["urn:esia:sbj"]
    assert (subject["urn:esia:sbj:lvl"], subject["urn:esia:sbj:is_tru"]) == ("PR", True)


@pytest.mark.skipif(
    not engine_available(), reason="the second opinion needs libengine-gost-openssl"
)
@pytest.mark.parametrize("algorithm", ["GOST3410_2012_256", "RS256"])
def test_openssl_verifies_tokens_with_the_published_certificate(
    algorithm: str,
    new_client: Callable[..., MiniClient],
    stand_in: RunningStandIn,
    sms: SmsSink,
    tmp_path: Path,
) -> None:
    client = new_client(jwt_alg=algorithm)
    token = client.person_tokens("ivanova", sms)["access_token"]
    signed, _, signature = token.rpartition(".")
    (tmp_path / "signature").write_bytes(base64.urlsafe_b64decode(signature + "=="))
    kind = "rsa" if algorithm == "RS256" else "gost"
    published = (stand_in.folder / "data/public/esia-certs").glob(f"esia-{kind}-*.pem")
    certificate = max(published, key=lambda file: file.stat().st_mtime_ns)  # keys may rotate
    (tmp_path / "public.pem").write_bytes(
        openssl("x509", "-engine", "gost", "-in", str(certificate), "-pubkey", "-noout")
    )
    digest = "-sha256" if algorithm == "RS256" else "-md_gost12_256"

    verdict = openssl(
        *("dgst", "-engine", "gost", digest, "-verify", str(tmp_path / "public.pem")),
        *("-signature", str(tmp_path / "signature")),
        given=signed.encode(),
    )

    assert b"Verified OK" in verdict
    der = openssl("x509", "-engine", "gost", "-in", str(certificate), "-outform", "DER")
    printed = openssl("dgst", "-engine", "gost", "-md_gost12_256", "-r", given=der)
    assert parts_of(token)[0]["x5t#St256"] == printed[:64].decode().upper()


def test_the_second_visit_shows_neither_password_nor_consent(
    client: MiniClient, sms: SmsSink
) -> None:
    first = client.sign_in("ivanova", sms)

    again = returned(client.open())

    assert again["code"] != first["code"]


def test_new_scopes_are_asked_again(client: MiniClient, sms: SmsSink) -> None:
    client.sign_in("ivanova", sms)

    page = client.open(scope="openid inn")

    assert "ИНН" in page.text


def test_without_second_factor_no_code_is_asked_and_no_acr_is_given(
    client: MiniClient, sms: SmsSink
) -> None:
    page = client.submit(client.open(), login="novikov", password="Kabinet-2026!")
    assert "grantAuthorization" in page.text

    code = returned(client.submit(page))["code"]

    tokens = client.tokens(client.exchange(code)).json()
    assert "acr" not in parts_of(tokens["id_token"])[1]


@pytest.mark.parametrize("login", ["+7 (900) 000-00-02", "petrov@demo.example", "900-002-074 06"])
def test_phone_mail_and_snils_are_logins_too(login: str, client: MiniClient, sms: SmsSink) -> None:
    tokens = client.person_tokens(login, sms)

    assert parts_of(tokens["access_token"])[1]["urn:esia:sbj_id"] == 1000299002


def test_refusing_the_consent_is_told_to_the_system(client: MiniClient, sms: SmsSink) -> None:
    page = client.submit(client.open(), login="novikov", password="Kabinet-2026!")

    answer = returned(client.submit(page, 1))

    assert answer["error"] == "access_denied"
    assert answer["error_description"].startswith("ESIA-007004")
    assert "code" not in answer


def test_an_account_that_is_not_confirmed_is_refused_where_the_system_filters(
    client: MiniClient, sms: SmsSink
) -> None:
    filtered = client.sign_in("tikhonov", sms, person_filter=unpadded(b"conf_acc"))

    assert filtered["error_description"].startswith("ESIA-007055")
    tokens = client.tokens(client.exchange(client.sign_in("tikhonov", sms)["code"])).json()
    subject = parts_of(tokens["id_token"])[1]["urn:esia:sbj"]
    assert subject["urn:esia:sbj:lvl"] == "P"
    assert "urn:esia:sbj:is_tru" not in subject


def test_refresh_gives_a_new_pair_and_kills_the_old(client: MiniClient, sms: SmsSink) -> None:
    first = client.person_tokens("ivanova", sms)
    form = client.exchange(None, grant_type="refresh_token", refresh_token=first["refresh_token"])

    second = client.tokens(form)

    assert second.status_code == 200
    assert second.json()["refresh_token"] != first["refresh_token"]
    again = client.exchange(None, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert code_of(client.tokens(again)) == "ESIA-007011"


def test_the_other_reading_of_the_refresh_string_is_accepted_without_a_hash(
    client: MiniClient, sms: SmsSink, stand_in: RunningStandIn
) -> None:
    token = client.person_tokens("ivanova", sms)["refresh_token"]
    form = client.exchange(None, grant_type="refresh_token", refresh_token=token)
    for name in ("client_certificate_hash", "redirect_uri", "token_type"):
        del form[name]
    order = ("client_id", "scope", "timestamp", "state", "refresh_token")
    form["client_secret"] = unpadded(client.keys.sign_raw("".join(form[one] for one in order)))

    assert client.tokens(form).status_code == 200
    journal = stand_in.control("GET", f"/signed-strings?client_id={client.client_id}")
    assert (journal[0]["row"], journal[0]["verdict"]) == ("6b", "accepted")


def test_online_access_brings_no_refresh_token(client: MiniClient, sms: SmsSink) -> None:
    assert "refresh_token" not in client.person_tokens("ivanova", sms, access_type="online")


def test_a_system_gets_a_token_for_organisations(client: MiniClient) -> None:
    scope = "http://esia.gosuslugi.ru/org_inf?org_oid=1000400001"
    form = client.exchange(None, grant_type="client_credentials", scope=scope)

    answer = client.tokens(form)

    assert answer.status_code == 200
    token = answer.json()["access_token"]
    assert parts_of(token)[1]["scope"] == scope
    assert "refresh_token" not in answer.json()
    organization = client.data("/rs/orgs/1000400001", token).json()
    assert organization["fullName"].startswith("ГБУЗ «Городская поликлиника № 1»")
    assert client.data("/rs/orgs/1000400002", token).status_code == 403


@pytest.mark.parametrize("spelling", ["padded", "plain"])
def test_every_spelling_of_the_signature_is_read(
    spelling: str, client: MiniClient, sms: SmsSink
) -> None:
    given = client.authorization()
    raw = base64.urlsafe_b64decode(given["client_secret"] + "==")
    encode = base64.urlsafe_b64encode if spelling == "padded" else base64.b64encode
    given["client_secret"] = encode(raw).decode()

    answer = client.get("/aas/oauth2/v2/ac", params=given)

    assert answer.headers["location"].startswith(f"{client.base}/login")


def test_an_empty_scope_org_a_lower_case_hash_and_unknown_parameters_do_no_harm(
    client: MiniClient, sms: SmsSink
) -> None:
    lower = client.keys.hash().lower()
    answer = client.sign_in(
        "ivanova",
        sms,
        scope_org="",
        nonce="1",
        response_mode="query",
        client_certificate_hash=lower,
    )

    assert client.tokens(client.exchange(answer["code"], scope_org="")).status_code == 200


def test_code_challenge_is_checked_with_the_code(client: MiniClient, sms: SmsSink) -> None:
    verifier = "a" * 50
    digest = streebog256(verifier.encode())
    pkce = {"code_challenge": unpadded(digest), "code_challenge_method": "GOST3411"}
    first = client.sign_in("ivanova", sms, **pkce)["code"]

    assert code_of(client.tokens(client.exchange(first))) == "ESIA-007040"
    assert code_of(client.tokens(client.exchange(first, code_verifier="b" * 50))) == "ESIA-007040"
    assert client.tokens(client.exchange(first, code_verifier=verifier)).status_code == 200
    plain = client.sign_in("ivanova", sms)["code"]
    assert code_of(client.tokens(client.exchange(plain, code_verifier=verifier))) == "ESIA-007039"


def test_logout_ends_the_session_and_returns(client: MiniClient, sms: SmsSink) -> None:
    client.sign_in("ivanova", sms)
    target = {"client_id": client.client_id, "redirect_url": "https://cabinet.example/bye"}

    answer = client.get("/idp/ext/Logout", params=target)

    assert answer.headers["location"] == "https://cabinet.example/bye"
    assert "password" in client.open().text


def test_logout_does_not_lead_to_a_foreign_site(client: MiniClient) -> None:
    target = {"client_id": client.client_id, "redirect_url": "https://evil.example/"}

    answer = client.get("/idp/ext/Logout", params=target)

    assert answer.status_code == 400
    assert "ESIA-007023" in answer.text


def test_the_callback_of_the_request_is_the_only_target(client: MiniClient, sms: SmsSink) -> None:
    answer = client.sign_in("ivanova", sms, redirect_uri=f"{CALLBACK}?tab=1&x=%2B")

    assert answer["tab"] == "1"
    assert "code" in answer
