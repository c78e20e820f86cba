"""Who is calling: caller tokens of people and job tokens of programs.

A token is a JWT signed by `auth` with Ed25519 and lives five minutes; every service verifies it
offline and passes it on unchanged. Checks follow RFC 8725 and the order of docs/security.md.
"""

import base64
import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry

from lkmr_servicekit.clock import Clock, monotonic
from lkmr_servicekit.errors import Category, ServiceError

ISSUER = "lkmr-auth"
AUDIENCE = "lkmr-services"
LIFE = timedelta(minutes=5)
LEEWAY_SECONDS = 10
NO_PROFILE = "WITHOUT_JOB"
REDUCED, SIGNED_IN, STEPPED_UP = "REDUCED", "SIGNED_IN", "STEPPED_UP"
_MAX_TOKEN = 8192
_CACHE_SIZE = 20_000
_TYPES = {"lkmr-caller+jwt", "lkmr-job+jwt"}
_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\Z")


class CallerKind(Enum):
    """A person behind a session, or a program at background work."""

    PERSON = "person"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `subject` is the id of a person, or the name of a program.

    `organization_oid` (ФРМО) and `department` are those of the active profile.
    `assurance` is REDUCED (opened while ESIA was away: own data only), SIGNED_IN, or STEPPED_UP
    until `step_up_end` (seconds of the epoch): a second factor was given just before.
    `suspended`: the right to practise under the active profile is over, and the organisation
    closes acts of practice then.
    """

    kind: CallerKind
    subject: str
    expire_time: float
    session: str = ""
    worker: str = ""
    organization: str = ""
    roles: tuple[str, ...] = ()
    assurance: str = ""
    purpose: str = ""
    organization_oid: str = ""
    department: str = ""
    step_up_end: float = 0.0
    suspended: bool = False

    @property
    def held_roles(self) -> tuple[str, ...]:
        """Roles for decisions about rights: a person without a profile holds the least of them."""
        return self.roles or (NO_PROFILE,)

    def require_worker(self) -> str:
        """The caller's own worker record. Raises ServiceError WORKER_REQUIRED without one."""
        if not self.worker:
            raise ServiceError("WORKER_REQUIRED", Category.PERMISSION_DENIED)
        return self.worker

    def require_step_up(self) -> None:
        """Raises ServiceError STEP_UP_REQUIRED unless the person gave a second factor just now."""
        if self.assurance != STEPPED_UP:
            raise ServiceError("STEP_UP_REQUIRED", Category.PERMISSION_DENIED)

    def require_practice(self) -> None:
        """Raises ServiceError PRACTICE_SUSPENDED while the right to practise is over."""
        if self.suspended:
            raise ServiceError("PRACTICE_SUSPENDED", Category.PERMISSION_DENIED)


current_caller: ContextVar[Caller | None] = ContextVar("caller", default=None)
current_token: ContextVar[str] = ContextVar("caller_token", default="")


@dataclass(slots=True)
class TokenSigner:
    """Makes tokens; only `auth` holds one."""

    key_id: str
    key: Ed25519PrivateKey
    clock: Clock

    def caller_token(self, caller: Caller, auth_time: datetime) -> tuple[str, datetime]:
        """A token for a person's calls and the moment when it ends."""
        claims = {
            "sub": caller.subject,
            "sid": caller.session,
            "wrk": caller.worker,
            "org": caller.organization,
            "oid": caller.organization_oid,
            "dep": caller.department,
            "roles": list(caller.roles),
            "acr": caller.assurance,
            "auth_time": int(auth_time.timestamp()),
            "sup": int(caller.step_up_end),
            "sus": int(caller.suspended),
        }
        return self._sign("lkmr-caller+jwt", claims)

    def job_token(self, program: str, purpose: str) -> tuple[str, datetime]:
        """A token for background work of a program and the moment when it ends."""
        return self._sign("lkmr-job+jwt", {"sub": program, "purpose": purpose})

    def _sign(self, kind: str, claims: Mapping[str, object]) -> tuple[str, datetime]:
        now = self.clock.now()
        expire = now + LIFE
        body = {
            **claims,
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": int(now.timestamp()),
            "exp": int(expire.timestamp()),
        }
        raw = self.key.private_bytes_raw()
        public = self.key.public_key().public_bytes_raw()
        key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "d": _b64(raw), "x": _b64(public)})
        header = {"alg": "Ed25519", "typ": kind, "kid": self.key_id}
        registry = JWSRegistry(algorithms=["Ed25519"])
        return jwt.encode(header, body, key, registry=registry), expire


@dataclass(slots=True)
class TokenVerifier:
    """Verifies tokens with the keys that `auth` publishes, remembering what it verified.

    An unknown key id asks for the keys once, at most each 30 s.
    """

    fetch_keys: Callable[[], Awaitable[Mapping[str, bytes]]]
    clock: Clock
    refresh_seconds: float = 30
    _keys: dict[str, OKPKey] = field(default_factory=dict)
    _seen: OrderedDict[bytes, Caller] = field(default_factory=OrderedDict)
    _revoked: dict[str, float] = field(default_factory=dict)
    _asked: float = -1e9

    async def verify(self, token: str) -> Caller:
        """The caller behind a token. Raises ServiceError CALLER_UNKNOWN, SESSION_REVOKED."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        caller = self._seen.get(digest)
        if caller is None:
            caller = await self._verify_new(token)
            self._seen[digest] = caller
            if len(self._seen) > _CACHE_SIZE:
                self._seen.popitem(last=False)
        if caller.expire_time + LEEWAY_SECONDS < self.clock.now().timestamp():
            self._seen.pop(digest, None)
            raise _unknown()
        if caller.session and caller.session in self._revoked:
            raise ServiceError("SESSION_REVOKED", Category.UNAUTHENTICATED)
        if caller.assurance == STEPPED_UP and caller.step_up_end <= self.clock.now().timestamp():
            return replace(caller, assurance=SIGNED_IN)
        return caller

    def revoke(self, session: str) -> None:
        """Refuse the tokens of a session at once; remembered for as long as a token can live."""
        now = self.clock.now().timestamp()
        for name in [name for name, end in self._revoked.items() if end < now]:
            del self._revoked[name]
        self._revoked[session] = now + LIFE.total_seconds() + 2 * LEEWAY_SECONDS

    async def _verify_new(self, token: str) -> Caller:
        if len(token) > _MAX_TOKEN or not _FORM.match(token):
            raise _unknown()
        header = _json_object(token.split(".", maxsplit=1)[0])
        if set(header) != {"alg", "typ", "kid"} or header["alg"] != "Ed25519":
            raise _unknown()
        kid, kind = header["kid"], header["typ"]
        if not isinstance(kid, str) or kind not in _TYPES:
            raise _unknown()
        key = await self._key(kid)
        try:
            registry = JWSRegistry(algorithms=["Ed25519"])
            claims = jwt.decode(token, key, registry=registry).claims
        except (JoseError, ValueError, TypeError):
            raise _unknown() from None
        _json_object(token.split(".")[1])
        self._check_times(claims)
        if claims.get("iss") != ISSUER or claims.get("aud") != AUDIENCE:
            raise _unknown()
        return _caller_of(kind, claims)

    def _check_times(self, claims: Mapping[str, object]) -> None:
        now = self.clock.now().timestamp()
        exp, iat = claims.get("exp"), claims.get("iat")
        if type(exp) is not int or type(iat) is not int:
            raise _unknown()
        if exp + LEEWAY_SECONDS < now or iat > now + 60 or exp - iat > LIFE.total_seconds():
            raise _unknown()

    async def _key(self, kid: str) -> OKPKey:
        if kid not in self._keys and monotonic() - self._asked >= self.refresh_seconds:
            keys = await self.fetch_keys()
            self._asked = monotonic()
            self._keys = {
                name: OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": _b64(raw)})
                for name, raw in keys.items()
                if Ed25519PublicKey.from_public_bytes(raw)
            }
        if kid not in self._keys:
            raise _unknown()
        return self._keys[kid]


def _caller_of(kind: str, claims: Mapping[str, object]) -> Caller:
    def text(name: str) -> str:
        value = claims.get(name, "")
        if not isinstance(value, str):
            raise _unknown()
        return value

    roles = claims.get("roles", [])
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise _unknown()
    end, step_up_end = claims["exp"], claims.get("sup", 0)
    if not text("sub") or not isinstance(end, int) or type(step_up_end) is not int:
        raise _unknown()
    person = kind == "lkmr-caller+jwt"
    return Caller(
        kind=CallerKind.PERSON if person else CallerKind.JOB,
        subject=text("sub"),
        expire_time=float(end),
        session=text("sid"),
        worker=text("wrk"),
        organization=text("org"),
        organization_oid=text("oid"),
        department=text("dep"),
        roles=tuple(roles),
        assurance=text("acr"),
        purpose=text("purpose"),
        step_up_end=float(step_up_end),
        suspended=claims.get("sus", 0) != 0,
    )


def _json_object(part: str) -> dict[str, object]:

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise _unknown()
        return dict(pairs)

    try:
        text = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        value = json.loads(text, object_pairs_hook=unique)
    except ValueError:
        raise _unknown() from None
    if not isinstance(value, dict):
        raise _unknown()
    return value


def _b64(raw: bytes) -> str:

    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unknown() -> ServiceError:
    return ServiceError("CALLER_UNKNOWN", Category.UNAUTHENTICATED)


def claims_summary(caller: Caller) -> bytes:
    """A stable digest source of who asked, for idempotency records."""
    return orjson.dumps([caller.kind.value, caller.subject, caller.organization])
