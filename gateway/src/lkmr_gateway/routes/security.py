"""«Безопасность»: own sessions, their end, the sign-in history."""

import asyncio

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway import items, schemas
from lkmr_gateway.body import wanted_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import SESSION_COOKIE, Exchange, Refused, cookie
from lkmr_gateway.gate import is_uuid, request_id_of
from lkmr_gateway.pages.views.frame import Unavailable
from lkmr_gateway.pages.views.passkeys import PasskeyItem
from lkmr_gateway.pages.views.security import SecurityView, SignInItem
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import by_reason, problem, problem_of
from lkmr_gateway.routes.accreditations import unread_count
from lkmr_gateway.routing import (
    JSON,
    json_answer,
    router,
    see_other,
    signed_in,
    with_headers,
)
from lkmr_gateway.schemas import NoQuery, read_query
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.identity import REDUCED
from lkmr_servicekit.telemetry import log

_NOTICES = {
    "true": "Сеанс завершён.",
    "others": "Остальные сеансы завершены.",
    "key_added": "Ключ входа добавлен.",
    "key_renamed": "Ключ переименован.",
    "key_removed": "Ключ входа удалён.",
}


class SessionEnds:
    """Ends own sessions."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def end(self, exchange: Exchange, entry: Entry, identity: str) -> bool:
        """End one; True when it was the present one. Raises Refused, ServiceError."""
        name = f"persons/{entry.person}/sessions/{identity}"
        request_id = request_id_of(exchange)
        if not is_uuid(identity):
            raise await self._denied(exchange, exchange.route)
        try:
            await self._parts.auth.revoke(name, request_id, entry.token)
        except ServiceError as fault:
            if fault.category is not Category.NOT_FOUND:
                raise
            raise await self._denied(exchange, f"sessions/{identity}") from None
        if name != entry.name:
            return False
        self._parts.sessions.revoke(entry.key)
        self._parts.streams.end_session(entry.key, "LKMR-AUTH-002")
        return True

    async def _denied(self, exchange: Exchange, target: str) -> Refused:
        await self._parts.gate.record(exchange, target, "SESSION_NOT_FOUND")
        return Refused(problem("SESSION_NOT_FOUND"))


def api_routes(parts: Parts, ends: SessionEnds) -> APIRouter:
    """`/api/v1/sessions…`."""
    made = router(parts.gate, api=True)

    @made.get("/api/v1/sessions", response_model=schemas.SessionPage, summary="Мои сеансы")
    async def list_sessions(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        body, etag = await parts.auth.sessions(entry.token)
        return json_answer(exchange, body, etag)

    @made.delete(
        "/api/v1/sessions", response_model=schemas.EndedSessions, summary="Завершить остальные"
    )
    async def end_others(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        wanted_fields(exchange)
        ended = await parts.identity.end_others(entry)
        return Response(orjson.dumps({"ended": ended}), media_type=JSON)

    @made.delete("/api/v1/sessions/{session}", status_code=204, summary="Завершить сеанс")
    async def end_session(request: Request, session: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        wanted_fields(exchange)
        own = await ends.end(exchange, entry, session)
        answer = Response(status_code=204)
        return with_headers(answer, cookie(SESSION_COOKIE, "", 0)) if own else answer

    return made


def page_routes(parts: Parts, ends: SessionEnds) -> APIRouter:
    """`/security` and the form that ends a session."""
    made = router(parts.gate, api=False)

    @made.get("/security")
    async def page(request: Request, ended: str = "", done: str = "") -> Response:
        exchange, entry = signed_in(request)
        found, keys, unread = await asyncio.gather(
            _lists(parts, entry), _keys(parts, entry), unread_count(parts, entry)
        )
        fault = found if isinstance(found, Unavailable) else None
        lists = found if isinstance(found, dict) else {}
        view = SecurityView(
            sessions=tuple(items.session_item(one) for one in lists.get("items", ())),
            history=tuple(_sign_in(one) for one in lists.get("sign_ins", ())),
            passkeys=tuple(_passkey(one) for one in keys.get("items", ())),
            backup_codes_left=keys.get("backup_codes_left"),
            notice=_NOTICES.get(done or ended, ""),
            fault=fault,
        )
        return parts.composer.page(exchange, view, unread=unread)

    @made.post("/security/sessions/end-others")
    async def end_others(request: Request) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        await parts.identity.end_others(entry)
        return see_other("/security?ended=others")

    @made.post("/security/sessions/{session}/end")
    async def end_session(request: Request, session: str) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        if await ends.end(exchange, entry, session):
            return see_other("/", cookie(SESSION_COOKIE, "", 0))
        return see_other("/security?ended=true")

    return made


async def _lists(parts: Parts, entry: Entry) -> items.Json | Unavailable:
    try:
        body, _ = await parts.auth.sessions(entry.token)
    except ServiceError as fault:
        refusal = problem_of(fault)
        return Unavailable(text=f"{refusal.entry.title} {refusal.detail}", code=refusal.code)
    made: items.Json = orjson.loads(body)
    return made


async def _keys(parts: Parts, entry: Entry) -> items.Json:
    """Second factors; nothing for who entered without Gosuslugi, and while they are not known."""
    if entry.assurance == REDUCED:
        return {}
    try:
        found = await parts.passkeys.read(entry)
    except ServiceError as fault:
        log.info("passkeys.not_shown", reason=fault.reason)
        return {}
    made: items.Json = orjson.loads(found.body)
    return made


def _passkey(value: items.Json) -> PasskeyItem:
    return PasskeyItem(
        id=value["id"],
        name=value["name"],
        address=value["address"],
        create_time=items.moment(value["create_time"]),
        use_time=items.moment(value["use_time"]) if value["use_time"] else None,
    )


def _sign_in(value: items.Json) -> SignInItem:
    known = by_reason(value["reason"]) if value["reason"] else None
    return SignInItem(
        time=items.moment(value["time"]),
        device=value["device"],
        place=value["place"],
        allowed=value["result"] == "ALLOWED",
        code=known.code if known else "",
        cause=known.title if known else "",
    )
