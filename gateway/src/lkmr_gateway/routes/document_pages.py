"""«Документы» as pages; a form that was refused comes back with what was typed."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway.access import DOCUMENT_NEW
from lkmr_gateway.body import typed_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange
from lkmr_gateway.pages.document_words import STATES
from lkmr_gateway.pages.education_words import staff_name
from lkmr_gateway.pages.views.documents import (
    DocumentFormView,
    DocumentListView,
    DocumentView,
    LicencesView,
)
from lkmr_gateway.pages.views.frame import Unavailable
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import Problem
from lkmr_gateway.routes.accreditations import part, unread_count, worker_of
from lkmr_gateway.routes.documents import FIELDS, DocumentActs, checked_worker
from lkmr_gateway.routes.education_pages import encoded, form_fault, read, shown
from lkmr_gateway.routing import router, see_other, signed_in
from lkmr_servicekit.errors import ServiceError

ROOT = "/documents"
PAGE_SIZE = 25
_NOTICES = {
    "added": "Документ внесён. О конце срока кабинет напомнит сам.",
    "version": "Новая версия внесена, прежняя осталась в истории.",
    "archived": "Документ убран в архив.",
    "decided": "Решение записано, владелец узнает о нём.",
}
Typed = Mapping[str, str]


class DocumentPages:
    """Draws the pages of documents; `root` is where a worker's documents lie."""

    def __init__(self, parts: Parts, acts: DocumentActs) -> None:
        self._parts, self._acts = parts, acts

    async def listing(
        self, request: Request, worker: str, root: str = ROOT, person: str = ""
    ) -> Response:
        """The list with its filters."""
        exchange, entry = signed_in(request)
        given = request.query_params
        state = given.get("state", "") if given.get("state", "") in STATES else ""
        kinds = await self._kinds(entry)
        kind = given.get("kind", "")
        kind = kind if kind in {one["code"] for one in kinds} else ""
        asked = [(name, value) for name, value in (("state", state), ("kind", kind)) if value]
        token = given.get("page_token", "")[:512]
        query = [*asked, ("page_size", str(PAGE_SIZE))]
        query += [("page_token", token)] if token else []
        found, unread = await asyncio.gather(
            part(encoded(self._acts.page(entry, worker, urlencode(query).encode()))),
            unread_count(self._parts, entry),
        )
        page = read(found) or {"items": [], "next_page_token": "", "total": 0}
        onward = urlencode([*asked, ("page_token", page["next_page_token"])])
        view = DocumentListView(
            items=page["items"],
            total=page["total"],
            kinds=kinds,
            state=state,
            kind=kind,
            may_add=root == ROOT and bool(DOCUMENT_NEW.scope_for(entry.roles)),
            root=root,
            person=person,
            next_href=f"{root}?{onward}" if page["next_page_token"] else "",
            first_href=f"{root}?{urlencode(asked)}" if token else "",
            fault=found if isinstance(found, Unavailable) else None,
        )
        return self._parts.composer.page(exchange, view, unread=unread)

    async def one(
        self,
        exchange: Exchange,
        entry: Entry,
        worker: str,
        document: str,
        *,
        root: str = ROOT,
        notice: str = "",
        typed: Typed | None = None,
        fault: Problem | None = None,
    ) -> Response:
        """One document with its versions."""
        (body, _), unread = await asyncio.gather(
            self._acts.read(exchange, entry, worker, document), unread_count(self._parts, entry)
        )
        view = DocumentView(
            item=orjson.loads(body),
            root=root,
            file_root=f"/api/v1{root}",
            notice=notice,
            typed=typed or {},
            fault=form_fault(fault),
        )
        status = fault.status if fault else 200
        return self._parts.composer.page(exchange, view, unread=unread, status=status)

    async def form(
        self,
        exchange: Exchange,
        entry: Entry,
        typed: Typed,
        *,
        document: str = "",
        fault: Problem | None = None,
    ) -> Response:
        """The form of a new document, or of a new version with what the last one says."""
        kinds, unread = await asyncio.gather(self._kinds(entry), unread_count(self._parts, entry))
        old: dict[str, Any] | None = None
        if document:
            body, _ = await self._acts.read(exchange, entry, worker_of(entry), document)
            old = orjson.loads(body)
        code = old["kind"] if old else typed.get("kind", "")
        kind = next((one for one in kinds if one["code"] == code), None)
        view = DocumentFormView(
            kinds=kinds,
            kind=kind,
            document=old,
            typed=typed if fault or not old else _typed_of(old),
            fault=form_fault(fault),
        )
        status = fault.status if fault else 200
        return self._parts.composer.page(exchange, view, unread=unread, status=status)

    async def _kinds(self, entry: Entry) -> list[dict[str, Any]]:
        body, _ = await self._parts.documents.kinds(entry.token)
        found: list[dict[str, Any]] = orjson.loads(body)["items"]
        return found


def routes(parts: Parts, acts: DocumentActs) -> APIRouter:
    """`/documents…`."""
    made, pages = router(parts.gate, api=False), DocumentPages(parts, acts)

    @made.get(ROOT)
    async def documents(request: Request) -> Response:
        _, entry = signed_in(request)
        return await pages.listing(request, worker_of(entry))

    _licences(made, parts)

    @made.get(ROOT + "/new")
    async def form(request: Request, kind: str = "", document: str = "") -> Response:
        exchange, entry = signed_in(request)
        return await pages.form(exchange, entry, {"kind": kind[:40]}, document=document)

    @made.post(ROOT)
    async def create(request: Request) -> Response:
        return await _sent(request)

    @made.get(ROOT + "/{document}")
    async def one(request: Request, document: str, done: str = "") -> Response:
        exchange, entry = signed_in(request)
        notice = _NOTICES.get(done, "")
        return await pages.one(exchange, entry, worker_of(entry), document, notice=notice)

    @made.post(ROOT + "/{document}/versions")
    async def version(request: Request, document: str) -> Response:
        return await _sent(request, document)

    @made.post(ROOT + "/{document}/archive")
    async def archive(request: Request, document: str) -> Response:
        exchange, entry = signed_in(request)
        worker = worker_of(entry)
        try:
            await acts.archive(exchange, entry, worker, document)
        except ServiceError as fault:
            refusal = shown(fault)
            return await pages.one(exchange, entry, worker, document, fault=refusal)
        return see_other(f"{ROOT}/{document}?done=archived")

    async def _sent(request: Request, document: str = "") -> Response:
        exchange, entry = signed_in(request)
        try:
            body = await acts.upload(exchange, entry, worker_of(entry), document)
        except ServiceError as fault:
            typed = typed_fields(exchange, *FIELDS, "etag")
            refusal = shown(fault)
            return await pages.form(exchange, entry, typed, document=document, fault=refusal)
        done = "version" if document else "added"
        return see_other(f"{ROOT}/{orjson.loads(body)['id']}?done={done}")

    return made


def _licences(made: APIRouter, parts: Parts) -> None:
    @made.get("/licences")
    async def licences(request: Request) -> Response:
        exchange, entry = signed_in(request)
        found, unread = await asyncio.gather(
            part(encoded(parts.documents.licences(entry.token))), unread_count(parts, entry)
        )
        known = read(found) or {"items": [], "organizations": []}
        view = LicencesView(
            items=known["items"],
            organizations=known["organizations"],
            fault=found if isinstance(found, Unavailable) else None,
        )
        return parts.composer.page(exchange, view, unread=unread)


def staff_routes(parts: Parts, acts: DocumentActs) -> APIRouter:
    """`/staff/{worker}/documents…`."""
    made, pages = router(parts.gate, api=False), DocumentPages(parts, acts)

    @made.get("/staff/{worker}/documents")
    async def documents(request: Request, worker: str) -> Response:
        _, entry = signed_in(request)
        body, _ = await parts.compliance.member(checked_worker(worker), entry.token)
        person = staff_name(orjson.loads(body)["member"])
        return await pages.listing(request, worker, f"/staff/{worker}/documents", person)

    @made.get("/staff/{worker}/documents/{document}")
    async def one(request: Request, worker: str, document: str, done: str = "") -> Response:
        exchange, entry = signed_in(request)
        root, notice = f"/staff/{worker}/documents", _NOTICES.get(done, "")
        return await pages.one(exchange, entry, worker, document, root=root, notice=notice)

    @made.post("/staff/{worker}/documents/{document}/decide")
    async def decide(request: Request, worker: str, document: str) -> Response:
        exchange, entry = signed_in(request)
        root = f"/staff/{worker}/documents"
        try:
            await acts.decide(exchange, entry, worker, document)
        except ServiceError as fault:
            typed = typed_fields(exchange, "status", "reason", "etag")
            return await pages.one(
                exchange, entry, worker, document, root=root, typed=typed, fault=shown(fault)
            )
        return see_other(f"{root}/{document}?done=decided")

    return made


def _typed_of(item: Mapping[str, Any]) -> Typed:
    """What the present version says, as it would be typed."""
    return {name: str(item[name] or "") for name in FIELDS if name in item}
