"""Pages of the security administrator (policies, open sessions) and of addresses of the cabinet."""

import asyncio
from datetime import date

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway import items
from lkmr_gateway.access import RULES
from lkmr_gateway.body import wanted_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange
from lkmr_gateway.gate import request_id_of
from lkmr_gateway.pages.views.access import (
    AddressesView,
    AddressItem,
    OpenSessionItem,
    OpenSessionsView,
    PoliciesView,
    PolicyDecisionItem,
    PolicyItem,
)
from lkmr_gateway.pages.views.administration import Choice
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem_of
from lkmr_gateway.routes.accreditations import unread_count
from lkmr_gateway.routes.administration_pages import full_name
from lkmr_gateway.routing import router, see_other, signed_in
from lkmr_servicekit.errors import Category, ServiceError

_NOTICES = {
    "decided": "Решение записано и начнёт действовать с указанного дня.",
    "added": "Адрес добавлен: вход по нему откроется в течение нескольких секунд.",
    "removed": "Адрес удалён.",
    "ended": "Сеанс завершён.",
}
_MENDED = frozenset({Category.INVALID_ARGUMENT, Category.ALREADY_EXISTS})
_WHY = {
    "value": "Значение должно быть целым числом в указанных пределах.",
    "effective_date": "День начала не может быть прошедшим.",
    "reason": "Напишите причину: от 5 до 500 знаков.",
}


def page_routes(parts: Parts) -> APIRouter:
    """`/admin/policies…`, `/admin/sessions…`, `/admin/redirect-addresses…`."""
    made = router(parts.gate, api=False)
    _policies(made, parts)
    _sessions(made, parts)
    _addresses(made, parts)
    return made


def _policies(made: APIRouter, parts: Parts) -> None:
    async def page(
        exchange: Exchange,
        entry: Entry,
        failed: str = "",
        fault: ServiceError | None = None,
        done: str = "",
    ) -> Response:
        found, unread = await asyncio.gather(
            parts.access.policies(entry.token), unread_count(parts, entry)
        )
        refusal = problem_of(fault) if fault else None
        view = PoliciesView(
            items=tuple(_policy(one) for one in orjson.loads(found.body)["items"]),
            today=parts.composer.moment().date().isoformat(),
            typed=dict(exchange.fields or {}) if fault else {},
            failed=failed,
            error=_WHY.get(fault.metadata.get("field", ""), refusal.entry.title)
            if fault and refusal
            else "",
            error_code=refusal.code if refusal else "",
            notice=_NOTICES.get(done, ""),
        )
        status = refusal.status if refusal else 200
        return parts.composer.page(exchange, view, unread=unread, status=status)

    @made.get("/admin/policies")
    async def read(request: Request, done: str = "") -> Response:
        exchange, entry = signed_in(request)
        return await page(exchange, entry, done=done)

    @made.post("/admin/policies/{policy}")
    async def decide(request: Request, policy: str) -> Response:
        exchange, entry = signed_in(request)
        given = wanted_fields(exchange, "value", "effective_date", "reason")
        try:
            await parts.access.decide_policy(policy, **given, token=entry.token)
        except ServiceError as fault:
            if fault.category not in _MENDED:
                raise
            return await page(exchange, entry, policy, fault)
        return see_other("/admin/policies?done=decided")


def _sessions(made: APIRouter, parts: Parts) -> None:
    @made.get("/admin/sessions")
    async def read(request: Request, done: str = "") -> Response:
        exchange, entry = signed_in(request)
        found, unread = await asyncio.gather(
            parts.administration.sessions(entry.token), unread_count(parts, entry)
        )
        view = OpenSessionsView(
            items=tuple(_session(one) for one in orjson.loads(found.body)["items"]),
            notice=_NOTICES.get(done, ""),
        )
        return parts.composer.page(exchange, view, unread=unread)

    @made.post("/admin/sessions/{person}/{session}/end")
    async def end(request: Request, person: str, session: str) -> Response:
        exchange, entry = signed_in(request)
        reason = wanted_fields(exchange, "reason")["reason"]
        await parts.administration.end_session(
            f"persons/{person}/sessions/{session}",
            reason=reason,
            request_id=request_id_of(exchange),
            token=entry.token,
        )
        return see_other("/admin/sessions?done=ended")


def _addresses(made: APIRouter, parts: Parts) -> None:
    async def page(
        exchange: Exchange, entry: Entry, fault: ServiceError | None = None, done: str = ""
    ) -> Response:
        found, places, unread = await asyncio.gather(
            parts.administration.addresses(entry.token),
            parts.administration.organizations(entry.token),
            unread_count(parts, entry),
        )
        organizations = {
            one["id"]: one["short_name"] or one["name"]
            for one in orjson.loads(places.body)["items"]
        }
        refusal = problem_of(fault) if fault else None
        view = AddressesView(
            items=tuple(
                AddressItem(
                    id=one["id"],
                    organization=organizations.get(one["organization"], one["organization"]),
                    origin=one["origin"],
                    time=items.moment(one["create_time"]),
                )
                for one in orjson.loads(found.body)["items"]
            ),
            organizations=tuple(
                Choice(value=key, word=word) for key, word in organizations.items()
            ),
            may_change=bool(RULES["POST", "/admin/redirect-addresses"].scope_for(entry.roles)),
            typed=dict(exchange.fields or {}) if fault else {},
            error=_address_words(fault) if fault else "",
            error_code=refusal.code if refusal else "",
            notice=_NOTICES.get(done, ""),
        )
        status = refusal.status if refusal else 200
        return parts.composer.page(exchange, view, unread=unread, status=status)

    @made.get("/admin/redirect-addresses")
    async def read(request: Request, done: str = "") -> Response:
        exchange, entry = signed_in(request)
        return await page(exchange, entry, done=done)

    @made.post("/admin/redirect-addresses")
    async def add(request: Request) -> Response:
        exchange, entry = signed_in(request)
        given = wanted_fields(exchange, "organization", "origin")
        try:
            await parts.administration.add_address(
                given["organization"],
                given["origin"].strip(),
                request_id=request_id_of(exchange),
                token=entry.token,
            )
        except ServiceError as fault:
            if fault.category not in _MENDED:
                raise
            return await page(exchange, entry, fault)
        return see_other("/admin/redirect-addresses?done=added")

    @made.post("/admin/redirect-addresses/{address}/remove")
    async def remove(request: Request, address: str) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        await parts.administration.remove_address(
            address, request_id=request_id_of(exchange), token=entry.token
        )
        return see_other("/admin/redirect-addresses?done=removed")


_CHOICES = {"warn": "Предупреждать", "block": "Предупреждать и закрывать действия"}


def _policy_words(value: str) -> str:
    """A choice in words; a number stays as it is."""
    return _CHOICES.get(value, value)


def _policy(value: items.Json) -> PolicyItem:
    return PolicyItem(
        key=value["key"],
        words=value["words"],
        source=value["source"],
        least=value["least"],
        most=value["most"],
        value=_policy_words(value["value"]),
        choices=tuple((one, _policy_words(one)) for one in value["choices"]),
        everywhere=not value["organization"],
        decisions=tuple(
            PolicyDecisionItem(
                value=_policy_words(one["value"]),
                effective_date=date.fromisoformat(one["effective_date"]),
                time=items.moment(one["decide_time"]),
                person=full_name(one["person"]),
                reason=one["reason"],
            )
            for one in value["decisions"][:3]
        ),
    )


def _session(value: items.Json) -> OpenSessionItem:
    person = value["person"]
    return OpenSessionItem(
        id=value["id"],
        person_id=person["id"],
        person=full_name(person),
        account_number=person["account_number"],
        device=value["device"],
        place=value["place"],
        profile=value["profile"],
        start_time=items.moment(value["start_time"]),
        active_time=items.moment(value["active_time"]),
    )


def _address_words(fault: ServiceError) -> str:
    if fault.reason == "ADDRESS_TAKEN":
        return "Этот адрес уже принадлежит организации."
    if fault.metadata.get("field") == "organization":
        return "Выберите организацию из списка."
    return "Адрес записывается так, как его показывает браузер: https://lk.example.ru"
