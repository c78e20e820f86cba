"""The inbox: as JSON and as pages."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated
from urllib.parse import urlencode, urlsplit

import orjson
from fastapi import APIRouter, Query, Request, Response

from lkmr_gateway import items, schemas
from lkmr_gateway.body import wanted_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange, Refused
from lkmr_gateway.gate import is_uuid, request_id_of
from lkmr_gateway.pages.views.inbox import MessageListView, MessageView, counts_of, tab_of
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.return_to import HOME, safe_return_to
from lkmr_gateway.routes.accreditations import part, unread_count
from lkmr_gateway.routing import JSON, json_answer, router, see_other, signed_in
from lkmr_gateway.schemas import MessageQuery, NoQuery, read_query
from lkmr_servicekit.errors import Category, ServiceError

PAGE_SIZE = 25
MAX_WORDS = 200
Mark = Callable[[str, str, str], Awaitable[bytes]]


class MessageReads:
    """Messages of the person; foreign and unknown ones are journalled and look the same."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def page(
        self,
        entry: Entry,
        page_size: int,
        page_token: str,
        *,
        unread: bool = False,
        view: str = "",
        groups: Sequence[str] = (),
        query: str = "",
    ) -> tuple[bytes, bytes]:
        """Body and ETag of a page."""
        body, etag = await self._parts.inbox.page(
            entry.token,
            page_size=page_size,
            page_token=page_token,
            unread=unread,
            view=view,
            groups=groups,
            query=query,
        )
        return body, etag.encode()

    async def one(self, exchange: Exchange, entry: Entry, identity: str) -> tuple[bytes, str]:
        """One message. Raises Refused."""
        name = await self._name(exchange, entry, identity)
        try:
            return await self._parts.inbox.read(name, entry.token)
        except ServiceError as fault:
            raise await self._denied(exchange, identity, fault) from None

    async def mark_read(self, exchange: Exchange, entry: Entry, identity: str) -> bytes:
        """Note that it was read; the message as JSON. Raises Refused."""
        return await self._mark(exchange, entry, identity, self._parts.inbox.mark_read)

    async def mark_done(self, exchange: Exchange, entry: Entry, identity: str) -> bytes:
        """Note that it is done; the message as JSON. Raises Refused."""
        return await self._mark(exchange, entry, identity, self._parts.inbox.mark_done)

    async def _mark(self, exchange: Exchange, entry: Entry, identity: str, mark: Mark) -> bytes:
        request_id = request_id_of(exchange)
        name = await self._name(exchange, entry, identity)
        try:
            return await mark(name, request_id, entry.token)
        except ServiceError as fault:
            raise await self._denied(exchange, identity, fault) from None

    async def _name(self, exchange: Exchange, entry: Entry, identity: str) -> str:
        if is_uuid(identity):
            return f"persons/{entry.person}/messages/{identity}"
        await self._parts.gate.record(exchange, exchange.route, "MESSAGE_NOT_FOUND")
        raise Refused(problem("MESSAGE_NOT_FOUND"))

    async def _denied(self, exchange: Exchange, identity: str, fault: ServiceError) -> Exception:
        if fault.category is not Category.NOT_FOUND:
            return fault
        await self._parts.gate.record(exchange, f"messages/{identity}", "MESSAGE_NOT_FOUND")
        return Refused(problem("MESSAGE_NOT_FOUND"))


def api_routes(parts: Parts, reads: MessageReads) -> APIRouter:
    """`/api/v1/messages…`."""
    made = router(parts.gate, api=True)

    @made.get("/api/v1/messages", response_model=schemas.MessagePage, summary="Мои сообщения")
    async def list_messages(request: Request, _: Annotated[MessageQuery, Query()]) -> Response:
        exchange, entry = signed_in(request)
        asked = read_query(MessageQuery, exchange.query)
        body, etag = await reads.page(
            entry,
            asked.page_size,
            asked.page_token,
            unread=asked.unread,
            view=asked.view,
            groups=[group.value for group in asked.group],
            query=asked.query,
        )
        return json_answer(exchange, body, etag.decode())

    @made.get(
        "/api/v1/messages/{message}", response_model=schemas.Message, summary="Одно сообщение"
    )
    async def read_message(request: Request, message: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        body, etag = await reads.one(exchange, entry, message)
        return json_answer(exchange, body, etag)

    @made.post(
        "/api/v1/messages/{message}/read",
        response_model=schemas.Message,
        summary="Отметить прочитанным",
    )
    async def mark_read(request: Request, message: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        wanted_fields(exchange)
        return Response(await reads.mark_read(exchange, entry, message), media_type=JSON)

    @made.post(
        "/api/v1/messages/{message}/done",
        response_model=schemas.Message,
        summary="Отметить сделанным",
    )
    async def mark_done(request: Request, message: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        wanted_fields(exchange)
        return Response(await reads.mark_done(exchange, entry, message), media_type=JSON)

    return made


def page_routes(parts: Parts, reads: MessageReads) -> APIRouter:
    """`/messages`, `/messages/{id}` and the form that marks one as read."""
    made = router(parts.gate, api=False)

    @made.get("/messages")
    async def list_page(
        request: Request, tab: str = "", q: str = "", unread: str = "", page_token: str = ""
    ) -> Response:
        exchange, entry = signed_in(request)
        chosen = tab_of("unread" if unread == "true" else tab)
        words = "".join(sign for sign in q if sign.isprintable())[:MAX_WORDS].strip()
        found = await part(
            reads.page(
                entry,
                PAGE_SIZE,
                page_token[:512],
                view=chosen.view,
                groups=chosen.groups,
                query=words,
            )
        )
        page = orjson.loads(found[0]) if isinstance(found, tuple) else {}
        token = page.get("next_page_token", "")
        kept = [(name, value) for name, value in (("tab", chosen.key), ("q", words)) if value]
        onward = urlencode([*kept, ("page_token", token)])
        first = f"/messages?{urlencode(kept)}" if kept else "/messages"
        count = page.get("unread_count", 0)
        view = MessageListView(
            items=tuple(items.message_item(one) for one in page.get("items", ())),
            unread_count=count,
            tab=chosen.key,
            counts=counts_of(page.get("counts"), count),
            words=words,
            next_href=f"/messages?{onward}" if token else "",
            first_href=first if page_token else "",
            fault=None if isinstance(found, tuple) else found,
        )
        return parts.composer.page(exchange, view, unread=count)

    @made.get("/messages/{message}")
    async def read_page(request: Request, message: str) -> Response:
        exchange, entry = signed_in(request)
        (body, _), unread = await asyncio.gather(
            reads.one(exchange, entry, message), unread_count(parts, entry)
        )
        view = MessageView(item=items.message_item(orjson.loads(body)))
        return parts.composer.page(exchange, view, unread=unread)

    @made.post("/messages/{message}/read")
    async def mark_read(request: Request, message: str) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        await reads.mark_read(exchange, entry, message)
        return see_other(came_from(exchange, "/messages"))

    @made.post("/messages/{message}/done")
    async def mark_done(request: Request, message: str) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        await reads.mark_done(exchange, entry, message)
        return see_other(came_from(exchange, "/messages"))

    return made


def came_from(exchange: Exchange, otherwise: str) -> str:
    """The page of ours on which a form was sent."""
    parts = urlsplit(exchange.header(b"referer"))
    if f"{parts.scheme}://{parts.netloc}".lower() != exchange.origin:
        return otherwise
    page = safe_return_to(parts.path + (f"?{parts.query}" if parts.query else ""))
    return otherwise if page == HOME and parts.path != HOME else page
