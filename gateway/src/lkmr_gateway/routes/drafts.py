"""Drafts: kept while a person types, offered when the form is opened again."""

import asyncio
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway import items
from lkmr_gateway import schemas_drafts as schemas
from lkmr_gateway.body import read_json, wanted_fields
from lkmr_gateway.exchange import Exchange, Refused
from lkmr_gateway.lost_form import worth_keeping
from lkmr_gateway.pages.views.drafts import DraftItem, DraftsView
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.return_to import safe_return_to
from lkmr_gateway.routes.accreditations import unread_count
from lkmr_gateway.routing import json_answer, made_json, router, see_other, signed_in
from lkmr_gateway.schemas import NoQuery, json_body, read_query
from lkmr_servicekit.errors import FieldFault


def api_routes(parts: Parts) -> APIRouter:
    """`/api/v1/drafts`."""
    made = router(parts.gate, api=True)

    @made.get("/api/v1/drafts", response_model=schemas.Drafts, summary="Мои черновики")
    async def read(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        found = await parts.drafts.page(entry.token)
        return json_answer(exchange, found.body, found.etag)

    @made.put(
        "/api/v1/drafts",
        response_model=schemas.SavedDraft,
        summary="Сохранить черновик формы",
        openapi_extra=json_body(schemas.NewDraft),
    )
    async def save(request: Request) -> Response:
        exchange, entry = signed_in(request)
        form, page, fields = _draft_in(exchange)
        saved = await parts.drafts.save(form, page, fields, entry.token)
        return made_json({"update_time": saved})

    @made.delete("/api/v1/drafts", status_code=204, summary="Удалить черновик формы")
    async def drop(request: Request) -> Response:
        exchange, entry = signed_in(request)
        form = wanted_fields(exchange, "form")["form"]
        await parts.drafts.drop(form, entry.token)
        return Response(status_code=204)

    return made


def page_routes(parts: Parts) -> APIRouter:
    """`/drafts`: the same without a script."""
    made = router(parts.gate, api=False)

    @made.get("/drafts")
    async def page(request: Request) -> Response:
        exchange, entry = signed_in(request)
        found, unread = await asyncio.gather(
            parts.drafts.page(entry.token), unread_count(parts, entry)
        )
        view = DraftsView(items=tuple(_item(one) for one in orjson.loads(found.body)["items"]))
        return parts.composer.page(exchange, view, unread=unread)

    @made.post("/drafts/drop")
    async def drop(request: Request) -> Response:
        exchange, entry = signed_in(request)
        await parts.drafts.drop(wanted_fields(exchange, "form")["form"], entry.token)
        return see_other("/drafts")

    return made


def _draft_in(exchange: Exchange) -> tuple[str, str, dict[str, str]]:
    """Form, page and what is worth keeping. Raises Refused naming the field that does not fit."""
    value: Any = read_json(exchange.body) if exchange.body else {}
    if not isinstance(value, dict):
        raise Refused(problem("REQUEST_UNREADABLE"))
    form, page, fields = value.get("form"), value.get("page"), value.get("fields")
    if not isinstance(form, str) or not isinstance(page, str):
        raise Refused(problem("FIELDS_INVALID", errors=[_fault("form")]))
    if not isinstance(fields, dict) or not all(isinstance(one, str) for one in fields.values()):
        raise Refused(problem("FIELDS_INVALID", errors=[_fault("fields")]))
    kept = worth_keeping(form, fields)
    if not kept:
        raise Refused(problem("FIELDS_INVALID", errors=[_fault("fields")]))
    return form, safe_return_to(page), kept


def _fault(name: str) -> FieldFault:
    return FieldFault(name, "INVALID", "Значение не подходит.")


def _item(value: items.Json) -> DraftItem:
    return DraftItem(
        form=value["form"],
        page=safe_return_to(value["page"]),
        texts=tuple(text for text in value["fields"].values() if text),
        time=items.moment(value["update_time"]),
    )
