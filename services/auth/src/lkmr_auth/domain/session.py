"""Sessions (сеансы): how long they live, what ends them, what may still follow their end."""

import hashlib
import re
import secrets
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Self

from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.profiles import Profile
from lkmr_servicekit.personal import Personal

ROTATION_GRACE = timedelta(seconds=30)
# Gateways report acts at most once a minute, so auth may know an act that much too early.
REPORTING_SLACK = timedelta(seconds=60)
MAX_PARALLEL = 5


class Assurance(Enum):
    """How strongly a session is proven.

    REDUCED: opened while ESIA was away, for own data only. STEPPED_UP: a second factor was given
    just before (повторное подтверждение).
    """

    REDUCED = "REDUCED"
    SIGNED_IN = "SIGNED_IN"
    STEPPED_UP = "STEPPED_UP"


class State(Enum):
    """ROTATED: replaced by a new id of the same family, good for requests under way."""

    ACTIVE = "ACTIVE"
    ROTATED = "ROTATED"
    ENDED = "ENDED"


class EndReason(Enum):
    """Why a session ended."""

    EXPIRED = "EXPIRED"
    SIGNED_OUT = "SIGNED_OUT"
    OTHER_DEVICE = "OTHER_DEVICE"
    REVOKED_BY_OWNER = "REVOKED_BY_OWNER"
    PROFILE_SWITCHED = "PROFILE_SWITCHED"
    OLD_ID_USED = "OLD_ID_USED"
    DEVICE_CHANGED = "DEVICE_CHANGED"
    REFUSED_BY_ESIA = "REFUSED_BY_ESIA"
    ROLE_REMOVED = "ROLE_REMOVED"
    CODE_LOCKED = "CODE_LOCKED"
    ACCOUNT_BLOCKED = "ACCOUNT_BLOCKED"
    ENDED_BY_ADMIN = "ENDED_BY_ADMIN"
    SUSPICIOUS = "SUSPICIOUS"


class Standing(Enum):
    """What a look at a session finds."""

    OPEN = "OPEN"
    CLOSING = "CLOSING"
    OLD_ID = "OLD_ID"
    EXPIRED = "EXPIRED"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Settings of session life."""

    idle: timedelta = timedelta(minutes=15)
    absolute: timedelta = timedelta(hours=8)
    parallel: int = MAX_PARALLEL
    step_up: timedelta = timedelta(minutes=5)
    renewal: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session of a person in one browser. The secret itself is not kept, only its SHA-256."""

    id: uuid.UUID
    family_id: uuid.UUID
    person_id: PersonId
    secret_hash: bytes
    state: State
    organization_id: str
    role: str
    device: bytes
    user_agent: Personal[str]
    address: Personal[str]
    start_time: datetime
    active_time: datetime
    expire_time: datetime
    data_check_time: datetime
    register_version: str
    rotate_time: datetime | None = None
    end_reason: EndReason | None = None
    basis: Assurance = Assurance.SIGNED_IN
    step_up_time: datetime | None = None
    issue_time: datetime | None = None

    @property
    def name(self) -> str:
        """`persons/{person}/sessions/{session}`."""
        return f"persons/{self.person_id}/sessions/{self.id}"

    @property
    def profile_name(self) -> str:
        """Name of the active profile; empty without one."""
        return f"{self.organization_id}/{self.role}" if self.role else ""

    def standing(self, now: datetime, limits: Limits) -> Standing:
        """What may be done with this session now."""
        if self.state is State.ENDED:
            over = self.end_reason is EndReason.EXPIRED
            return Standing.EXPIRED if over else Standing.ENDED
        if self.state is State.ROTATED:
            return Standing.CLOSING if now <= self.closing_time() else Standing.OLD_ID
        idle = now - self.active_time > limits.idle + REPORTING_SLACK
        return Standing.EXPIRED if idle or now >= self.expire_time else Standing.OPEN

    def assurance(self, now: datetime, limits: Limits) -> Assurance:
        """How strongly the session is proven now."""
        end = self.step_up_end(limits)
        if self.basis is Assurance.REDUCED:
            return Assurance.REDUCED
        return Assurance.STEPPED_UP if end is not None and now < end else self.basis

    def step_up_end(self, limits: Limits) -> datetime | None:
        """When the last second factor is no longer fresh; None without one."""
        return self.step_up_time + limits.step_up if self.step_up_time is not None else None

    def renewed(self, secret: str, now: datetime) -> Self:
        """The same session under a new id; beginning and absolute end stay."""
        return replace(
            self,
            id=uuid.uuid4(),
            secret_hash=hash_of(secret),
            state=State.ACTIVE,
            active_time=now,
            issue_time=now,
        )

    def renew_time(self, limits: Limits) -> datetime:
        """From when on the id is to be replaced by a new one."""
        return (self.issue_time or self.start_time) + limits.renewal

    def closing_time(self) -> datetime:
        """The moment when this id stops working."""
        if self.state is State.ROTATED and self.rotate_time is not None:
            return min(self.rotate_time + ROTATION_GRACE, self.expire_time)
        return self.expire_time


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOpened:
    """A session began."""

    session: str
    worker_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded:
    """A session ended before its time, or its old id did."""

    session: str
    secret_hash: bytes
    reason: EndReason


def new_secret() -> str:
    """A secret for a cookie: 32 random bytes, base64url without padding."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> bytes:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def device_hash(device: str) -> bytes:
    """What is stored of a device key; empty for an empty one."""
    return hash_of(device) if device else b""


def profile_of(session: Session, profiles: tuple[Profile, ...]) -> Profile | None:
    """The active profile while its binding still counts."""
    return next((one for one in profiles if one.name == session.profile_name), None)


_BROWSERS = (
    ("YaBrowser/", "Яндекс Браузер"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_PLATFORMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_label(user_agent: str) -> str:
    """A browser in words, for the list of sessions: `Firefox, Windows`."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    platform = next((name for sign, name in _PLATFORMS if sign in user_agent), "")
    words = ", ".join(word for word in (browser, platform) if word)
    return words or re.sub(r"[^\w./ -]", "", user_agent)[:40].strip() or "Неизвестное устройство"
