"""Accreditations: the hot list, one entry, the extract; as JSON and as pages."""

import asyncio
from collections.abc import Awaitable
from typing import Annotated
from urllib.parse import quote, urlencode

import orjson
from fastapi import APIRouter, Query, Request, Response
from lkmr.accreditation.v1 import accreditation_service_pb2 as accreditation_pb

from lkmr_gateway import items, schemas
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange, Receive, Refused, Scope, Send, send_bytes
from lkmr_gateway.gate import is_uuid
from lkmr_gateway.pages.views.accreditation import AccreditationListView
from lkmr_gateway.pages.views.frame import Unavailable
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem, problem_of
from lkmr_gateway.protection import FILE_POLICY
from lkmr_gateway.routing import json_answer, router, signed_in, with_headers
from lkmr_gateway.schemas import AccreditationQuery, NoQuery, State, read_query
from lkmr_servicekit.errors import Category, ServiceError

LIST = "/api/v1/accreditations"
PAGE_SIZE = 25
ALL = 200
_FILE = "Выписка об аккредитации"
_ORDERS = frozenset({"record_date", "-record_date", "expire_date", "-expire_date"})


class AccreditationReads:
    """Reads of the signed-in worker; kept as bytes where the cache is on."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def page(self, entry: Entry, query: bytes) -> tuple[bytes, bytes]:
        """Body and quoted ETag of the list. Raises Refused, ServiceError."""
        cache = self._parts.cache
        if cache is None:
            body, etag = await self._ask(entry, query)
            return body, b'"%b"' % etag.encode()
        key = (entry.key, LIST, query)
        kept = cache.get(key)
        if kept is None:
            mark = cache.mark()
            body, etag = await self._ask(entry, query)
            owner = f"workers/{entry.worker}"
            kept = cache.keep(key, owner, body, b'"%b"' % etag.encode(), mark)
        return kept.body, kept.etag

    async def _ask(self, entry: Entry, query: bytes) -> tuple[bytes, str]:
        asked = read_query(AccreditationQuery, query)
        return await self._parts.accreditations.page(
            worker_of(entry),
            entry.token,
            page_size=asked.page_size,
            page_token=asked.page_token,
            states=[state.value for state in asked.state],
            specialty=asked.specialty,
            order_by=asked.order_by,
        )

    async def serve(self, exchange: Exchange, _: Scope, __: Receive, send: Send) -> None:
        """The plain ASGI form of `GET /api/v1/accreditations`."""
        entry = exchange.session
        if entry is None:
            raise Refused(problem("SESSION_MISSING"))
        body, etag = await self.page(entry, exchange.query)
        tag = ((b"etag", etag),)
        if etag in exchange.headers.get(b"if-none-match", b""):
            await send({"type": "http.response.start", "status": 304, "headers": list(tag)})
            await send({"type": "http.response.body", "body": b""})
            return
        await send_bytes(send, 200, body, b"application/json", tag)

    async def one(self, exchange: Exchange, entry: Entry, identity: str) -> tuple[bytes, str]:
        """One entry; a foreign or unknown one is journalled and looks the same."""
        if is_uuid(identity):
            try:
                return await self._parts.accreditations.read(
                    worker_of(entry), identity, entry.token
                )
            except ServiceError as fault:
                if fault.category is not Category.NOT_FOUND:
                    raise
        await self._denied(exchange, identity if is_uuid(identity) else "")
        raise Refused(problem("ACCREDITATION_NOT_FOUND"))

    async def _denied(self, exchange: Exchange, identity: str) -> None:
        """Journal that an object outside the caller's scope was asked for."""
        target = f"accreditations/{identity}" if identity else exchange.route
        await self._parts.gate.record(exchange, target, "ACCREDITATION_NOT_FOUND")


def worker_of(entry: Entry) -> str:
    """The worker record of the session. Raises Refused for people without one."""
    if not entry.worker:
        raise Refused(problem("WORKER_REQUIRED"))
    return entry.worker


def api_routes(parts: Parts, reads: AccreditationReads) -> APIRouter:
    """`/api/v1/accreditations…`."""
    made = router(parts.gate, api=True)

    @made.get(LIST, response_model=schemas.AccreditationPage, summary="Мои аккредитации")
    async def list_accreditations(
        request: Request, _: Annotated[AccreditationQuery, Query()]
    ) -> Response:
        exchange, entry = signed_in(request)
        body, etag = await reads.page(entry, exchange.query)
        return json_answer(exchange, body, etag.decode().strip('"'))

    @made.get(
        LIST + "/{accreditation}",
        response_model=schemas.AccreditationDetail,
        summary="Одна аккредитация с историей",
    )
    async def read_accreditation(request: Request, accreditation: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        body, etag = await reads.one(exchange, entry, accreditation)
        return json_answer(exchange, body, etag)

    @made.get(
        LIST + "/{accreditation}/extract.pdf",
        response_class=Response,
        responses={200: {"content": {"application/pdf": {}}, "description": "PDF/A-2b"}},
        summary="Выписка",
    )
    async def extract(request: Request, accreditation: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        await reads.one(exchange, entry, accreditation)
        async with parts.gate.heavy(entry):
            made_extract = await parts.accreditations.extract(
                worker_of(entry), accreditation, parts.public_origin, entry.token
            )
        return extract_answer(exchange, made_extract)

    return made


def extract_answer(exchange: Exchange, made_extract: accreditation_pb.Extract) -> Response:
    """The file of an extract, or 304 for who has these bytes."""
    tag = f'"{made_extract.sha256}"'
    if tag in exchange.header(b"if-none-match"):
        return Response(status_code=304, headers={"etag": tag})
    name = f"attachment; filename=\"extract.pdf\"; filename*=UTF-8''{quote(_FILE)}.pdf"
    answer = Response(
        made_extract.content,
        media_type="application/pdf",
        headers={"etag": tag, "content-disposition": name},
    )
    return with_headers(answer, FILE_POLICY)


def page_routes(parts: Parts, reads: AccreditationReads) -> APIRouter:
    """`/accreditations` and `/accreditations/{id}`."""
    made = router(parts.gate, api=False)

    @made.get("/accreditations")
    async def list_page(
        request: Request,
        state: str = "",
        specialty: str = "",
        order_by: str = "",
        page_token: str = "",
    ) -> Response:
        exchange, entry = signed_in(request)
        state = state if state in State.__members__ else ""
        order = order_by if order_by in _ORDERS else "-record_date"
        asked = [("page_size", str(PAGE_SIZE)), ("order_by", order)]
        asked += [("state", state)] if state else []
        asked += [("specialty", specialty[:300])] if specialty else []
        first = f"/accreditations?{urlencode(asked[1:])}"
        asked += [("page_token", page_token[:512])] if page_token else []
        whole = f"page_size={ALL}".encode()
        found, all_found, unread = await asyncio.gather(
            part(reads.page(entry, urlencode(asked).encode())),
            part(reads.page(entry, whole)),
            unread_count(parts, entry),
        )
        page = orjson.loads(found[0]) if isinstance(found, tuple) else {}
        everything = orjson.loads(all_found[0]) if isinstance(all_found, tuple) else {"items": []}
        token = page.get("next_page_token", "")
        onward = urlencode([*asked[1:], ("page_token", token)] if token else [])
        view = AccreditationListView(
            items=tuple(items.accreditation_item(one) for one in page.get("items", ())),
            state=state,
            specialty=specialty[:300],
            specialties=tuple(sorted({one["specialty"] for one in everything["items"]})),
            order_by=order,
            next_href=f"/accreditations?{onward}" if onward else "",
            first_href=first if page_token else "",
            fault=None if isinstance(found, tuple) else found,
        )
        return parts.composer.page(exchange, view, unread=unread)

    @made.get("/accreditations/{accreditation}")
    async def read_page(request: Request, accreditation: str) -> Response:
        exchange, entry = signed_in(request)
        body, _ = await reads.one(exchange, entry, accreditation)
        found, unread = await asyncio.gather(
            part(reads.page(entry, f"page_size={ALL}".encode())), unread_count(parts, entry)
        )
        rest = orjson.loads(found[0])["items"] if isinstance(found, tuple) else []
        records = tuple(items.accreditation_item(one) for one in rest)
        view = items.accreditation_view(orjson.loads(body), records)
        return parts.composer.page(exchange, view, unread=unread)

    return made


async def part(read: Awaitable[tuple[bytes, bytes]]) -> tuple[bytes, bytes] | Unavailable:
    """A part of a page; a service that is away costs only its part."""
    try:
        return await read
    except ServiceError as fault:
        if fault.category is Category.UNAUTHENTICATED:
            raise
        refusal = problem_of(fault)
    except Refused as fault:
        if fault.problem.code != "LKMR-RBAC-003":
            raise
        refusal = fault.problem
    return Unavailable(text=f"{refusal.entry.title} {refusal.detail}", code=refusal.code)


async def unread_count(parts: Parts, entry: Entry) -> int:
    """Unread messages for the frame; 0 while `notify` is away."""
    try:
        return await parts.inbox.unread(entry.token)
    except ServiceError:
        return 0
