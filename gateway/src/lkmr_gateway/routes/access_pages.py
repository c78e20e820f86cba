"""Pages of delegation and of emergency access."""

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway import items
from lkmr_gateway.access import RULES
from lkmr_gateway.body import wanted_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange
from lkmr_gateway.pages.views.access import (
    DelegationItem,
    DelegationsView,
    EmergencyItem,
    EmergencyReviewView,
    EmergencyView,
)
from lkmr_gateway.pages.views.administration import Choice
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem_of
from lkmr_gateway.roles import role_word
from lkmr_gateway.routes.access import justified_in
from lkmr_gateway.routes.accreditations import unread_count
from lkmr_gateway.routes.administration_pages import full_name
from lkmr_gateway.routing import router, see_other, signed_in
from lkmr_servicekit.errors import Category, ServiceError

REASONS = {
    "LIFE_THREAT": "Угроза жизни пациента",
    "UNCONSCIOUS": "Пациент без сознания",
    "DUTY_CALL": "Вызов по дежурству",
    "CONSULTATION": "Срочная консультация",
    "OTHER": "Другое",
}
_RESULTS = {"": "", "JUSTIFIED": "обоснован", "UNJUSTIFIED": "не обоснован"}
_NOTICES = {
    "given": "Право утверждать передано. Коллега выберет эту роль при входе или в шапке.",
    "revoked": "Замещение прекращено, сеансы под ним завершены.",
    "opened": "Карта открыта. Администратор безопасности уведомлён, доступ проверят.",
    "ended": "Экстренный доступ закрыт.",
    "reviewed": "Решение записано.",
}
_MENDED = frozenset({Category.INVALID_ARGUMENT, Category.ALREADY_EXISTS})


def page_routes(parts: Parts) -> APIRouter:
    """`/delegations…`, `/emergency-access…`, `/admin/emergency-access…`."""
    made = router(parts.gate, api=False)
    _delegations(made, parts)
    _emergencies(made, parts)
    _reviews(made, parts)
    return made


def _outcome(
    exchange: Exchange,
    fault: ServiceError | None,
    words: Callable[[ServiceError], str],
    done: str,
) -> dict[str, Any]:
    """The part of a view that says what became of its form."""
    if fault is None:
        return {"notice": _NOTICES.get(done, "")}
    return {
        "typed": dict(exchange.fields or {}),
        "error": words(fault),
        "error_code": problem_of(fault).code,
        "error_field": fault.metadata.get("field", ""),
    }


def _delegations(made: APIRouter, parts: Parts) -> None:
    async def page(
        exchange: Exchange, entry: Entry, fault: ServiceError | None = None, done: str = ""
    ) -> Response:
        found, unread = await asyncio.gather(
            parts.access.delegations(entry.token), unread_count(parts, entry)
        )
        view = DelegationsView(
            items=tuple(_delegation(one) for one in orjson.loads(found.body)["items"]),
            may_give=bool(RULES["POST", "/delegations"].scope_for(entry.roles)),
            today=parts.composer.moment().date().isoformat(),
            **_outcome(exchange, fault, _delegation_words, done),
        )
        status = problem_of(fault).status if fault else 200
        return parts.composer.page(exchange, view, unread=unread, status=status)

    @made.get("/delegations")
    async def read(request: Request, done: str = "") -> Response:
        exchange, entry = signed_in(request)
        return await page(exchange, entry, done=done)

    @made.post("/delegations")
    async def create(request: Request) -> Response:
        exchange, entry = signed_in(request)
        given = wanted_fields(exchange, "delegate", "start_date", "end_date")
        try:
            await parts.access.delegate(
                given["delegate"], given["start_date"], given["end_date"], entry.token
            )
        except ServiceError as fault:
            if fault.category not in _MENDED:
                raise
            return await page(exchange, entry, fault)
        return see_other("/delegations?done=given")

    @made.post("/delegations/{delegation}/revoke")
    async def revoke(request: Request, delegation: str) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        await parts.access.revoke_delegation(delegation, entry.token)
        return see_other("/delegations?done=revoked")


def _emergencies(made: APIRouter, parts: Parts) -> None:
    async def page(
        exchange: Exchange, entry: Entry, fault: ServiceError | None = None, done: str = ""
    ) -> Response:
        found, unread = await asyncio.gather(
            parts.access.own_emergencies(entry.token), unread_count(parts, entry)
        )
        view = EmergencyView(
            items=tuple(_emergency(one) for one in orjson.loads(found.body)["items"]),
            reasons=tuple(Choice(value=code, word=word) for code, word in REASONS.items()),
            may_start=bool(RULES["POST", "/emergency-access"].scope_for(entry.roles)),
            **_outcome(exchange, fault, _emergency_words, done),
        )
        status = problem_of(fault).status if fault else 200
        return parts.composer.page(exchange, view, unread=unread, status=status)

    @made.get("/emergency-access")
    async def read(request: Request, done: str = "") -> Response:
        exchange, entry = signed_in(request)
        return await page(exchange, entry, done=done)

    @made.post("/emergency-access")
    async def start(request: Request) -> Response:
        exchange, entry = signed_in(request)
        given = wanted_fields(exchange, "object", "reason_code", "reason")
        card = given["object"].strip().lower()
        card = card if card.startswith("patients/") else f"patients/{card}"
        try:
            await parts.access.start_emergency(
                card, given["reason_code"], given["reason"], entry.token
            )
        except ServiceError as fault:
            if fault.category not in _MENDED:
                raise
            return await page(exchange, entry, fault)
        return see_other("/emergency-access?done=opened")

    @made.post("/emergency-access/{access}/end")
    async def end(request: Request, access: str) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        await parts.access.end_emergency(access, entry.token)
        return see_other("/emergency-access?done=ended")


def _reviews(made: APIRouter, parts: Parts) -> None:
    @made.get("/admin/emergency-access")
    async def page(request: Request, done: str = "") -> Response:
        exchange, entry = signed_in(request)
        found, unread = await asyncio.gather(
            parts.access.emergencies(entry.token), unread_count(parts, entry)
        )
        view = EmergencyReviewView(
            items=tuple(_emergency(one) for one in orjson.loads(found.body)["items"]),
            notice=_NOTICES.get(done, ""),
        )
        return parts.composer.page(exchange, view, unread=unread)

    @made.post("/admin/emergency-access/{access}/review")
    async def review(request: Request, access: str) -> Response:
        exchange, entry = signed_in(request)
        await parts.access.review_emergency(
            access, justified=justified_in(exchange), token=entry.token
        )
        return see_other("/admin/emergency-access?done=reviewed")


def _delegation(value: items.Json) -> DelegationItem:
    return DelegationItem(
        id=value["id"],
        given=value["given"],
        role=role_word(value["role"]),
        giver=full_name(value["giver"]),
        delegate=full_name(value["delegate"]),
        start_date=date.fromisoformat(value["start_date"]),
        end_date=date.fromisoformat(value["end_date"]),
    )


def _emergency(value: items.Json) -> EmergencyItem:
    person = value.get("person")
    return EmergencyItem(
        id=value["id"],
        card=value["object"].removeprefix("patients/"),
        why=REASONS.get(str(value["reason_code"]), str(value["reason_code"])),
        reason=value["reason"],
        start_time=items.moment(value["start_time"]),
        expire_time=items.moment(value["expire_time"]),
        open=value["open"],
        due=date.fromisoformat(value["review_due_date"]),
        result=_RESULTS[value["review_result"]],
        person=full_name(person) if person else "",
    )


def _delegation_words(fault: ServiceError) -> str:
    field = fault.metadata.get("field", "")
    if fault.reason == "DELEGATION_OVERLAPS":
        return "В эти дни коллега уже замещает кого-то в этой роли."
    if field == "delegate":
        return "В вашей организации нет работника с таким номером учётной записи."
    if field == "start_date":
        return "Замещение не может начинаться раньше сегодняшнего дня."
    most = fault.metadata.get("most_days", "")
    return f"Последний день — не раньше первого; дней не больше {most}." if most else "Укажите дни."


def _emergency_words(fault: ServiceError) -> str:
    field = fault.metadata.get("field", "")
    if field == "object":
        return "Укажите номер карты пациента целиком."
    if field == "reason_code":
        return "Выберите основание из списка."
    return "Опишите, что случилось: от 5 до 500 знаков."
