"""Requests about personal data: the person's page, the officer's page, the same as JSON."""

import asyncio
from datetime import date
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway import items
from lkmr_gateway import schemas_data_requests as schemas
from lkmr_gateway.backends.data_requests import STEPS
from lkmr_gateway.body import typed_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange, Refused
from lkmr_gateway.pages.views.administration import Choice
from lkmr_gateway.pages.views.data_requests import (
    DataRequestItem,
    DataRequestsToAnswerView,
    DataRequestsView,
)
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem, problem_of
from lkmr_gateway.routes.accreditations import unread_count
from lkmr_gateway.routes.administration_pages import full_name
from lkmr_gateway.routing import JSON, json_answer, router, see_other, signed_in
from lkmr_gateway.schemas import NoQuery, json_body, read_query
from lkmr_servicekit.errors import Category, FieldFault, ServiceError

_KINDS = {
    "ACCESS": "Сообщить, какие мои данные обрабатываются",
    "CORRECTION": "Исправить или дополнить мои данные",
    "STOP": "Прекратить обработку данных",
    "DISPUTE": "Объяснить доступ к моим данным",
    "ERASURE": "Уничтожить мои данные и закрыть учётную запись",
}
_STATES = {"SUBMITTED": "принято", "TAKEN": "в работе", "ANSWERED": "отвечено"}
_OUTCOMES = {
    "": "",
    "SATISFIED": "выполнено",
    "REFUSED": "отказано",
    "SUPERSEDED": "согласие дано снова",
}
_NOTICES = {
    "sent": "Обращение принято. Срок ответа указан ниже.",
    "TAKE": "Обращение взято в работу.",
    "EXTEND": "Срок продлён, заявителю сообщено.",
    "SATISFY": "Ответ отправлен.",
    "REFUSE": "Ответ отправлен.",
    "DESTROY": "Уничтожение назначено. Акт появится, когда отчитаются все службы.",
}
_ENDS = {
    "": "",
    "ACCOUNT": "учётная запись и все данные",
    "EDUCATION": "данные по согласию о сверке обучения",
    "NOTICES": "данные по согласию о сообщениях",
}
HOLDS = {
    "CURRENT_JOB": "человек работает по записи ФРМР или назначению организации",
    "OPEN_APPLICATION": "заявление об аккредитации ещё рассматривается",
    "OPEN_INCIDENT": "не закрыт инцидент безопасности",
    "OPEN_REQUEST": "не отвечено на другое обращение этого человека",
}
_SERVICES = {
    "auth": "вход и учётные записи",
    "accreditation": "аккредитация и документы",
    "education": "обучение",
    "notify": "сообщения",
}
_WORDS = "Напишите не меньше 5 и не больше 2000 знаков."


def api_routes(parts: Parts) -> APIRouter:
    """`/api/v1/data-requests`, `/api/v1/admin/data-requests…`."""
    made = router(parts.gate, api=True)

    @made.get("/api/v1/data-requests", response_model=schemas.DataRequests, summary="Мои обращения")
    async def own(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        found = await parts.data_requests.own(entry.token)
        return json_answer(exchange, found.body, found.etag)

    @made.post(
        "/api/v1/data-requests",
        response_model=schemas.DataRequest,
        status_code=201,
        summary="Обратиться по поводу персональных данных",
        openapi_extra=json_body(schemas.NewDataRequest),
    )
    async def submit(request: Request) -> Response:
        exchange, entry = signed_in(request)
        given = typed_fields(exchange, "kind", "text")
        found = await parts.data_requests.submit(given["kind"], given["text"], entry.token)
        return Response(found.body, 201, media_type=JSON)

    @made.get(
        "/api/v1/admin/data-requests",
        response_model=schemas.DataRequests,
        summary="Обращения, на которые нужно ответить",
    )
    async def page(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        found = await parts.data_requests.page(entry.token)
        return json_answer(exchange, found.body, found.etag)

    @made.post(
        "/api/v1/admin/data-requests/{data_request}/advance",
        status_code=204,
        summary="Взять в работу, продлить или ответить",
        openapi_extra=json_body(schemas.DataRequestStep),
    )
    async def advance(request: Request, data_request: str) -> Response:
        exchange, entry = signed_in(request)
        step, text = _step_in(exchange)
        await parts.data_requests.advance(data_request, step, text, entry.token)
        return Response(status_code=204)

    return made


def page_routes(parts: Parts) -> APIRouter:
    """`/data-requests`, `/admin/data-requests…`."""
    made = router(parts.gate, api=False)

    @made.get("/data-requests")
    async def own(request: Request, done: str = "") -> Response:
        exchange, entry = signed_in(request)
        return await _own_page(parts, exchange, entry, notice=_NOTICES.get(done, ""))

    @made.post("/data-requests")
    async def submit(request: Request) -> Response:
        exchange, entry = signed_in(request)
        given = typed_fields(exchange, "kind", "text")
        try:
            await parts.data_requests.submit(given["kind"], given["text"], entry.token)
        except ServiceError as fault:
            if fault.category is not Category.INVALID_ARGUMENT:
                raise
            return await _own_page(parts, exchange, entry, fault=fault)
        return see_other("/data-requests?done=sent")

    @made.get("/admin/data-requests")
    async def page(request: Request, done: str = "") -> Response:
        exchange, entry = signed_in(request)
        return await officer_page(parts, exchange, entry, notice=_NOTICES.get(done, ""))

    @made.post("/admin/data-requests/{data_request}/advance")
    async def advance(request: Request, data_request: str) -> Response:
        exchange, entry = signed_in(request)
        step, text = _step_in(exchange)
        try:
            await parts.data_requests.advance(data_request, step, text, entry.token)
        except ServiceError as fault:
            if fault.category is not Category.INVALID_ARGUMENT:
                raise
            return await officer_page(parts, exchange, entry, failed=data_request, fault=fault)
        return see_other(f"/admin/data-requests?done={step}")

    return made


async def _own_page(
    parts: Parts,
    exchange: Exchange,
    entry: Entry,
    *,
    notice: str = "",
    fault: ServiceError | None = None,
) -> Response:
    found, unread = await asyncio.gather(
        parts.data_requests.own(entry.token), unread_count(parts, entry)
    )
    refusal = problem_of(fault) if fault else None
    view = DataRequestsView(
        items=tuple(_item(one) for one in orjson.loads(found.body)["items"]),
        kinds=tuple(
            Choice(value=kind, word=word) for kind, word in _KINDS.items() if kind != "DISPUTE"
        ),
        typed=dict(exchange.fields or {}) if fault else {},
        error=_words_of(fault) if fault else "",
        error_code=refusal.code if refusal else "",
        notice=notice,
    )
    status = refusal.status if refusal else 200
    return parts.composer.page(exchange, view, unread=unread, status=status)


async def officer_page(
    parts: Parts,
    exchange: Exchange,
    entry: Entry,
    *,
    notice: str = "",
    failed: str = "",
    fault: ServiceError | None = None,
) -> Response:
    found, unread = await asyncio.gather(
        parts.data_requests.page(entry.token), unread_count(parts, entry)
    )
    refusal = problem_of(fault) if fault else None
    view = DataRequestsToAnswerView(
        items=tuple(_item(one) for one in orjson.loads(found.body)["items"]),
        failed=failed,
        typed=dict(exchange.fields or {}) if fault else {},
        error=_words_of(fault) if fault else "",
        error_code=refusal.code if refusal else "",
        notice=notice,
    )
    status = refusal.status if refusal else 200
    return parts.composer.page(exchange, view, unread=unread, status=status)


def _words_of(fault: ServiceError) -> str:
    if fault.reason == "ERASURE_HELD":
        held = "; ".join(HOLDS[one] for one in str(fault.metadata["holds"]).split(","))
        return f"Уничтожить пока нельзя: {held}."
    return "Выберите, о чём обращение." if fault.metadata.get("field") == "kind" else _WORDS


def _step_in(exchange: Exchange) -> tuple[str, str]:
    """What an officer does. Raises Refused naming the field."""
    given = typed_fields(exchange, "step", "text")
    if given["step"] not in STEPS:
        fault = FieldFault("step", "INVALID", "TAKE, EXTEND, SATISFY или REFUSE.")
        raise Refused(problem("FIELDS_INVALID", errors=[fault]))
    return given["step"], given["text"]


def _item(value: items.Json) -> DataRequestItem:
    person = value.get("person")
    return DataRequestItem(
        id=value["id"],
        number=value["number"],
        kind=_kind_of(value),
        state=_STATES[value["state"]],
        open=value["state"] != "ANSWERED",
        text=value["text"],
        time=items.moment(value["create_time"]),
        due=date.fromisoformat(value["due_date"]),
        extend_reason=value["extend_reason"],
        answer=value["answer"],
        outcome=_OUTCOMES[value["outcome"]],
        answer_time=items.moment(value["answer_time"]) if value["answer_time"] else None,
        person=full_name(person) if person else "",
        late=value.get("late", False),
        **_erasure(value),
    )


def _kind_of(value: items.Json) -> str:
    """In words; a consent that was taken back ends one purpose only."""
    if value["kind"] == "ERASURE" and value.get("scope") not in {"", "ACCOUNT", None}:
        return "Уничтожить данные по отозванному согласию"
    return _KINDS[value["kind"]]


def _erasure(value: items.Json) -> dict[str, Any]:
    ordered = value.get("erasure")
    told: dict[str, Any] = {
        "erasure": value["kind"] == "ERASURE",
        "ends": _ENDS[value.get("scope", "")],
    }
    if ordered:
        told |= {
            "ordered": items.moment(ordered["order_time"]),
            "waits_for": service_words(ordered["waits_for"]),
            "act": bool(ordered["act_time"]),
        }
    return told


def service_words(names: list[str]) -> tuple[str, ...]:
    """Services as people call them."""
    return tuple(_SERVICES.get(one, one) for one in names)
