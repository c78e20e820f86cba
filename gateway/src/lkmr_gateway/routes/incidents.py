"""`/api/v1/admin/incidents…` and `/api/v1/admin/leaks…`."""

from fastapi import APIRouter, Request, Response

from lkmr_gateway.body import wanted_fields
from lkmr_gateway.exchange import Refused
from lkmr_gateway.gate import request_id_of
from lkmr_gateway.incident_schemas import (
    AdvanceLeak,
    CloseIncident,
    Incident,
    IncidentPage,
    IncidentQuery,
    MadeIncident,
    ReportLeak,
)
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.routing import json_answer, made_json, router, signed_in
from lkmr_gateway.schemas import NoQuery, read_query
from lkmr_servicekit.errors import FieldFault

LEAK_FIELDS = ("discover_time", "what", "cause", "harm", "measures", "contact")


def api_routes(parts: Parts) -> APIRouter:
    """All of them."""
    made = router(parts.gate, api=True)
    _incidents(made, parts)
    _leaks(made, parts)
    return made


def _incidents(made: APIRouter, parts: Parts) -> None:
    @made.get("/api/v1/admin/incidents", response_model=IncidentPage, summary="Инциденты")
    async def page(request: Request) -> Response:
        exchange, entry = signed_in(request)
        query = read_query(IncidentQuery, exchange.query)
        found = await parts.incidents.page(query.state, entry.token)
        return json_answer(exchange, found.body, found.etag)

    @made.get("/api/v1/admin/incidents/{incident}", response_model=Incident, summary="Инцидент")
    async def read(request: Request, incident: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        found = await parts.incidents.read(incident, entry.token)
        return json_answer(exchange, found.body, found.etag)

    @made.post(
        "/api/v1/admin/incidents/{incident}/take",
        status_code=204,
        summary="Взять инцидент в работу",
    )
    async def take(request: Request, incident: str) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        await parts.incidents.advance(
            incident, resolution="", request_id=request_id_of(exchange), token=entry.token
        )
        return Response(status_code=204)

    @made.post(
        "/api/v1/admin/incidents/{incident}/close",
        status_code=204,
        summary="Закрыть инцидент",
        openapi_extra=CloseIncident.body(),
    )
    async def close(request: Request, incident: str) -> Response:
        exchange, entry = signed_in(request)
        resolution = wanted_fields(exchange, "resolution")["resolution"].strip()
        if not resolution:
            fault = FieldFault("resolution", "REQUIRED", "Напишите, что выяснено и сделано.")
            raise Refused(problem("FIELDS_INVALID", errors=[fault]))
        await parts.incidents.advance(
            incident,
            resolution=resolution,
            request_id=request_id_of(exchange),
            token=entry.token,
        )
        return Response(status_code=204)


def _leaks(made: APIRouter, parts: Parts) -> None:
    @made.post(
        "/api/v1/admin/leaks",
        status_code=201,
        response_model=MadeIncident,
        summary="Сообщить об утечке персональных данных",
        openapi_extra=ReportLeak.body(),
    )
    async def report(request: Request) -> Response:
        exchange, entry = signed_in(request)
        fields = wanted_fields(exchange, *LEAK_FIELDS)
        identity = await parts.incidents.report_leak(fields, request_id_of(exchange), entry.token)
        return made_json({"id": identity}, 201)

    @made.post(
        "/api/v1/admin/leaks/{incident}/advance",
        status_code=204,
        summary="Отметить уведомление Роскомнадзора",
        openapi_extra=AdvanceLeak.body(),
    )
    async def advance(request: Request, incident: str) -> Response:
        exchange, entry = signed_in(request)
        fields = wanted_fields(exchange, "step", "text")
        await parts.incidents.advance_leak(
            incident,
            step=fields["step"],
            text=fields["text"],
            request_id=request_id_of(exchange),
            token=entry.token,
        )
        return Response(status_code=204)
