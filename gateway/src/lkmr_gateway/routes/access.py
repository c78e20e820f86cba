"""JSON API of rights beyond the matrix: delegation, emergency access, policies."""

from fastapi import APIRouter, Request, Response

from lkmr_gateway import schemas_access as schemas
from lkmr_gateway.body import wanted_fields
from lkmr_gateway.exchange import Exchange, Refused
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.routing import json_answer, made_json, router, signed_in
from lkmr_gateway.schemas import NoQuery, json_body, read_query
from lkmr_servicekit.errors import FieldFault

_DECISIONS = {"JUSTIFIED": True, "UNJUSTIFIED": False}


def api_routes(parts: Parts) -> APIRouter:
    """`/api/v1/delegations…`, `/api/v1/emergency-access…`, `/api/v1/admin/…`."""
    made = router(parts.gate, api=True)
    _delegations(made, parts)
    _emergencies(made, parts)
    _policies(made, parts)
    return made


def _delegations(made: APIRouter, parts: Parts) -> None:
    @made.get("/api/v1/delegations", response_model=schemas.Delegations, summary="Замещение")
    async def read(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        found = await parts.access.delegations(entry.token)
        return json_answer(exchange, found.body, found.etag)

    @made.post(
        "/api/v1/delegations",
        response_model=schemas.MadeDelegation,
        status_code=201,
        summary="Передать право утверждать",
        openapi_extra=json_body(schemas.NewDelegation),
    )
    async def create(request: Request) -> Response:
        exchange, entry = signed_in(request)
        given = wanted_fields(exchange, "delegate", "start_date", "end_date")
        identity = await parts.access.delegate(
            given["delegate"], given["start_date"], given["end_date"], entry.token
        )
        return made_json({"id": identity}, 201)

    @made.delete(
        "/api/v1/delegations/{delegation}", status_code=204, summary="Прекратить замещение"
    )
    async def revoke(request: Request, delegation: str) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        await parts.access.revoke_delegation(delegation, entry.token)
        return Response(status_code=204)


def _emergencies(made: APIRouter, parts: Parts) -> None:
    @made.get(
        "/api/v1/emergency-access",
        response_model=schemas.Emergencies,
        summary="Мои экстренные доступы",
    )
    async def own(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        found = await parts.access.own_emergencies(entry.token)
        return json_answer(exchange, found.body, found.etag)

    @made.post(
        "/api/v1/emergency-access",
        response_model=schemas.OpenedEmergency,
        status_code=201,
        summary="Открыть карту по экстренному основанию",
        openapi_extra=json_body(schemas.NewEmergency),
    )
    async def start(request: Request) -> Response:
        exchange, entry = signed_in(request)
        given = wanted_fields(exchange, "object", "reason_code", "reason")
        opened = await parts.access.start_emergency(
            given["object"], given["reason_code"], given["reason"], entry.token
        )
        return made_json({"id": opened.id, "expire_time": opened.expire_time}, 201)

    @made.delete(
        "/api/v1/emergency-access/{access}", status_code=204, summary="Закрыть экстренный доступ"
    )
    async def end(request: Request, access: str) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        await parts.access.end_emergency(access, entry.token)
        return Response(status_code=204)

    @made.get(
        "/api/v1/admin/emergency-access",
        response_model=schemas.Emergencies,
        summary="Экстренные доступы организации",
    )
    async def page(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        found = await parts.access.emergencies(entry.token)
        return json_answer(exchange, found.body, found.etag)

    @made.post(
        "/api/v1/admin/emergency-access/{access}/review",
        status_code=204,
        summary="Проверить экстренный доступ",
        openapi_extra=json_body(schemas.Review),
    )
    async def review(request: Request, access: str) -> Response:
        exchange, entry = signed_in(request)
        await parts.access.review_emergency(
            access, justified=justified_in(exchange), token=entry.token
        )
        return Response(status_code=204)


def _policies(made: APIRouter, parts: Parts) -> None:
    @made.get(
        "/api/v1/admin/policies", response_model=schemas.PolicyList, summary="Политики безопасности"
    )
    async def page(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        found = await parts.access.policies(entry.token)
        return json_answer(exchange, found.body, found.etag)

    @made.post(
        "/api/v1/admin/policies/{policy}",
        status_code=204,
        summary="Изменить политику безопасности",
        openapi_extra=json_body(schemas.NewPolicyValue),
    )
    async def decide(request: Request, policy: str) -> Response:
        exchange, entry = signed_in(request)
        given = wanted_fields(exchange, "value", "effective_date", "reason")
        await parts.access.decide_policy(policy, **given, token=entry.token)
        return Response(status_code=204)


def justified_in(exchange: Exchange) -> bool:
    """What a reviewer decided. Raises Refused naming the field."""
    decision = wanted_fields(exchange, "decision")["decision"]
    if decision not in _DECISIONS:
        fault = FieldFault("decision", "INVALID", "JUSTIFIED или UNJUSTIFIED.")
        raise Refused(problem("FIELDS_INVALID", errors=[fault]))
    return _DECISIONS[decision]
