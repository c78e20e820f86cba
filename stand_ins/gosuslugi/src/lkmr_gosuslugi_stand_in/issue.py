"""Making the tokens of ESIA: authorization code, access and id tokens."""

from typing import Any

import orjson

from lkmr_esia.jose import sign_compact
from lkmr_gosuslugi_stand_in.accounts import Person
from lkmr_gosuslugi_stand_in.grants import Grant
from lkmr_gosuslugi_stand_in.scopes import granted_scope
from lkmr_gosuslugi_stand_in.world import World

_PASSWORD = "PWD"  # noqa: S105 - the name of a method of sign-in


def authorization_code(world: World, grant: Grant, person: Person, state: str) -> str:
    """A code; clients treat it as opaque, though it is a JWT of kind `authorization_code`."""
    claims = {
        **_times(world, world.switches.code_ttl_seconds),
        "iss": world.settings.issuer,
        "auth_time": grant.auth_time,
        "scope": _scope(grant),
        "urn:esia:sid": grant.sid,
        "urn:esia:client:state": state,
        "auth_mthd": _PASSWORD,
        "urn:esia:sbj": _subject(person),
        "params": {},
        "client_id": grant.client_id,
        **_factor(grant),
    }
    return _signed(world, grant.client_id, "authorization_code", 1, claims)


def access_token(world: World, grant: Grant) -> str:
    """A bearer token for the data of one person, or of organisations."""
    claims = {
        **_times(world, world.switches.access_ttl_seconds),
        "scope": _scope(grant),
        "iss": world.settings.issuer,
        "urn:esia:sid": grant.sid,
        "urn:esia:sbj_id": grant.oid,
        "client_id": grant.client_id,
    }
    return _signed(world, grant.client_id, "access", 1, claims)


def id_token(world: World, grant: Grant, person: Person) -> str:
    """A statement about the sign-in; `sub` is a number, `amr` a text."""
    claims = {
        **_times(world, world.switches.id_ttl_seconds),
        "aud": grant.client_id,
        "sub": grant.oid,
        "auth_time": grant.auth_time,
        "amr": _PASSWORD,
        "urn:esia:amd": _PASSWORD,
        "iss": world.settings.issuer,
        "urn:esia:sid": grant.sid,
        "urn:esia:sbj": _subject(person),
        **_factor(grant),
    }
    return _signed(world, grant.client_id, "id", 0, claims)


def _times(world: World, seconds: int) -> dict[str, int]:
    now = int(world.now().timestamp())
    return {"nbf": now, "iat": now, "exp": now + seconds}


def _scope(grant: Grant) -> str:
    return granted_scope(f"{grant.scope} {grant.scope_org}".strip(), grant.oid)


def _factor(grant: Grant) -> dict[str, Any]:
    return {"acr": {"2fa": "otp"}} if grant.second_factor else {}


def _subject(person: Person) -> dict[str, Any]:
    confirmed = person.esia_level == "confirmed"
    subject: dict[str, Any] = {
        "urn:esia:sbj:typ": "P",
        "urn:esia:sbj:lvl": "PR" if confirmed else "P",
        "urn:esia:sbj:oid": person.esia_oid,
        "urn:esia:sbj:nam": f"OID.{person.esia_oid}",
    }
    return subject | ({"urn:esia:sbj:is_tru": True} if confirmed else {})


def _signed(world: World, client_id: str, sbt: str, version: int, claims: dict[str, Any]) -> str:
    client = world.clients.get(client_id)
    key = world.keys.of(client.record.jwt_alg if client else "GOST3410_2012_256")
    header: dict[str, Any] = {"ver": version, "typ": "JWT", "sbt": sbt}
    if world.switches.emit_x5t:
        header["x5t#St256"] = key.hash
    payload = orjson.dumps(claims).replace(b"/", b"\\/")  # ESIA escapes slashes
    return sign_compact(header, payload, key.key)
