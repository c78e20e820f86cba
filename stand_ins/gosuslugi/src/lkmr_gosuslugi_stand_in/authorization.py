"""Checks of a request for an authorization code, in the order in which ESIA reports faults."""

import binascii
import re
from base64 import b64decode
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from lkmr_esia.requests import authorization_string
from lkmr_gosuslugi_stand_in.clients import Client
from lkmr_gosuslugi_stand_in.faults import EsiaFault, missing
from lkmr_gosuslugi_stand_in.parameters import Parameters
from lkmr_gosuslugi_stand_in.scopes import ORGANIZATION, names_of
from lkmr_gosuslugi_stand_in.signatures import check_cms, check_raw, check_time
from lkmr_gosuslugi_stand_in.world import World

Generation = Literal["v1", "v2"]
_MANDATORY = ("client_secret", "response_type", "state", "timestamp")
_FILTERS = frozenset({"conf_acc", "acc_kid", "acc_not_kid"})
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43,128}")
CHALLENGE_METHODS = frozenset({"S256", "GOST3411", "St256", "plain"})
_ACTIONS = frozenset({"ALL_ACTIONS_TO_DATA", "USE_DATA", "SHARE_DATA"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """A request that passed all checks that need no person."""

    generation: Generation
    client_id: str
    redirect_uri: str
    scope: str
    scope_org: str
    state: str
    access_type: str
    person_filter: str
    code_challenge: str
    code_challenge_method: str


class Returned(Exception):
    """A fault that is told to the client by a redirect."""

    def __init__(self, fault: EsiaFault, redirect_uri: str, state: str) -> None:
        super().__init__(fault.code)
        self.fault, self.redirect_uri, self.state = fault, redirect_uri, state


def check_authorization(
    world: World, generation: Generation, given: Parameters
) -> AuthorizationRequest:
    """Raises EsiaFault for faults shown on our page, Returned for those told to the client."""
    client = _known_client(world, given)
    redirect_uri = given.get("redirect_uri", "")
    if not redirect_uri:
        raise missing("redirect_uri")
    if not client.may_return_to(redirect_uri):
        raise EsiaFault("007023")
    try:
        return _check_rest(world, generation, client, given)
    except EsiaFault as fault:
        raise Returned(fault, redirect_uri, given.get("state", "")) from fault


def _known_client(world: World, given: Parameters) -> Client:
    if {"client_id", "redirect_uri"} & set(given.repeated):
        raise EsiaFault("007003")
    if not given.get("client_id"):
        raise missing("client_id")
    client = world.clients.get(given["client_id"])
    if client is None or not client.record.active:
        raise EsiaFault("007005")
    return client


def _check_rest(
    world: World, generation: Generation, client: Client, given: Parameters
) -> AuthorizationRequest:
    if given.repeated:
        raise EsiaFault("007003")
    if generation == "v1" and not world.switches.v1_enabled:
        raise EsiaFault("007005")
    needed = (*_MANDATORY, "access_type", "client_certificate_hash")
    if absent := [
        name for name in (needed if generation == "v2" else _MANDATORY) if not given.get(name)
    ]:
        raise missing(*absent)
    access_type = given.get("access_type") or "online"
    if access_type not in {"online", "offline"}:
        raise EsiaFault("007003")
    if given["response_type"] != "code":
        raise EsiaFault("007009")
    scope, scope_org = given.get("scope", ""), given.get("scope_org", "")
    check_scope(client, scope)
    check_scope_org(client, scope_org)
    check_time(world, given["timestamp"])
    if generation == "v2":
        text = authorization_string(
            client_id=client.client_id,
            scope=scope,
            scope_org=scope_org,
            timestamp=given["timestamp"],
            state=given["state"],
            redirect_uri=given["redirect_uri"],
        )
        check_raw(world, client, given, "/aas/oauth2/v2/ac", {"3": text})
    else:
        check_cms(world, client, given, "/aas/oauth2/ac", "1")
    method = _challenge_method(given)
    _check_permissions(given.get("permissions", ""))
    return AuthorizationRequest(
        generation=generation,
        client_id=client.client_id,
        redirect_uri=given["redirect_uri"],
        scope=scope,
        scope_org=scope_org,
        state=given["state"],
        access_type=access_type,
        person_filter=" ".join(_filters(given.get("person_filter", ""))),
        code_challenge=given.get("code_challenge", ""),
        code_challenge_method=method,
    )


def check_scope(client: Client, scope: str) -> None:
    """Raises 007013 for none, 007006 for one that is unknown or not approved."""
    if not scope.strip():
        raise EsiaFault("007013")
    try:
        names = names_of(scope)
    except ValueError:
        raise EsiaFault("007006") from None
    if not set(names) <= set(client.record.scopes):
        raise EsiaFault("007006")


def check_scope_org(client: Client, scope_org: str) -> None:
    """`scope_org` may be sent empty; else it names approved organisation scopes only."""
    if scope_org.strip():
        check_scope(client, scope_org)
        if not set(names_of(scope_org)) <= ORGANIZATION:
            raise EsiaFault("007006")


def _challenge_method(given: Parameters) -> str:
    challenge = given.get("code_challenge", "")
    method = given.get("code_challenge_method", "") or "plain"
    if not challenge and "code_challenge_method" not in given:
        return ""
    if not _CHALLENGE.fullmatch(challenge) or method not in CHALLENGE_METHODS:
        raise EsiaFault("007003")
    return method


def _from_base64(text: str) -> bytes:
    plain = text.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        return b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise EsiaFault("007003") from None


def _filters(text: str) -> list[str]:
    """`person_filter`: base64 of names of filters, parted by blanks, commas or a JSON array."""
    if not text:
        return []
    names = re.findall(r"[a-z_]+", _from_base64(text).decode("ascii", errors="replace"))
    if not names or not set(names) <= _FILTERS:
        raise EsiaFault("007003")
    return names


def _check_permissions(text: str) -> None:
    """The consent of the digital profile: base64url of a JSON array of consents."""
    if not text:
        return
    try:
        consents = orjson.loads(_from_base64(text))
    except orjson.JSONDecodeError:
        raise EsiaFault("007003") from None
    if not isinstance(consents, list) or not consents:
        raise EsiaFault("036700")
    for consent in consents:
        _check_consent(consent)


def _check_consent(consent: Any) -> None:
    if not isinstance(consent, dict) or not isinstance(consent.get("sysname"), str):
        raise EsiaFault("036700")
    actions = _sysnames(consent.get("actions"))
    if not actions:
        raise EsiaFault("036705")
    if not set(actions) <= _ACTIONS:
        raise EsiaFault("036706")
    if not _sysnames(consent.get("purposes")):
        raise EsiaFault("036707")
    expire = consent.get("expire", 1)
    if not isinstance(expire, int) or isinstance(expire, bool) or expire <= 0:
        raise EsiaFault("036716")


def _sysnames(items: Any) -> list[str]:
    found = [item.get("sysname") for item in items or [] if isinstance(item, dict)]
    return [name for name in found if isinstance(name, str) and name]
