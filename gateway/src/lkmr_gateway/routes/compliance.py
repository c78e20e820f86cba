"""Compliance of the signed-in worker and changes of law; as JSON and as pages."""

import asyncio
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Query, Request, Response

from lkmr_gateway import schemas_compliance as schemas
from lkmr_gateway.body import read_json
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange, Refused
from lkmr_gateway.pages.views.compliance import ComplianceView, CourseForm, LawView
from lkmr_gateway.pages.views.frame import Unavailable
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.routes.accreditations import part, unread_count, worker_of
from lkmr_gateway.routing import json_answer, router, signed_in
from lkmr_gateway.schemas import NoQuery, read_query
from lkmr_servicekit.errors import FieldFault, ServiceError

OWN = "/api/v1/compliance"
MAX_COURSES = 20
_TEXTS = ("title", "specialty", "kind", "end_date")
_FIELDS = frozenset({*_TEXTS, "hours"})
_SIMULATION = {
    "type": "object",
    "properties": {"courses": {"type": "array", "items": schemas.Course.model_json_schema()}},
    "required": ["courses"],
}


class ComplianceReads:
    """Reads of the signed-in worker."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def own(self, entry: Entry) -> tuple[bytes, bytes]:
        """The caller's verdicts and the ETag. Raises Refused, ServiceError."""
        body, etag = await self._parts.compliance.read(worker_of(entry), entry.token)
        return body, etag.encode()

    async def simulated(self, entry: Entry, courses: list[dict[str, Any]]) -> tuple[bytes, bytes]:
        """The caller's verdicts with courses. Raises Refused, ServiceError."""
        body, etag = await self._parts.compliance.simulate(worker_of(entry), courses, entry.token)
        return body, etag.encode()


def api_routes(parts: Parts, reads: ComplianceReads) -> APIRouter:
    """`/api/v1/compliance…`, `/api/v1/law-changes`."""
    made = router(parts.gate, api=True)

    @made.get(OWN, response_model=schemas.Compliance, summary="Чего не хватает до аккредитации")
    async def read(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        body, etag = await reads.own(entry)
        return json_answer(exchange, body, etag.decode())

    @made.post(
        OWN + ":simulate",
        response_model=schemas.Simulated,
        summary="А если пройти курс",
        openapi_extra={
            "requestBody": {
                "content": {"application/json": {"schema": _SIMULATION}},
                "required": True,
            }
        },
    )
    async def simulate(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        body, etag = await reads.simulated(entry, courses_of(exchange))
        return json_answer(exchange, body, etag.decode())

    @made.get(
        "/api/v1/law-changes",
        response_model=schemas.LawChangePage,
        summary="Изменения законодательства",
    )
    async def law(request: Request, _: Annotated[schemas.PageQuery, Query()]) -> Response:
        exchange, entry = signed_in(request)
        asked = read_query(schemas.PageQuery, exchange.query)
        body, etag = await parts.compliance.law_changes(
            entry.token, page_size=asked.page_size, page_token=asked.page_token
        )
        return json_answer(exchange, body, etag)

    return made


def page_routes(parts: Parts, reads: ComplianceReads) -> APIRouter:
    """`/compliance`, `/law-changes`."""
    made = router(parts.gate, api=False)

    @made.get("/compliance")
    async def own_page(
        request: Request, kind: str = "", hours: str = "", specialty: str = ""
    ) -> Response:
        exchange, entry = signed_in(request)
        worker_of(entry)
        typed = CourseForm(kind=kind[:20] or "PK", hours=hours[:10], specialty=specialty[:300])
        found, form_then, unread = await asyncio.gather(
            part(reads.own(entry)), _with_course(reads, entry, typed), unread_count(parts, entry)
        )
        form, then = form_then
        view = ComplianceView(
            made=orjson.loads(found[0]) if isinstance(found, tuple) else None,
            fault=found if isinstance(found, Unavailable) else None,
            form=form,
            then=then,
        )
        return parts.composer.page(exchange, view, unread=unread)

    @made.get("/law-changes")
    async def law_page(request: Request, page_token: str = "") -> Response:
        exchange, entry = signed_in(request)
        (body, _), unread = await asyncio.gather(
            parts.compliance.law_changes(entry.token, page_size=25, page_token=page_token[:512]),
            unread_count(parts, entry),
        )
        page = orjson.loads(body)
        token = page["next_page_token"]
        view = LawView(
            items=page["items"],
            next_href=f"/law-changes?{urlencode({'page_token': token})}" if token else "",
            first_href="/law-changes" if page_token else "",
        )
        return parts.composer.page(exchange, view, unread=unread)

    return made


async def _with_course(
    reads: ComplianceReads, entry: Entry, typed: CourseForm
) -> tuple[CourseForm, dict[str, Any] | None]:
    """What was typed with its faults, and the verdicts with that course when one was asked for."""
    if not typed.hours:
        return typed, None
    words = "Напишите целое число часов от 1 до 2000, например 36."
    wrong = CourseForm(
        kind=typed.kind, hours=typed.hours, specialty=typed.specialty, hours_fault=words
    )
    if not (typed.hours.isascii() and typed.hours.isdigit()):
        return wrong, None
    course = {"kind": typed.kind, "hours": int(typed.hours), "specialty": typed.specialty}
    try:
        body, _ = await reads.simulated(entry, [course])
    except ServiceError as fault:
        return (wrong, None) if fault.fields else (typed, None)
    made: dict[str, Any] = orjson.loads(body)
    return typed, made


def courses_of(exchange: Exchange) -> list[dict[str, Any]]:
    """The courses of a body: `{"courses": […]}`, or one course by itself.

    Raises Refused with the field that does not fit.
    """
    kind = exchange.header(b"content-type").partition(";")[0].strip().lower()
    if exchange.body and kind != "application/json":
        raise Refused(problem("CONTENT_TYPE_UNSUPPORTED"))
    body = read_json(exchange.body or b"{}")
    if isinstance(body, dict) and "courses" not in body:
        body = {"courses": [body]} if body else body
    given = body.get("courses") if isinstance(body, dict) else None
    if not isinstance(given, list) or not 1 <= len(given) <= MAX_COURSES or len(body) != 1:
        words = f"Назовите от одного до {MAX_COURSES} курсов."
        raise Refused(problem("FIELDS_INVALID", errors=[FieldFault("courses", "COUNT", words)]))
    faults: list[FieldFault] = []
    courses = [_course(one, f"courses.{number}", faults) for number, one in enumerate(given)]
    if faults:
        raise Refused(problem("FIELDS_INVALID", errors=faults))
    return courses


def _course(given: object, place: str, faults: list[FieldFault]) -> dict[str, Any]:
    if not isinstance(given, dict):
        faults.append(FieldFault(place, "INVALID", "Курс — это объект с полями kind и hours."))
        return {}
    faults += [
        FieldFault(f"{place}.{name}", "UNKNOWN_FIELD", "Такого поля нет.")
        for name in given
        if name not in _FIELDS
    ]
    hours = given.get("hours")
    if not isinstance(hours, int) or isinstance(hours, bool) or abs(hours) > 2**31 - 1:
        faults.append(FieldFault(f"{place}.hours", "REQUIRED", "Часы — целое число от 1 до 2000."))
        hours = 0
    made: dict[str, Any] = {"kind": "PK", "hours": hours}
    for name in _TEXTS:
        value = given.get(name, made.get(name, ""))
        if not isinstance(value, str) or len(value) > 300:  # noqa: PLR2004 - a title fits
            faults.append(FieldFault(f"{place}.{name}", "INVALID", "Значение не подходит."))
        else:
            made[name] = value
    return made
