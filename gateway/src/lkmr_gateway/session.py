"""Resolved sessions in memory, so that `auth` is asked only on a miss.

Keyed by SHA-256 of the cookie; the cookie itself is never kept. The rules stand in
docs/security.md (session of the browser).
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import orjson
from lkmr.auth.v1 import auth_service_pb2 as pb

from lkmr_gateway.device import device_key
from lkmr_gateway.exchange import Refused
from lkmr_gateway.problems import Problem, problem, problem_of
from lkmr_gateway.trust import Hearing
from lkmr_servicekit.clock import Clock, monotonic
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.identity import SIGNED_IN, STEPPED_UP
from lkmr_servicekit.telemetry import log

_REFRESH_BEFORE = 75.0
_TOKEN_RESERVE = 5.0
_IDLE_SECONDS = 900.0
_REFUSED_SECONDS = 5.0
_MAX_REFUSED = 20_000
_REPORT_SECONDS = 60.0
_REPORT_EACH = 5.0
_REVOKED_SECONDS = 60.0
_RETRY_SECONDS = 2.0

_MAX_SHARED = 10_000

Shared = TypeVar("Shared", bound=Hashable)
_shared: dict[Any, Any] = {}

Resolve = Callable[[bytes, str], Awaitable[pb.Session]]
Touch = Callable[[bytes, datetime], Awaitable[None]]
VerifyToken = Callable[[str], Awaitable[bool]]
OnEnd = Callable[[bytes, str], None]


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


class Sessions:
    """The sessions of one gateway: bounded, least used out first, revocable at once."""

    def __init__(
        self,
        *,
        resolve: Resolve,
        touch: Touch,
        verify: VerifyToken,
        hearing: Hearing,
        clock: Clock,
        size: int,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._ask, self._touch, self._verify = resolve, touch, verify
        self._hearing, self._clock, self._size, self._now = hearing, clock, size, now
        self._entries: OrderedDict[bytes, Entry] = OrderedDict()
        self._refused: OrderedDict[bytes, tuple[ServiceError, float]] = OrderedDict()
        self._revoked: OrderedDict[bytes, float] = OrderedDict()
        self._anew: OrderedDict[bytes, float] = OrderedDict()
        self._flights: dict[bytes, asyncio.Task[Entry]] = {}
        self._dirty: set[Entry] = set()
        self._on_end: list[OnEnd] = []

    def __len__(self) -> int:
        return len(self._entries)

    def on_end(self, action: OnEnd) -> None:
        """Run an action with key and code when `auth` says that a session is over."""
        self._on_end.append(action)

    def peek(self, key: bytes, agent: bytes) -> Entry | None:
        """The session when it is known and may be used without asking; the hot path."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        now = self._now()
        if now >= entry.valid_until or not self._hearing.holds(entry.checked, now):
            return None
        if agent != entry.agent:
            if device_key(agent) != entry.device:
                return None
            entry.agent = shared(agent)
        if now >= entry.refresh_at and not entry.refreshing:
            entry.refreshing = True
            self._fly(key, agent)
        self._entries.move_to_end(key)
        return entry

    async def get(self, cookie: bytes, agent: bytes) -> Entry:
        """The session behind a cookie. Raises Refused with the reason that a person is shown."""
        if not cookie:
            raise Refused(problem("SESSION_MISSING"))
        key = key_of(cookie)
        return self.peek(key, agent) or await self.resolve(key, agent)

    async def resolve(self, key: bytes, agent: bytes) -> Entry:
        """Ask `auth`, once for all who wait. Raises Refused."""
        refused = self._refused.get(key)
        if refused is not None:
            if refused[1] > self._now():
                raise Refused(_refusal(refused[0]))
            del self._refused[key]
        try:
            return await asyncio.shield(self._fly(key, agent))
        except ServiceError as fault:
            if fault.category is Category.UNAUTHENTICATED:
                raise Refused(_refusal(fault)) from None
            log.warning("session.not_resolved", reason=fault.reason)
            raise Refused(problem("SESSION_STORE_UNAVAILABLE", seconds=5)) from None

    def act(self, entry: Entry) -> None:
        """Note that the person acted; `auth` hears of it within a minute."""
        now = self._now()
        entry.active = now
        entry.valid_until = min(entry.end, now + entry.idle)
        if not entry.dirty:
            entry.dirty = True
            self._dirty.add(entry)

    def revoke(self, key: bytes) -> None:
        """Forget a session at once, also when its answer is still on the way."""
        now = self._now()
        self._revoked[key] = now
        while self._revoked and next(iter(self._revoked.values())) < now - _REVOKED_SECONDS:
            self._revoked.popitem(last=False)
        self._drop(key)

    def ask_anew(self, key: bytes) -> None:
        """The rights of a session changed: it is asked about again before its next use."""
        now = self._now()
        self._anew[key] = now
        while self._anew and next(iter(self._anew.values())) < now - _REVOKED_SECONDS:
            self._anew.popitem(last=False)
        entry = self._entries.get(key)
        if entry is not None:
            entry.outdate()

    def distrust(self) -> None:
        """Facts may have been missed: everything is asked again before its next use."""
        self._hearing.gap()

    async def report(self) -> None:
        """Tell `auth` about acts, at most once a minute for a session; until cancelled."""
        while True:
            await asyncio.sleep(_REPORT_EACH)
            await self.report_due(_REPORT_SECONDS)

    async def report_due(self, age: float) -> None:
        """Tell of sessions that acted and were not told about for so many seconds."""
        now = self._now()
        for entry in [one for one in self._dirty if now - one.reported >= age]:
            self._dirty.discard(entry)
            entry.dirty = False
            moment = datetime.fromtimestamp(self._clock.now().timestamp() + entry.active - now, UTC)
            before, entry.reported = entry.reported, now
            try:
                await self._touch(entry.key, moment)
            except ServiceError as fault:
                if fault.category is Category.UNAUTHENTICATED:
                    self._refuse(entry.key, fault)
                else:
                    entry.reported = before
                    entry.dirty = True
                    self._dirty.add(entry)
                    return

    def _fly(self, key: bytes, agent: bytes) -> "asyncio.Task[Entry]":
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._resolve(key, agent))
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._landed(key, done))
        return flight

    def _landed(self, key: bytes, flight: "asyncio.Task[Entry]") -> None:
        self._flights.pop(key, None)
        entry = self._entries.get(key)
        if flight.cancelled() or flight.exception() is None or entry is None:
            return
        entry.refreshing = False
        entry.refresh_at = self._now() + _RETRY_SECONDS

    async def _resolve(self, key: bytes, agent: bytes) -> Entry:
        started = self._now()
        try:
            session = await self._ask(key, device_key(agent))
        except ServiceError as fault:
            if fault.category is Category.UNAUTHENTICATED:
                self._refuse(key, fault)
            raise
        if not await self._verify(session.esia_access_token):
            raise self._refuse(key, _over("ESIA_TOKEN_REFUSED"))
        if self._revoked.get(key, -1e9) >= started:
            raise _over("SESSION_REVOKED")
        entry = Entry(key, agent, session, self._clock)
        entry.checked = started
        self._merge(entry)
        if self._anew.get(key, -1e9) >= started:
            entry.outdate()
            self._entries[key] = entry
            return entry
        if entry.active + entry.idle <= self._now():
            raise self._refuse(key, _over("SESSION_EXPIRED"))
        self._entries[key] = entry
        self._entries.move_to_end(key)
        self._refused.pop(key, None)
        if len(self._entries) > self._size:
            _, oldest = self._entries.popitem(last=False)
            self._dirty.discard(oldest)
        return entry

    def _merge(self, entry: Entry) -> None:
        """Take over what this gateway knows better: acts that `auth` was not told of yet."""
        old = self._entries.get(entry.key)
        if old is None:
            return
        if old.active > entry.active:
            entry.active, entry.reported = old.active, old.reported
            entry.valid_until = min(entry.end, entry.active + entry.idle)
        if old.dirty:
            self._dirty.discard(old)
            entry.dirty = True
            self._dirty.add(entry)

    def _refuse(self, key: bytes, fault: ServiceError) -> ServiceError:
        """Remember for a moment that a session is refused."""
        self._refused[key] = (fault, self._now() + _REFUSED_SECONDS)
        if len(self._refused) > _MAX_REFUSED:
            self._refused.popitem(last=False)
        self._drop(key)
        for action in self._on_end:
            action(key, _refusal(fault).code)
        return fault

    def _drop(self, key: bytes) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._dirty.discard(entry)


def _over(reason: str) -> ServiceError:
    return ServiceError(reason, Category.UNAUTHENTICATED)


_NEW_SIGN_IN = frozenset({"SIGNED_OUT", "EXPIRED", "PROFILE_SWITCHED"})


def _refusal(fault: ServiceError) -> Problem:
    """A session that its own person ended is simply over; any other end is explained."""
    if fault.reason == "SESSION_REVOKED" and fault.metadata.get("reason") in _NEW_SIGN_IN:
        return problem("SESSION_EXPIRED")
    if fault.metadata.get("reason") == "SUSPICIOUS":
        return problem("SESSION_SUSPICIOUS")
    return problem_of(fault)


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
