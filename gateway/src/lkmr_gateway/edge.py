"""The outermost layer: what every request passes, and the one place where faults become answers.

Pure ASGI; order: trace, host, method, load, rate, body, route.
"""

import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from lkmr_gateway import protection
from lkmr_gateway.exchange import (
    App,
    ClientGone,
    Exchange,
    Header,
    Message,
    Receive,
    Refused,
    Scope,
    Send,
    send_bytes,
)
from lkmr_gateway.limits import Buckets, Load
from lkmr_gateway.measures import Requests
from lkmr_gateway.pages.policy import content_security_policy
from lkmr_gateway.problems import PROBLEM_JSON, Problem, problem, problem_of
from lkmr_gateway.return_to import entrance
from lkmr_gateway.upload import Upload, is_multipart
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import FieldFault, ServiceError
from lkmr_servicekit.telemetry import continue_trace, describe, log, where_of

JSON_BYTES, FORM_BYTES = 256 * 1024, 64 * 1024
_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_METHODS = _WITH_BODY | {"GET", "HEAD", "OPTIONS"}
_HEALTH = ("/healthz", "/readyz")
_LOCAL = (b"localhost", b"127.0.0.1", b"[::1]")
_HTML = b"text/html; charset=utf-8"
_SERVER_FAULT, _UNAUTHENTICATED, _FORBIDDEN = 500, 401, 403

PageOf = Callable[[Exchange, Problem], bytes]
Record = Callable[[Exchange, str, str], Awaitable[None]]
KeepForm = Callable[[Exchange], Awaitable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeRules:
    """Settings of the edge. `form_origins` is where forms may lead besides ourselves."""

    authorities: frozenset[bytes]
    form_origins: tuple[str, ...] = ()
    address_header: bytes = b""
    log_ratio: float = 0.01


class _Outgoing:
    """Adds the headers of every answer as it starts."""

    __slots__ = ("_exchange", "_form_origins", "_secure", "_send")

    def __init__(
        self, exchange: Exchange, send: Send, form_origins: tuple[str, ...], *, secure: bool
    ) -> None:
        self._exchange, self._send = exchange, send
        self._form_origins, self._secure = form_origins, secure

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            exchange = self._exchange
            exchange.status = message["status"]
            headers: list[Header] = [*message["headers"], *protection.COMMON]
            kind, cached, policed = b"", False, False
            for name, value in message["headers"]:
                if name == b"content-type":
                    kind = value
                elif name == b"cache-control":
                    cached = True
                elif name == b"content-security-policy":
                    policed = True
            if not policed:
                is_page = kind.startswith(b"text/html")
                headers.append(self._page_policy() if is_page else protection.DATA_POLICY)
            if not cached:
                headers.append(protection.NO_STORE)
            if self._secure:
                headers.append(protection.TRANSPORT)
            headers += exchange.set_cookies
            headers.append((b"x-request-id", exchange.trace_id.encode()))
            message["headers"] = headers
        await self._send(message)

    def _page_policy(self) -> Header:
        text = content_security_policy(self._exchange.nonce, form_origins=self._form_origins)
        return (b"content-security-policy", text.encode())


class Edge:
    """Wraps the whole app. `page_of` draws a fault as a page.

    `keep_form` takes a form that came without a session and tells the page where it stood.
    """

    def __init__(
        self,
        app: App,
        *,
        rules: EdgeRules,
        load: Load,
        addresses: Buckets,
        page_of: PageOf,
        record: Record,
        keep_form: KeepForm,
        clock: Clock,
        requests: Requests,
    ) -> None:
        self._app, self._rules, self.load = app, rules, load
        self.authorities = rules.authorities
        self._addresses, self._page_of, self._clock = addresses, page_of, clock
        self._record, self._keep_form = record, keep_form
        self.requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        start = time.perf_counter()
        headers: dict[bytes, bytes] = dict(scope["headers"])
        exchange = Exchange(scope, headers, self._address(scope, headers))
        scope.setdefault("state", {})["exchange"] = exchange
        host = headers.get(b"host", b"").lower()
        secure = exchange.scheme == "https" and not host.startswith(_LOCAL)
        out = _Outgoing(exchange, send, self._rules.form_origins, secure=secure)
        counted = exchange.path != "/api/v1/events"
        trace_header = headers.get(b"traceparent")
        given = trace_header.decode("latin-1") if trace_header else None
        with continue_trace(exchange.method, given, trust=False) as trace:
            exchange.trace_id = trace.trace_id
            self.load.in_flight += counted
            try:
                await self._enter(scope, exchange, host, receive, out)
            except ClientGone:
                return
            except Exception as fault:  # noqa: BLE001 - the one last handler: no fault leaves without a code
                refusal = _problem_of(fault)
                if isinstance(fault, Refused) and refusal.status == _FORBIDDEN:
                    await self._journal(exchange, refusal)
                await self._answer(exchange, refusal, out)
            finally:
                self.load.in_flight -= counted
                seconds = time.perf_counter() - start
                if exchange.code:
                    self.requests.note_code(exchange.code)
                if counted:
                    self.requests.note(exchange.method, exchange.route, exchange.status, seconds)
                self._log(exchange, seconds)
                if trace.sampled:
                    _describe(exchange)

    async def _enter(
        self, scope: Scope, exchange: Exchange, host: bytes, receive: Receive, out: Send
    ) -> None:
        path = exchange.path
        if not path.startswith(_HEALTH):
            if host not in self.authorities:
                raise Refused(problem("HOST_UNKNOWN"))
            if not self.load.admits(exchange.method, path):
                raise Refused(problem("OVERLOADED", seconds=random.randint(1, 4)))  # noqa: S311 - spreads returns
            if wait := self._addresses.take(exchange.address):
                raise Refused(problem("RATE_LIMITED", seconds=wait))
        method = exchange.method
        if method not in _METHODS:
            raise Refused(problem("METHOD_NOT_ALLOWED", allow="GET, HEAD, POST, DELETE"))
        if method in _WITH_BODY:
            if is_multipart(exchange):
                exchange.upload = Upload(exchange, receive)  # read by the route that takes files
            else:
                exchange.body = await _read_body(exchange, receive)
                receive = _replayed(exchange.body, receive)
        elif method == "HEAD":
            scope = {**scope, "method": "GET"}
            exchange.method = "GET"
        await self._app(scope, receive, out)

    def _address(self, scope: Scope, headers: dict[bytes, bytes]) -> str:
        if self._rules.address_header:
            return headers.get(self._rules.address_header, b"").decode("latin-1")[:64]
        client = scope.get("client")
        return str(client[0]) if client else ""

    async def _journal(self, exchange: Exchange, refusal: Problem) -> None:
        """A 403 that the gateway decided; one that a service decided, the service journals."""
        if not exchange.journalled:
            await self._record(exchange, exchange.route or "unrouted", refusal.reason)

    async def _answer(self, exchange: Exchange, refusal: Problem, out: Send) -> None:
        exchange.code = refusal.code
        if refusal.status == _UNAUTHENTICATED and exchange.wants_html and not exchange.status:
            stood_at = await self._keep_form(exchange) if exchange.method == "POST" else ""
            await _to_entrance(exchange, out, stood_at)
            return
        if exchange.status:  # the answer has begun: the connection is all that can be ended
            raise RuntimeError(refusal.reason)
        if exchange.wants_html:
            try:
                body, kind = self._page_of(exchange, refusal), _HTML
            except Exception as fault:  # noqa: BLE001 - a broken page must not hide the code
                log.error("page.failed", kind=type(fault).__name__, where=where_of(fault))
                body, kind = refusal.to_json(exchange.trace_id, self._clock.now()), PROBLEM_JSON
        else:
            body, kind = refusal.to_json(exchange.trace_id, self._clock.now()), PROBLEM_JSON
        await send_bytes(out, refusal.status, body, kind, refusal.headers())

    def _log(self, exchange: Exchange, seconds: float) -> None:
        failed = exchange.status >= _SERVER_FAULT or not exchange.status
        if failed or random.random() < self._rules.log_ratio:  # noqa: S311 - sampling
            log.info(
                "request.answered",
                method=exchange.method,
                route=exchange.route,
                status=exchange.status,
                milliseconds=round(seconds * 1000, 1),
            )


async def _to_entrance(exchange: Exchange, out: Send, stood_at: str) -> None:
    """Without a session to the front page, which says why and remembers what was asked for."""
    asked = exchange.path if exchange.method == "GET" else stood_at
    if asked and exchange.query and not stood_at:
        asked += "?" + exchange.query.decode("latin-1")
    where = entrance(asked).encode()
    if b"hx-request" in exchange.headers:  # a part of a page cannot show the front page
        await send_bytes(out, _UNAUTHENTICATED, b"", _HTML, ((b"hx-redirect", where),))
    else:
        await send_bytes(out, 303, b"", _HTML, ((b"location", where),))


def _describe(exchange: Exchange) -> None:
    """The pattern of the route and the status, never the path, which may hold an id."""
    route = exchange.route or "unrouted"
    describe(
        f"{exchange.method} {route}",
        {"http.route": route, "http.response.status_code": exchange.status},
    )


def _problem_of(fault: Exception) -> Problem:
    if isinstance(fault, Refused):
        return fault.problem
    if isinstance(fault, ServiceError):
        return problem_of(fault)
    if isinstance(fault, RequestValidationError):
        return problem("FIELDS_INVALID", errors=[_field_fault(one) for one in fault.errors()])
    if isinstance(fault, HTTPException):
        allow = (fault.headers or {}).get("Allow", "")
        reasons = {404: "PAGE_NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
        return problem(reasons.get(fault.status_code, "REQUEST_UNREADABLE"), allow=allow)
    log.error("request.failed", kind=type(fault).__name__, where=where_of(fault))
    return problem("INTERNAL")


def _field_fault(error: dict[str, object]) -> FieldFault:
    place = error.get("loc", ())
    names = [str(part) for part in place[1:]] if isinstance(place, tuple) else []
    kind = str(error.get("type", "invalid"))
    detail = "Такого параметра нет." if kind == "extra_forbidden" else "Значение не подходит."
    return FieldFault(".".join(names) or "request", kind.upper(), detail)


async def _read_body(exchange: Exchange, receive: Receive) -> bytes:
    """The whole body within its limit. Raises Refused, ClientGone."""
    kind = exchange.header(b"content-type").partition(";")[0].strip().lower()
    limit = JSON_BYTES if kind == "application/json" else FORM_BYTES
    length = exchange.header(b"content-length")
    if length.isdigit() and int(length) > limit:
        raise Refused(problem("BODY_TOO_LARGE"))
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise Refused(problem("BODY_TOO_LARGE"))
        if not message.get("more_body", False):
            return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
