"""What is ahead in «Обучение (НМО)» for programs: plan, suggestions, catalogue, calendar, staff."""

from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from lkmr_gateway import schemas_education as schemas
from lkmr_gateway import schemas_education_ahead as ahead
from lkmr_gateway.body import typed_fields
from lkmr_gateway.exchange import Refused
from lkmr_gateway.gate import request_id_of
from lkmr_gateway.openapi import body_of
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.routes.accreditations import worker_of
from lkmr_gateway.routes.education import ROOT, STEP, EducationActs
from lkmr_gateway.routing import JSON, json_answer, router, signed_in
from lkmr_gateway.schemas import NoQuery, PageQuery, read_query
from lkmr_servicekit.errors import FieldFault

ITEM = ("programme", "title", "deadline", "required_level", "specialty")
CHANGE = ("action", "deadline", "start_date")
STAFF = f"{ROOT}/staff"
CALENDAR = "/calendar/{secret}"
_SUFFIX = ".ics"
_AGREED = FieldFault("agreed", "INVALID", "Нужно true или false.")


class CatalogQuery(PageQuery):
    """Words, and which programmes."""

    query: Annotated[str, Field(max_length=200)] = ""
    specialty: Annotated[str, Field(max_length=300)] = ""
    kind: schemas.ActivityKind | Literal[""] = ""


class StaffQuery(PageQuery):
    """Which department."""

    department: Annotated[str, Field(max_length=300)] = ""


def api_routes(parts: Parts, acts: EducationActs) -> APIRouter:
    """`/api/v1/education/plan…`, `…/suggestions`, `…/catalog`, `…/calendar`, `…/staff…`."""
    made = router(parts.gate, api=True)
    _plan_routes(made, parts, acts)
    _catalogue_routes(made, parts)
    _staff_routes(made, parts, acts)
    return made


def _plan_routes(made: APIRouter, parts: Parts, acts: EducationActs) -> None:
    @made.get(f"{ROOT}/plan", response_model=ahead.Plan, summary="План развития")
    async def plan(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        return json_answer(exchange, *await parts.education.plan(worker_of(entry), entry.token))

    @made.post(
        f"{ROOT}/plan",
        response_model=ahead.Plan,
        status_code=201,
        summary="Добавить пункт плана",
        openapi_extra=body_of(ahead.NewPlanItem),
    )
    async def add(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        body = await parts.education.add_item(
            worker_of(entry), typed_fields(exchange, *ITEM), request_id_of(exchange), entry.token
        )
        return Response(body, 201, media_type=JSON)

    @made.post(
        f"{ROOT}/plan/direction",
        response_model=ahead.Plan,
        summary="Выбрать направление карьерного роста",
        openapi_extra=body_of(ahead.DirectionChoice),
    )
    async def choose(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        fields = typed_fields(exchange, "direction")
        body = await parts.education.choose_direction(
            worker_of(entry), fields["direction"], request_id_of(exchange), entry.token
        )
        return Response(body, media_type=JSON)

    @made.post(
        f"{ROOT}/plan/{{item}}/change",
        response_model=ahead.Plan,
        summary="Изменить пункт плана",
        openapi_extra=body_of(ahead.PlanItemChange),
    )
    async def change(request: Request, item: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        await acts.check(exchange, item)
        body = await parts.education.change_item(
            worker_of(entry),
            item,
            typed_fields(exchange, *CHANGE),
            request_id_of(exchange),
            entry.token,
        )
        return Response(body, media_type=JSON)


def _catalogue_routes(made: APIRouter, parts: Parts) -> None:
    @made.get(
        f"{ROOT}/suggestions",
        response_model=ahead.SuggestionPage,
        summary="Что закроет нехватку часов в срок",
    )
    async def suggestions(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        found = await parts.education.suggestions(worker_of(entry), entry.token)
        return json_answer(exchange, *found)

    @made.get(
        f"{ROOT}/catalog", response_model=ahead.ProgrammePage, summary="Поиск программ обучения"
    )
    async def catalog(request: Request, _: Annotated[CatalogQuery, Query()]) -> Response:
        exchange, entry = signed_in(request)
        asked = read_query(CatalogQuery, exchange.query)
        found = await parts.education.search(
            asked.query,
            entry.token,
            specialty=asked.specialty,
            kind=asked.kind,
            page_size=asked.page_size,
            page_token=asked.page_token,
        )
        return json_answer(exchange, *found)

    @made.post(
        f"{ROOT}/calendar/renew",
        response_model=ahead.CalendarLink,
        summary="Новая ссылка на календарь",
    )
    async def renew(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        typed_fields(exchange)
        secret = await parts.education.renew_calendar(worker_of(entry), entry.token)
        url = f"{parts.public_origin}/calendar/{secret}{_SUFFIX}"
        return Response(orjson.dumps({"url": url}), media_type=JSON)


def _staff_routes(made: APIRouter, parts: Parts, acts: EducationActs) -> None:
    @made.get(STAFF, response_model=ahead.StaffEducation, summary="Обучение сотрудников")
    async def staff(request: Request, _: Annotated[StaffQuery, Query()]) -> Response:
        exchange, entry = signed_in(request)
        asked = read_query(StaffQuery, exchange.query)
        found = await parts.education.staff(
            entry.token,
            department=asked.department,
            page_size=asked.page_size,
            page_token=asked.page_token,
        )
        return json_answer(exchange, *found)

    @made.get(
        f"{STAFF}/{{worker}}/summary",
        response_model=schemas.EducationSummary,
        summary="Ход обучения сотрудника",
    )
    async def summary(request: Request, worker: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        await acts.check(exchange, worker)
        return json_answer(exchange, *await parts.education.summary(worker, entry.token))

    @made.post(
        f"{STAFF}/{{worker}}/plan/{{item}}/agree",
        response_model=ahead.Plan,
        summary="Согласовать пункт плана или отказать",
        openapi_extra=body_of(ahead.HeadsWord),
    )
    async def agree(request: Request, worker: str, item: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        await acts.check(exchange, worker, item)
        fields = typed_fields(exchange, "agreed", "comment")
        body = await parts.education.agree_item(
            worker,
            item,
            request_id_of(exchange),
            entry.token,
            agreed=said_yes(fields["agreed"]),
            comment=fields["comment"],
        )
        return Response(body, media_type=JSON)

    @made.post(
        f"{STAFF}/{{worker}}/activities/{{activity}}/advance",
        response_model=schemas.EducationActivity,
        summary="Решение руководителя об обучении",
        openapi_extra=body_of(schemas.ActivityStep),
    )
    async def advance(request: Request, worker: str, activity: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        await acts.check(exchange, worker, activity)
        body = await parts.education.advance(
            worker,
            activity,
            typed_fields(exchange, *STEP),
            request_id_of(exchange),
            entry.token,
        )
        return Response(body, media_type=JSON)

    @made.post(
        f"{STAFF}/{{worker}}/certificates/{{certificate}}/confirm",
        response_model=schemas.EducationActivity,
        summary="Подтвердить документ без реестра",
        openapi_extra=body_of(ahead.Vouching),
    )
    async def confirm(request: Request, worker: str, certificate: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        await acts.check(exchange, worker, certificate)
        fields = typed_fields(exchange, "reason")
        body = await parts.education.confirm(
            worker, certificate, fields["reason"], request_id_of(exchange), entry.token
        )
        return Response(body, media_type=JSON)


def said_yes(text: str) -> bool:
    """The head's word. Raises Refused for anything but true and false."""
    if text not in {"true", "false"}:
        raise Refused(problem("FIELDS_INVALID", errors=[_AGREED]))
    return text == "true"


def secret_in(name: str) -> str:
    """The secret of `<secret>.ics`. Raises Refused."""
    if not name.endswith(_SUFFIX):
        raise Refused(problem("CALENDAR_NOT_FOUND"))
    return name.removesuffix(_SUFFIX)
