"""Destruction of personal data: the order of an officer, the act that whoever has its id reads."""

import uuid
from datetime import date

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway import items
from lkmr_gateway import schemas_data_requests as schemas
from lkmr_gateway.body import typed_fields
from lkmr_gateway.exchange import Refused, exchange_of
from lkmr_gateway.pages.views.data_requests import ErasureAct, ErasureActView
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.routes.data_requests import officer_page, service_words
from lkmr_gateway.routing import JSON, router, see_other, signed_in
from lkmr_gateway.schemas import json_body
from lkmr_servicekit.errors import Category, ServiceError


def api_routes(parts: Parts) -> APIRouter:
    """`/api/v1/admin/data-requests/{data_request}/destroy`."""
    made = router(parts.gate, api=True)

    @made.post(
        "/api/v1/admin/data-requests/{data_request}/destroy",
        status_code=204,
        summary="Назначить уничтожение персональных данных",
        openapi_extra=json_body(schemas.ErasureOrder),
    )
    async def destroy(request: Request, data_request: str) -> Response:
        exchange, entry = signed_in(request)
        text = typed_fields(exchange, "text")["text"]
        await parts.data_requests.destroy(data_request, text, entry.token)
        return Response(status_code=204)

    return made


def page_routes(parts: Parts) -> APIRouter:
    """`/erasure-acts/{erasure}…`, `/admin/data-requests/{data_request}/destroy`."""
    made = router(parts.gate, api=False)

    @made.get("/erasure-acts/{erasure}")
    async def act(request: Request, erasure: str) -> Response:
        found = orjson.loads((await parts.data_requests.act(_known(erasure))).body)
        view = ErasureActView(
            id=found["id"],
            ordered=items.moment(found["order_time"]),
            waits_for=service_words(found["waits_for"]),
            act=_act(found["act"]) if found["act"] else None,
            signature=found["signature"],
        )
        return parts.composer.page(exchange_of(request.scope), view)

    @made.get("/erasure-acts/{erasure}/act.json")
    async def signed_act(_: Request, erasure: str) -> Response:
        found = await parts.data_requests.act(_known(erasure))
        return Response(found.body, media_type=JSON)

    @made.post("/admin/data-requests/{data_request}/destroy")
    async def destroy(request: Request, data_request: str) -> Response:
        exchange, entry = signed_in(request)
        text = typed_fields(exchange, "text")["text"]
        try:
            await parts.data_requests.destroy(data_request, text, entry.token)
        except ServiceError as fault:
            held = fault.reason == "ERASURE_HELD"
            if fault.category is not Category.INVALID_ARGUMENT and not held:
                raise
            return await officer_page(parts, exchange, entry, failed=data_request, fault=fault)
        return see_other("/admin/data-requests?done=DESTROY")

    return made


def _act(act: items.Json) -> ErasureAct:
    return ErasureAct(
        account=act["subject"]["account"],
        operator=act["operator"]["name"],
        address=act["operator"]["address"],
        system=act["system"],
        reason=act["reason"],
        method=act["method"],
        done_time=items.moment(act["date"]),
        keep_until=date.fromisoformat(act["keep_until"]),
        destroyed=tuple((one["data"], one["count"]) for one in act["destroyed"]),
        kept=tuple((one["data"], one["ground"], one["until"]) for one in act["kept"]),
        journal=tuple(
            (one["seq"], items.moment(one["time"]), one["hash"]) for one in act["journal"]
        ),
    )


def _known(erasure: str) -> str:
    """Raises Refused for what cannot be an id."""
    try:
        return str(uuid.UUID(erasure))
    except ValueError:
        raise Refused(problem("ERASURE_NOT_FOUND")) from None
