"""A sign-in under way: from the press of the button to the open session."""

import hmac
import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from lkmr_auth.domain.errors import OriginUnknown, SignInStateLost
from lkmr_auth.domain.esia import EsiaTokens
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.profiles import Profile
from lkmr_servicekit.personal import Personal

LIFE = timedelta(minutes=10)
CALLBACK_PATH = "/auth/callback"
_MAX_SECRET = 128
_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x1f\x7f]{0,1023}\Z")


class Stage(Enum):
    """What a sign-in waits for."""

    REDIRECTED = "REDIRECTED"
    CODE = "CODE"
    PROFILE = "PROFILE"
    ACTIVATION = "ACTIVATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A sign-in record before ESIA answered. One use, bound to the browser's cookie."""

    id: uuid.UUID
    secret_hash: bytes
    state: str
    origin: str
    return_to: str
    create_time: datetime

    @property
    def expire_time(self) -> datetime:
        return self.create_time + LIFE

    @property
    def redirect_uri(self) -> str:
        return self.origin + CALLBACK_PATH

    def require_state(self, state: str, now: datetime) -> None:
        """Raises SignInStateLost unless the callback brought the state of this very record."""
        same = hmac.compare_digest(self.state.encode(), state.encode("utf-8", "surrogatepass"))
        if not same or now >= self.expire_time:
            raise SignInStateLost


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """Where a person sits. `device` is the gateway's key of the browser."""

    address: Personal[str] = field(default_factory=lambda: Personal(""))
    user_agent: Personal[str] = field(default_factory=lambda: Personal(""))
    device: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """A person whom ESIA and the registers confirmed, on the way to a session.

    `reduced`: known by the password of the cabinet only, while ESIA is away; without tokens.
    """

    person_id: PersonId
    tokens: EsiaTokens
    second_factor: bool
    return_to: str
    browser: Browser
    check_time: datetime
    register_version: str
    reduced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingSignIn:
    """A sign-in that waits for the person."""

    id: uuid.UUID
    secret_hash: bytes
    stage: Stage
    confirmed: Confirmed
    create_time: datetime

    @property
    def expire_time(self) -> datetime:
        return self.create_time + LIFE


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStep:
    """The session is open."""

    session_cookie: str
    return_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeStep:
    """The cabinet's own code was sent."""

    phone_masked: str
    expire_time: datetime
    attempts_left: int
    resend_time: datetime
    login_cookie: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileStep:
    """The person must choose a profile."""

    profiles: tuple[Profile, ...]
    login_cookie: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationStep:
    """The account waits for activation (активация)."""

    greeting_name: str
    login_cookie: str = ""


Step = SessionStep | CodeStep | ProfileStep | ActivationStep


def stage_of(
    confirmed: Confirmed, *, active: bool, profiles: int, terms_renewed: bool = False
) -> Stage | None:
    """What a confirmed person still has to do; None when the session may begin.

    Who has accepted an earlier version of the terms is asked about the present one.
    """
    if not confirmed.second_factor:
        return Stage.CODE
    if not active or terms_renewed:
        return Stage.ACTIVATION
    return Stage.PROFILE if profiles > 1 else None


def require_origin(origin: str, allowed: frozenset[str]) -> str:
    """An origin of ours. Raises OriginUnknown."""
    if origin not in allowed:
        raise OriginUnknown
    return origin


def safe_return_to(path: str) -> str:
    """A path to open afterwards: one leading `/`, no backslash, no control characters."""
    return path if _PATH.match(path) else "/"


def require_secret(secret: str) -> str:
    """A secret of plausible size. Raises SignInStateLost."""
    if not secret or len(secret) > _MAX_SECRET:
        raise SignInStateLost
    return secret
