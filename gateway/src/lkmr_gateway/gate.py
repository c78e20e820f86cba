"""What a request passes before its route: session, rate, rights, proof of our own page."""

import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from lkmr_gateway.access import Entrance, Rule
from lkmr_gateway.body import fields_of
from lkmr_gateway.csrf import SAFE_METHODS, Csrf, comes_from_us, token_fits
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import LOGIN_COOKIE, SESSION_COOKIE, Exchange, Refused, cookie
from lkmr_gateway.journal import Acts
from lkmr_gateway.limits import Buckets
from lkmr_gateway.problems import problem
from lkmr_gateway.session import Sessions
from lkmr_servicekit.audit import Act, Result
from lkmr_servicekit.clock import Clock, monotonic
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.identity import REDUCED, STEPPED_UP
from lkmr_servicekit.telemetry import log

HEAVY_AT_ONCE = 2
RENEW_AGAIN = 60.0
Renew = Callable[[Entry], Awaitable[str]]


class Gate:
    """Admits requests by the rule of their route."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        csrf: Csrf,
        acts: Acts,
        clock: Clock,
        by_session: Buckets,
        by_person: Buckets,
        heavy: Buckets,
        renew: Renew,
        heavy_at_once: float = HEAVY_AT_ONCE,
    ) -> None:
        self._sessions, self._csrf = sessions, csrf
        self._acts, self._clock = acts, clock
        self._by_session, self._by_person, self._heavy = by_session, by_person, heavy
        self._heavy_at_once, self._renew = heavy_at_once, renew
        self._heavy_now: Counter[str] = Counter()

    async def admit(self, exchange: Exchange, rule: Rule) -> None:
        """Let a request in, or raise Refused."""
        if exchange.upload is not None and not rule.upload:
            raise Refused(problem("CONTENT_TYPE_UNSUPPORTED"))
        entrance = rule.entrance
        if entrance is Entrance.SESSION:
            await self._admit_session(exchange, rule)
        elif entrance is Entrance.OPTIONAL:
            await self._look_for_session(exchange)
        elif entrance is Entrance.SIGN_IN:
            await self._admit_sign_in(exchange)

    async def _admit_session(self, exchange: Exchange, rule: Rule) -> None:
        cookie = exchange.cookie(SESSION_COOKIE)
        entry = await self._sessions.get(cookie, exchange.headers.get(b"user-agent", b""))
        exchange.session = entry
        wait = self._by_session.take(entry.key) or self._by_person.take(entry.person)
        if wait:
            raise Refused(problem("RATE_LIMITED", seconds=wait))
        if exchange.method not in SAFE_METHODS:
            await self._check_write(exchange, self._csrf.session_token(entry.csrf_seed))
        if rule.section and not rule.scope_for(entry.roles):
            await self.record(exchange, exchange.route, "SECTION_CLOSED")
            raise Refused(problem("SECTION_CLOSED", roles=", ".join(rule.open_to())))
        if entry.assurance == REDUCED and not rule.reduced:
            await self.record(exchange, exchange.route, "SESSION_REDUCED")
            raise Refused(problem("SESSION_REDUCED"))
        if rule.practice and entry.suspended:
            await self.record(exchange, exchange.route, "PRACTICE_SUSPENDED")
            raise Refused(problem("PRACTICE_SUSPENDED"))
        if rule.step_up and entry.assurance != STEPPED_UP:
            await self.record(exchange, exchange.route, "STEP_UP_REQUIRED")
            raise Refused(problem("STEP_UP_REQUIRED", confirm="/api/v1/step-up", page="/step-up"))
        if not rule.background and b"x-background" not in exchange.headers:
            self._sessions.act(entry)
            if entry.renew_at <= monotonic() and exchange.method in SAFE_METHODS:
                await self._renew_id(exchange, entry)

    async def _renew_id(self, exchange: Exchange, entry: Entry) -> None:
        """Give the session a new id with this answer; who comes second goes on with the old one."""
        entry.renew_at = monotonic() + RENEW_AGAIN
        try:
            secret = await self._renew(entry)
        except ServiceError as fault:
            log.info("session.not_renewed", reason=fault.reason)
        else:
            exchange.set_cookies.append(cookie(SESSION_COOKIE, secret))

    async def _look_for_session(self, exchange: Exchange) -> None:
        cookie = exchange.cookie(SESSION_COOKIE)
        if not cookie:
            return
        try:
            agent = exchange.headers.get(b"user-agent", b"")
            exchange.session = await self._sessions.get(cookie, agent)
        except Refused as refusal:
            exchange.session_fault = refusal.problem
        else:
            self._sessions.act(exchange.session)

    async def _admit_sign_in(self, exchange: Exchange) -> None:
        cookie = exchange.cookie(LOGIN_COOKIE)
        if not cookie and exchange.method not in SAFE_METHODS:  # it was there with the page
            raise Refused(problem("CONFIRMATION_COOKIE_LOST"))
        if not cookie:
            raise Refused(problem("SIGN_IN_STATE_LOST"))
        if exchange.method not in SAFE_METHODS:
            await self._check_write(exchange, self._csrf.sign_in_token(cookie))

    async def _check_write(self, exchange: Exchange, expected: str) -> None:
        """All three: a page of ours, its token, and an allowed kind of content."""
        given = exchange.header(b"x-csrf-token")
        if not given:
            form = exchange.upload
            fields = fields_of(exchange) if form is None else await form.fields()
            given = fields.get("csrf_token", "")
        if not comes_from_us(exchange) or not token_fits(given, expected):
            raise Refused(problem("CSRF_REFUSED"))

    @asynccontextmanager
    async def heavy(self, entry: Entry) -> AsyncIterator[None]:
        """Expensive work of one person: few a minute, two at once. Raises Refused."""
        wait = self._heavy.take(entry.person)
        if wait or self._heavy_now[entry.person] >= self._heavy_at_once:
            raise Refused(problem("RATE_LIMITED", seconds=wait or 2))
        self._heavy_now[entry.person] += 1
        try:
            yield
        finally:
            self._heavy_now[entry.person] -= 1
            if not self._heavy_now[entry.person]:
                del self._heavy_now[entry.person]

    async def record(self, exchange: Exchange, target: str, reason: str) -> None:
        """Journal a refusal as DENIED; a journal that is away does not turn it into a grant."""
        operation = "api.read" if exchange.method == "GET" else "api.write"
        exchange.journalled = True
        await self.note(exchange, operation, target, result=Result.DENIED, reason=reason)

    async def note(
        self,
        exchange: Exchange,
        operation: str,
        target: str,
        *,
        result: Result = Result.ALLOWED,
        reason: str = "",
    ) -> None:
        """Journal an act that no service sees, before its answer (docs/audit.md)."""
        entry = exchange.session
        await self._acts.report(
            Act(
                operation=operation,
                object=target,
                result=result,
                reason=reason,
                time=self._clock.now(),
                actor=f"persons/{entry.person}" if entry else "",
                roles=entry.roles if entry else (),
                organization=entry.organization if entry else "",
                session=entry.name if entry else "",
                trace_id=exchange.trace_id,
            )
        )


def request_id_of(exchange: Exchange) -> str:
    """The `Idempotency-Key` as a UUID; empty without one. Raises Refused for a malformed one."""
    given = exchange.header(b"idempotency-key")
    if not given:
        return ""
    if not 8 <= len(given) <= 64 or not given.isascii() or not given.isprintable():  # noqa: PLR2004 - the documented form
        raise Refused(problem("REQUEST_ID_INVALID"))
    try:
        value = uuid.UUID(given)
    except ValueError:
        value = uuid.UUID(bytes=uuid.uuid5(uuid.NAMESPACE_OID, given).bytes, version=4)
    return str(value)


def is_uuid(text: str) -> bool:
    """Whether an id has the one form that ids have here."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
