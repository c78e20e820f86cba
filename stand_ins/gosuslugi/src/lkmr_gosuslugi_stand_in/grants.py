"""What was granted: browser sessions, consents, codes, tokens and their families."""

import base64
import hashlib
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from lkmr_gost import streebog256
from lkmr_gosuslugi_stand_in.authorization import AuthorizationRequest
from lkmr_gosuslugi_stand_in.world import World, fingerprint

_SESSION, _CONSENT, _CODE, _REFRESH, _ACCESS = "session", "consent", "code", "refresh", "access"
_REVOKED = "revoked"
_SEEN_STEP = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser that signed in at ESIA."""

    oid: int
    sid: str
    auth_time: int
    second_factor: bool
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """For whom, to whom and for what a code or token was given."""

    family: str
    """All that came from one code; revoked together."""
    client_id: str
    oid: int
    sid: str
    auth_time: int
    second_factor: bool
    scope: str
    scope_org: str
    redirect_uri: str
    offline: bool
    generation: str
    code_challenge: str = ""
    code_challenge_method: str = ""


def open_session(world: World, oid: int, *, second_factor: bool) -> str:
    """Begin a browser session; gives the value of the cookie `ESIA_SESSION`."""
    cookie, now = secrets.token_urlsafe(32), world.now()
    session = Session(
        oid=oid,
        sid=str(uuid4()),
        auth_time=int(now.timestamp()),
        second_factor=second_factor,
        seen=now.isoformat(),
    )
    world.store.put(_SESSION, fingerprint(cookie), asdict(session))
    return cookie


def find_session(world: World, cookie: str | None) -> Session | None:
    """The live session of a cookie; each use within three idle hours keeps it alive."""
    key = fingerprint(cookie or "")
    known = world.store.find(_SESSION, key)
    if known is None:
        return None
    session, now = Session(**known), world.now()
    idle = now - datetime.fromisoformat(session.seen)
    if idle > timedelta(seconds=world.switches.session_idle_seconds):
        world.store.delete(_SESSION, key)
        return None
    if world.accounts.by_oid(session.oid) is None:
        return None
    if idle > _SEEN_STEP:
        world.store.put(_SESSION, key, {**known, "seen": now.isoformat()})
    return session


def close_session(world: World, cookie: str | None) -> None:
    """End a browser session; tokens given out live on to their end, as at the real ESIA."""
    world.store.delete(_SESSION, fingerprint(cookie or ""))


def consented(world: World, oid: int, client_id: str) -> set[str]:
    """Scopes that the person allowed this system."""
    known = world.store.find(_CONSENT, f"{oid}|{client_id}") or {}
    return set(known.get("scopes", []))


def allow(world: World, oid: int, client_id: str, scopes: set[str]) -> None:
    """Remember a consent; earlier scopes stay allowed."""
    both = sorted(consented(world, oid, client_id) | scopes)
    value = {"scopes": both, "time": world.now().isoformat(timespec="seconds")}
    world.store.put(_CONSENT, f"{oid}|{client_id}", value)


def withdraw(world: World, oid: int, client_id: str) -> bool:
    """Take a consent back."""
    return world.store.delete(_CONSENT, f"{oid}|{client_id}")


def consents_of(world: World, oid: int) -> list[str]:
    """Mnemonics of systems that the person allowed something."""
    prefix = f"{oid}|"
    keys = (key for key, _ in world.store.documents(_CONSENT))
    return [key.removeprefix(prefix) for key in keys if key.startswith(prefix)]


def grant_for(request: AuthorizationRequest, session: Session) -> Grant:
    """What a code for this request and person stands for."""
    return Grant(
        family=str(uuid4()),
        client_id=request.client_id,
        oid=session.oid,
        sid=session.sid,
        auth_time=session.auth_time,
        second_factor=session.second_factor,
        scope=request.scope,
        scope_org=request.scope_org,
        redirect_uri=request.redirect_uri,
        offline=request.access_type == "offline",
        generation=request.generation,
        code_challenge=request.code_challenge,
        code_challenge_method=request.code_challenge_method,
    )


def remember_code(world: World, code: str, grant: Grant) -> None:
    _remember(world, _CODE, code, grant, world.switches.code_ttl_seconds)


def remember_refresh(world: World, token: str, grant: Grant) -> None:
    _remember(world, _REFRESH, token, grant, world.switches.refresh_ttl_seconds)


def remember_access(world: World, token: str, grant: Grant) -> None:
    _remember(world, _ACCESS, token, grant, world.switches.access_ttl_seconds)


def _remember(world: World, kind: str, token: str, grant: Grant, seconds: int) -> None:
    end = world.now() + timedelta(seconds=seconds)
    value = {"grant": asdict(grant), "end": end.isoformat(), "used": False}
    world.store.put(kind, fingerprint(token), value)


def take_code(world: World, code: str) -> Grant | None:
    """Use a code up. A second use revokes all tokens that came from the first."""
    return _take(world, _CODE, code, revoke_on_reuse=True)


def take_refresh(world: World, token: str) -> Grant | None:
    """Use a refresh token up; the old one is dead afterwards."""
    return _take(world, _REFRESH, token, revoke_on_reuse=False)


def look_at(world: World, kind: str, token: str) -> Grant | None:
    """The grant behind a `code` or `refresh` token, whatever became of it."""
    known = world.store.find(kind, fingerprint(token))
    return Grant(**known["grant"]) if known else None


def _take(world: World, kind: str, token: str, *, revoke_on_reuse: bool) -> Grant | None:
    known: dict[str, Any] | None = world.store.find(kind, fingerprint(token))
    if known is None:
        return None
    grant = Grant(**known["grant"])
    if known["used"]:
        if revoke_on_reuse:
            world.store.put(_REVOKED, grant.family, {"time": world.now().isoformat()})
        return None
    world.store.put(kind, fingerprint(token), {**known, "used": True})
    late = datetime.fromisoformat(known["end"]) <= world.now()
    return None if late or is_revoked(world, grant) else grant


def is_revoked(world: World, grant: Grant) -> bool:
    return world.store.find(_REVOKED, grant.family) is not None


def find_access(world: World, token: str) -> tuple[Grant | None, bool]:
    """The grant behind an access token, and whether the token is past its end."""
    known = world.store.find(_ACCESS, fingerprint(token))
    if known is None:
        return None, False
    grant = Grant(**known["grant"])
    if is_revoked(world, grant):
        return None, False
    return grant, datetime.fromisoformat(known["end"]) <= world.now()


def verifier_fits(grant: Grant, verifier: str) -> bool:
    """PKCE: the transform of the verifier equals the challenge given with the code."""
    match grant.code_challenge_method:
        case "plain":
            made = verifier
        case "S256":
            made = _unpadded(hashlib.sha256(verifier.encode()).digest())
        case _:
            made = _unpadded(streebog256(verifier.encode()))
    return secrets.compare_digest(made.encode(), grant.code_challenge.encode())


def _unpadded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def forget_old(world: World) -> int:
    """Drop codes and tokens that ended more than a day ago; gives how many."""
    border, gone = world.now() - timedelta(days=1), 0
    for kind in (_CODE, _REFRESH, _ACCESS):
        for key, value in world.store.documents(kind):
            if datetime.fromisoformat(value["end"]) < border:
                gone += world.store.delete(kind, key)
    return gone
