"""`/api/v1/admin/…` of people, roles, requests and sessions."""

from typing import Any, TypeVar

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway.administration_schemas import (
    AddAddress,
    AddressPage,
    AssignedRole,
    AssignRole,
    ChangeAccount,
    Decision,
    EndSession,
    MadeAddress,
    OrganizationPage,
    PeoplePage,
    PeopleQuery,
    PersonDetails,
    RevokeRole,
    RoleRequestPage,
    RoleRequestQuery,
    SessionOfPersonPage,
)
from lkmr_gateway.body import wanted_fields
from lkmr_gateway.gate import request_id_of
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import by_reason
from lkmr_gateway.routing import json_answer, made_json, router, signed_in
from lkmr_gateway.schemas import NoQuery, read_query

ROLE_FIELDS = ("organization", "role", "position", "department", "reason")
T = TypeVar("T")


def with_codes(body: bytes) -> dict[str, Any]:
    """A person's card in which each fault carries the code that the person was shown."""
    card: dict[str, Any] = orjson.loads(body)
    for fault in card["faults"]:
        known = by_reason(fault["reason"])
        fault["code"] = known.code if known else ""
    return card


def api_routes(parts: Parts) -> APIRouter:
    """All of them."""
    made = router(parts.gate, api=True)
    _people(made, parts)
    _roles(made, parts)
    _sessions(made, parts)
    _addresses(made, parts)
    return made


def _people(made: APIRouter, parts: Parts) -> None:
    admin = parts.administration

    @made.get("/api/v1/admin/people", response_model=PeoplePage, summary="Сотрудники и привязки")
    async def people(request: Request) -> Response:
        exchange, entry = signed_in(request)
        query = read_query(PeopleQuery, exchange.query)
        found = await admin.people(
            query=query.query,
            page_size=query.page_size,
            page_token=query.page_token,
            token=entry.token,
        )
        return json_answer(exchange, found.body, found.etag)

    @made.get(
        "/api/v1/admin/people/{person}",
        response_model=PersonDetails,
        summary="Привязка, последние ошибки и сеансы сотрудника",
    )
    async def person(request: Request, person: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        found = await admin.person(person, entry.token)
        return made_json(with_codes(found.body))

    @made.get("/api/v1/admin/organizations", response_model=OrganizationPage, summary="Организации")
    async def organizations(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        found = await admin.organizations(entry.token)
        return json_answer(exchange, found.body, found.etag)

    @made.post(
        "/api/v1/admin/people/{person}/account",
        status_code=204,
        summary="Заблокировать, разблокировать, снять блокировку кодов",
        openapi_extra=ChangeAccount.body(),
    )
    async def account(request: Request, person: str) -> Response:
        exchange, entry = signed_in(request)
        fields = wanted_fields(exchange, "act", "reason")
        work = admin.change_account(
            person,
            act=fields["act"],
            reason=fields["reason"],
            request_id=request_id_of(exchange),
            token=entry.token,
        )
        await work
        return Response(status_code=204)


def _roles(made: APIRouter, parts: Parts) -> None:
    admin = parts.administration

    @made.post(
        "/api/v1/admin/people/{person}/roles",
        status_code=201,
        response_model=AssignedRole,
        summary="Назначить или запросить роль",
        openapi_extra=AssignRole.body(),
    )
    async def assign(request: Request, person: str) -> Response:
        exchange, entry = signed_in(request)
        fields = wanted_fields(exchange, *ROLE_FIELDS)
        work = admin.assign_role(person, fields, request_id_of(exchange), entry.token)
        done = await work
        state = "PENDING" if done.waits else "ASSIGNED"
        return made_json({"id": done.id, "state": state}, 202 if done.waits else 201)

    @made.post(
        "/api/v1/admin/roles/{role}/revoke",
        status_code=204,
        summary="Отозвать роль",
        openapi_extra=RevokeRole.body(),
    )
    async def revoke(request: Request, role: str) -> Response:
        exchange, entry = signed_in(request)
        fields = wanted_fields(exchange, "reason")
        request_id = request_id_of(exchange)
        work = admin.revoke_role(role, fields["reason"], request_id, entry.token)
        await work
        return Response(status_code=204)

    @made.get(
        "/api/v1/admin/role-requests", response_model=RoleRequestPage, summary="Запросы ролей"
    )
    async def requests(request: Request) -> Response:
        exchange, entry = signed_in(request)
        query = read_query(RoleRequestQuery, exchange.query)
        found = await admin.role_requests(query.state, entry.token)
        return json_answer(exchange, found.body, found.etag)

    @made.post(
        "/api/v1/admin/role-requests/{role_request}/decide",
        status_code=204,
        summary="Решить о запросе роли",
        openapi_extra=Decision.body(),
    )
    async def decide(request: Request, role_request: str) -> Response:
        exchange, entry = signed_in(request)
        approve = Decision.read(wanted_fields(exchange, "decision")["decision"])
        work = admin.decide(
            role_request,
            approve=approve,
            request_id=request_id_of(exchange),
            token=entry.token,
        )
        await work
        return Response(status_code=204)


def _sessions(made: APIRouter, parts: Parts) -> None:
    admin = parts.administration

    @made.get(
        "/api/v1/admin/sessions", response_model=SessionOfPersonPage, summary="Открытые сеансы"
    )
    async def sessions(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        found = await admin.sessions(entry.token)
        return json_answer(exchange, found.body, found.etag)

    @made.post(
        "/api/v1/admin/people/{person}/sessions/{session}/end",
        status_code=204,
        summary="Завершить сеанс сотрудника",
        openapi_extra=EndSession.body(),
    )
    async def end_session(request: Request, person: str, session: str) -> Response:
        exchange, entry = signed_in(request)
        name = f"persons/{person}/sessions/{session}"
        reason = wanted_fields(exchange, "reason")["reason"]
        work = admin.end_session(
            name, reason=reason, request_id=request_id_of(exchange), token=entry.token
        )
        await work
        return Response(status_code=204)


def _addresses(made: APIRouter, parts: Parts) -> None:
    admin = parts.administration

    @made.get(
        "/api/v1/admin/redirect-addresses",
        response_model=AddressPage,
        summary="Адреса кабинета организаций",
    )
    async def addresses(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        found = await admin.addresses(entry.token)
        return json_answer(exchange, found.body, found.etag)

    @made.post(
        "/api/v1/admin/redirect-addresses",
        status_code=201,
        response_model=MadeAddress,
        summary="Добавить адрес кабинета организации",
        openapi_extra=AddAddress.body(),
    )
    async def add(request: Request) -> Response:
        exchange, entry = signed_in(request)
        fields = wanted_fields(exchange, "organization", "origin")
        identity = await admin.add_address(
            fields["organization"],
            fields["origin"],
            request_id=request_id_of(exchange),
            token=entry.token,
        )
        return made_json({"id": identity}, 201)

    @made.delete(
        "/api/v1/admin/redirect-addresses/{address}",
        status_code=204,
        summary="Удалить адрес кабинета организации",
    )
    async def remove(request: Request, address: str) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        await admin.remove_address(address, request_id=request_id_of(exchange), token=entry.token)
        return Response(status_code=204)
