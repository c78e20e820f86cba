"""Checks of a request for tokens, in the order in which ESIA reports faults."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from lkmr_esia.requests import (
    client_credentials_string,
    code_exchange_string,
    refresh_string,
    refresh_string_with_token,
)
from lkmr_gosuslugi_stand_in import grants
from lkmr_gosuslugi_stand_in.authorization import Generation, check_scope
from lkmr_gosuslugi_stand_in.clients import Client
from lkmr_gosuslugi_stand_in.faults import EsiaFault, missing
from lkmr_gosuslugi_stand_in.grants import Grant
from lkmr_gosuslugi_stand_in.issue import access_token, id_token
from lkmr_gosuslugi_stand_in.parameters import Parameters
from lkmr_gosuslugi_stand_in.scopes import names_of
from lkmr_gosuslugi_stand_in.signatures import check_cms, check_raw, check_time
from lkmr_gosuslugi_stand_in.world import World

_CODE, _REFRESH, _SYSTEM = "authorization_code", "refresh_token", "client_credentials"
_GRANT_TYPES = frozenset({_CODE, _REFRESH, _SYSTEM})


def answer_token_request(
    world: World, generation: Generation, endpoint: str, given: Parameters
) -> dict[str, Any]:
    """The JSON of tokens. Raises EsiaFault."""
    if given.repeated:
        raise EsiaFault("007003")
    _check_mandatory(world, generation, given)
    client = world.clients.get(given["client_id"])
    if client is None or not client.record.active:
        raise EsiaFault("007005")
    if generation == "v1" and not world.switches.v1_enabled:
        raise EsiaFault("007005")
    if given["grant_type"] not in _GRANT_TYPES:
        raise EsiaFault("007012")
    check_time(world, given["timestamp"])
    if generation == "v2":
        check_raw(world, client, given, endpoint, _rows(world, given))
    else:
        check_cms(world, client, given, endpoint, "2")
    if given.get("token_type", "Bearer") != "Bearer":
        raise EsiaFault("007003")
    match given["grant_type"]:
        case "authorization_code":
            grant = _exchange_code(world, generation, client, given)
        case "refresh_token":
            grant = _refresh(world, client, given)
        case _:
            return _answer(world, _system_grant(client, given), given["state"])
    return _answer(world, grant, given["state"])


def _check_mandatory(world: World, generation: Generation, given: Parameters) -> None:
    needed = ["client_id", "client_secret", "scope", "timestamp", "state", "grant_type"]
    kind = given.get("grant_type")
    refreshing_without_hash = kind == _REFRESH and world.switches.refresh_string != "6a"
    if generation == "v2" and not refreshing_without_hash:
        needed += ["client_certificate_hash", "redirect_uri"]
        needed += ["token_type"] if kind in {_CODE, _SYSTEM} else []
    if kind == _CODE:
        needed += ["code", "redirect_uri"]
    if kind == _REFRESH:
        needed.append("refresh_token")
    if absent := [name for name in dict.fromkeys(needed) if not given.get(name)]:
        raise missing(*absent)


def _rows(world: World, given: Parameters) -> dict[str, str]:
    """Strings that may have been signed, by row of the table."""
    common = {name: given[name] for name in ("client_id", "scope", "timestamp", "state")}
    redirect_uri, scope_org = given.get("redirect_uri", ""), given.get("scope_org", "")
    if given["grant_type"] == _CODE:
        text = code_exchange_string(
            **common, redirect_uri=redirect_uri, scope_org=scope_org, code=given["code"]
        )
        return {"4": text}
    if given["grant_type"] == _SYSTEM:
        return {"5": client_credentials_string(**common, redirect_uri=redirect_uri)}
    rows = {
        "6a": refresh_string(**common, redirect_uri=redirect_uri, scope_org=scope_org),
        "6b": refresh_string_with_token(**common, refresh_token=given["refresh_token"]),
    }
    if not given.get("client_certificate_hash"):
        del rows["6a"]  # that reading sends the hash
    switch = world.switches.refresh_string
    return {row: text for row, text in rows.items() if switch in {"both", row}}


def _exchange_code(
    world: World, generation: Generation, client: Client, given: Parameters
) -> Grant:
    grant = grants.look_at(world, "code", given["code"])
    if grant is None or grant.client_id != client.client_id:
        raise EsiaFault("007011")
    _check_verifier(grant, given.get("code_verifier", ""))
    if grant.redirect_uri != given["redirect_uri"]:
        raise EsiaFault("007011")
    same = (grant.scope, grant.scope_org) == (given["scope"], given.get("scope_org", ""))
    smaller = generation == "v1" and set(_names(given["scope"])) <= set(_names(grant.scope))
    if not same and not smaller:
        raise EsiaFault("007011")
    taken = grants.take_code(world, given["code"])
    if taken is None:
        raise EsiaFault("007011")
    return taken if same else replace(taken, scope=given["scope"])


def _check_verifier(grant: Grant, verifier: str) -> None:
    if not grant.code_challenge:
        if verifier:
            raise EsiaFault("007039")
    elif not verifier or not grants.verifier_fits(grant, verifier):
        raise EsiaFault("007040")


def _refresh(world: World, client: Client, given: Parameters) -> Grant:
    grant = grants.look_at(world, "refresh", given["refresh_token"])
    if grant is None or grant.client_id != client.client_id:
        raise EsiaFault("007011")
    if not set(_names(given["scope"])) <= set(_names(grant.scope)):
        raise EsiaFault("007006")
    taken = grants.take_refresh(world, given["refresh_token"])
    if taken is None or world.accounts.by_oid(taken.oid) is None:
        raise EsiaFault("007011")
    return replace(taken, scope=given["scope"])


def _system_grant(client: Client, given: Parameters) -> Grant:
    """A token of the system itself, for data of organisations."""
    check_scope(client, given["scope"])
    redirect_uri = given.get("redirect_uri", "")
    if redirect_uri and not client.may_return_to(redirect_uri):
        raise EsiaFault("007023")
    return Grant(
        family=str(uuid4()),
        client_id=client.client_id,
        oid=client.record.oid,
        sid=str(uuid4()),
        auth_time=0,
        second_factor=False,
        scope=given["scope"],
        scope_org="",
        redirect_uri=redirect_uri,
        offline=False,
        generation="v2",
    )


def _names(scope: str) -> tuple[str, ...]:
    try:
        return names_of(scope)
    except ValueError:
        raise EsiaFault("007006") from None


def _answer(world: World, grant: Grant, state: str) -> dict[str, Any]:
    return tokens_for(world, grant) | {"state": state}


def tokens_for(world: World, grant: Grant) -> dict[str, Any]:
    """New tokens of a grant, remembered."""
    person = world.accounts.by_oid(grant.oid)
    token = access_token(world, grant)
    grants.remember_access(world, token, grant)
    answer: dict[str, Any] = {"access_token": token}
    if grant.offline:
        refresh = str(uuid4())
        grants.remember_refresh(world, refresh, grant)
        answer["refresh_token"] = refresh
    if person is not None and "openid" in grant.scope.split(" "):
        answer["id_token"] = id_token(world, grant, person)
    return answer | {"token_type": "Bearer", "expires_in": world.switches.access_ttl_seconds}
