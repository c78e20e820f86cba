"""The session as its person handles it: who am I, stay, switch, sign out."""

from datetime import UTC, datetime, timedelta

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway import schemas
from lkmr_gateway.administration_schemas import ChooseProfile
from lkmr_gateway.body import wanted_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import (
    LOGIN_COOKIE,
    SESSION_COOKIE,
    Exchange,
    Receive,
    Refused,
    Scope,
    Send,
    cookie,
    send_bytes,
)
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.return_to import safe_return_to
from lkmr_gateway.routing import JSON, router, see_other, signed_in, with_headers
from lkmr_gateway.schemas import NoQuery, read_query
from lkmr_servicekit.clock import monotonic
from lkmr_servicekit.errors import ServiceError

_CLEAR = (b"clear-site-data", b'"cache", "cookies", "storage"')


class Account:
    """Answers about the session itself."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def body(self, entry: Entry) -> bytes:
        """`GET /api/v1/session`."""
        ends = {
            "assurance": entry.assurance,
            **self._ends(entry),
            "csrf_token": self._parts.csrf.session_token(entry.csrf_seed),
        }
        return entry.public[:-1] + b"," + orjson.dumps(ends)[1:]

    def ends(self, entry: Entry) -> bytes:
        """When the session ends."""
        return orjson.dumps(self._ends(entry))

    def _ends(self, entry: Entry) -> dict[str, str]:
        left = entry.active + entry.idle - monotonic()
        idle_end = self._parts.clock.now() + timedelta(seconds=left)
        return {
            "expire_time": _text(entry.expire_time),
            "idle_expire_time": _text(min(idle_end, entry.expire_time)),
        }

    async def serve(self, exchange: Exchange, _: Scope, __: Receive, send: Send) -> None:
        """The plain ASGI form of `GET /api/v1/session`."""
        read_query(NoQuery, exchange.query)
        if exchange.session is None:
            raise Refused(problem("SESSION_MISSING"))
        await send_bytes(send, 200, self.body(exchange.session), b"application/json")


def routes(parts: Parts) -> APIRouter:
    """`/auth/logout`, `/auth/keep`, `/auth/switch`."""
    made = router(parts.gate, api=False)
    account = Account(parts)

    @made.post("/auth/logout")
    async def sign_out(request: Request) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        where = await parts.auth.end(entry.key, exchange.origin, entry.token)
        parts.sessions.revoke(entry.key)
        parts.streams.end_session(entry.key, "LKMR-AUTH-002")
        gone = (cookie(SESSION_COOKIE, "", 0), cookie(LOGIN_COOKIE, "", 0))
        return see_other(where or "/", *gone, _CLEAR)

    @made.post("/auth/keep")
    async def keep(request: Request) -> Response:
        _, entry = signed_in(request)
        return Response(account.ends(entry), media_type=JSON)

    @made.post("/auth/switch")
    async def switch(request: Request) -> Response:
        exchange, entry = signed_in(request)
        fields = wanted_fields(exchange, "profile", "return_to")
        started = await parts.auth.switch(entry.key, fields["profile"], entry.token)
        where = safe_return_to(fields["return_to"] or started.return_to)
        return see_other(where, cookie(SESSION_COOKIE, started.session_cookie))

    return made


def api_routes(parts: Parts) -> APIRouter:
    """`GET /api/v1/session`, described; served by `Account.serve`."""
    made = router(parts.gate, api=True)
    account = Account(parts)

    @made.get("/api/v1/session", response_model=schemas.Session, summary="Кто вошёл")
    async def session(request: Request) -> Response:
        _, entry = signed_in(request)
        return Response(account.body(entry), media_type=JSON)

    @made.post(
        "/api/v1/session/profile",
        response_model=schemas.Session,
        summary="Сменить организацию и роль без нового входа",
        openapi_extra=ChooseProfile.body(),
    )
    async def choose(request: Request) -> Response:
        exchange, entry = signed_in(request)
        fields = wanted_fields(exchange, "organization", "role")
        name = f"{fields['organization']}/{fields['role']}"
        try:
            started = await parts.auth.switch(entry.key, name, entry.token)
        except ServiceError as fault:
            if fault.reason == "PROFILE_UNKNOWN":
                await parts.gate.record(exchange, "session/profile", fault.reason)
            raise
        agent = exchange.headers.get(b"user-agent", b"")
        fresh = await parts.sessions.get(started.session_cookie.encode(), agent)
        answer = Response(account.body(fresh), media_type=JSON)
        return with_headers(answer, cookie(SESSION_COOKIE, started.session_cookie))

    return made


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
