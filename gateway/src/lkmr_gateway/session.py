"""Resolved sessions in memory, so that `auth` is asked only on a miss.

Keyed by SHA-256 of the cookie; the cookie itself is never kept. The rules stand in
docs/security.md (session of the browser).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from lkmr.auth.v1 import auth_service_pb2 as pb

from lkmr_gateway.device import device_key
from lkmr_gateway.entry import Entry, key_of, shared
from lkmr_gateway.exchange import Refused
from lkmr_gateway.problems import Problem, problem, problem_of
from lkmr_gateway.trust import Hearing
from lkmr_servicekit.clock import Clock, monotonic
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.telemetry import log

_REFUSED_SECONDS = 5.0
_MAX_REFUSED = 20_000
_REPORT_SECONDS = 60.0
_REPORT_EACH = 5.0
_REVOKED_SECONDS = 60.0
_RETRY_SECONDS = 2.0

Resolve = Callable[[bytes, str], Awaitable[pb.Session]]
Touch = Callable[[bytes, datetime], Awaitable[None]]
VerifyToken = Callable[[str], Awaitable[bool]]
OnEnd = Callable[[bytes, str], None]


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
