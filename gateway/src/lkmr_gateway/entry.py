"""A session as this gateway knows it."""

import hashlib
from collections.abc import Hashable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import orjson
from lkmr.auth.v1 import auth_service_pb2 as pb

from lkmr_gateway.device import device_key
from lkmr_servicekit.clock import Clock, monotonic
from lkmr_servicekit.identity import SIGNED_IN, STEPPED_UP

_REFRESH_BEFORE = 75.0
_TOKEN_RESERVE = 5.0
_IDLE_SECONDS = 900.0
_MAX_SHARED = 10_000
_BLOCK = "BLOCK"

Shared = TypeVar("Shared", bound=Hashable)
_shared: dict[Any, Any] = {}


def shared(value: Shared) -> Shared:
    """One object for what many sessions have alike: browsers, organisations, roles."""
    if len(_shared) >= _MAX_SHARED:
        _shared.clear()
    held: Shared = _shared.setdefault(value, value)
    return held


def key_of(cookie: bytes) -> bytes:
    """What a session is known by."""
    return hashlib.sha256(cookie).digest()


class Entry:
    """A session as this gateway knows it. Moments are seconds of the monotonic clock."""

    __slots__ = (
        "active",
        "agent",
        "basis",
        "checked",
        "csrf_seed",
        "device",
        "dirty",
        "end",
        "expire_time",
        "idle",
        "key",
        "name",
        "organization",
        "person",
        "public",
        "refresh_at",
        "refreshing",
        "renew_at",
        "reported",
        "roles",
        "step_up_end",
        "suspended",
        "token",
        "valid_until",
        "worker",
    )

    def __init__(self, key: bytes, agent: bytes, session: pb.Session, clock: Clock) -> None:
        now, wall = monotonic(), clock.now()

        def moment(stamp: datetime) -> float:
            return now + (stamp - wall).total_seconds()

        self.key, self.agent, self.device = key, shared(agent), shared(device_key(agent))
        self.name, self.person, self.worker = session.name, session.person, session.worker
        self.token = session.caller_token
        self.organization: str = shared(session.active_profile.organization)
        role = session.active_profile.role
        self.roles: tuple[str, ...] = shared((role,) if role else ())
        self.suspended = session.lapse_mode == _BLOCK
        self.expire_time = session.expire_time.ToDatetime(UTC)
        token_end = moment(session.caller_token_expire_time.ToDatetime(UTC))
        self.end = min(moment(self.expire_time), token_end - _TOKEN_RESERVE)
        self.refresh_at = token_end - _REFRESH_BEFORE
        self.refreshing = False
        self.idle = float(session.idle_seconds) or _IDLE_SECONDS
        self.active = min(now, moment(session.active_time.ToDatetime(UTC)))
        self.reported = self.active
        self.dirty = False
        self.checked = now
        self.valid_until = min(self.end, self.active + self.idle)
        self.public = public_form(session)
        self.basis = pb.Assurance.Name(session.assurance).removeprefix("ASSURANCE_")
        self.step_up_end = 0.0
        if session.HasField("step_up_expire_time"):
            self.step_up_end = moment(session.step_up_expire_time.ToDatetime(UTC))
        self.renew_at = moment(session.renew_time.ToDatetime(UTC))
        if not session.HasField("renew_time"):
            self.renew_at = float("inf")
        # A token of the forms outlives a new id of the same entry, but not a change of profile.
        seed = f"{session.family} {session.active_profile.name}".encode()
        self.csrf_seed = seed if session.family else key

    @property
    def assurance(self) -> str:
        """REDUCED, SIGNED_IN, or STEPPED_UP while the last second factor is fresh."""
        if self.step_up_end > monotonic():
            return STEPPED_UP
        return SIGNED_IN if self.basis == STEPPED_UP else self.basis

    def step_up_left(self) -> timedelta:
        """How long the last second factor is fresh."""
        return timedelta(seconds=max(self.step_up_end - monotonic(), 0.0))

    def outdate(self) -> None:
        """What is known of rights is old: good for the request under way only."""
        self.end = self.valid_until = 0.0

    def known(self) -> dict[str, Any]:
        """Person, organisation, roles, profiles and assurance, as the API shows them."""
        made: dict[str, Any] = orjson.loads(self.public)
        return made


def public_form(session: pb.Session) -> bytes:
    """The part of `GET /api/v1/session` that stays the same while the session lives.

    It is copied to its own size: what orjson gives back keeps its whole buffer of 4 KiB.
    """
    active = session.active_profile
    made = orjson.dumps(
        {
            "person": {
                "id": session.person,
                "family_name": session.family_name,
                "given_name": session.given_name,
                "patronymic": session.patronymic,
                "account_number": session.account_number,
            },
            "organization": {
                "id": active.organization,
                "name": active.organization_name,
                "short_name": active.organization_short_name,
            }
            if active.organization
            else None,
            "roles": [active.role] if active.role else [],
            "emergency_expire_time": session.emergency_expire_time.ToJsonString()
            if session.HasField("emergency_expire_time")
            else None,
            "accreditation_lapse": {
                "mode": session.lapse_mode,
                "items": [
                    {"specialty": one.specialty, "end_date": one.end_date or None}
                    for one in session.lapses
                ],
            }
            if session.lapse_mode
            else None,
            "profiles": [
                {
                    "name": one.name,
                    "organization": {
                        "id": one.organization,
                        "name": one.organization_name,
                        "short_name": one.organization_short_name,
                    },
                    "role": one.role,
                    "position": one.position,
                    "department": one.department,
                }
                for one in session.profiles
            ],
        }
    )
    return memoryview(made).tobytes()
