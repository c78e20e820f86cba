"""Announcements, and what operators see of deliveries and of events that failed."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from lkmr_gateway.body import wanted_fields
from lkmr_gateway.exchange import Refused
from lkmr_gateway.gate import is_uuid, request_id_of
from lkmr_gateway.openapi import body_of
from lkmr_gateway.pages.views.announcements import AnnouncementListView, announcement_item
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.routes.accreditations import unread_count
from lkmr_gateway.routes.preferences import given_json
from lkmr_gateway.routing import JSON, json_answer, router, signed_in
from lkmr_gateway.schemas import NoQuery, PageQuery, read_query

BASE = "/api/v1/admin/notifications"


class NewAnnouncement(BaseModel):
    """What operators tell an audience; title and text are shown in the cabinet only."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["LAW_CHANGE", "SIGN_IN_CHANGE", "DOCUMENTATION", "SERVICE"]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    text: Annotated[str, Field(min_length=1, max_length=4000)]
    link: Annotated[str, Field(max_length=300)] = ""
    source: Annotated[str, Field(max_length=300)] = ""
    document_version: Annotated[str, Field(max_length=300)] = ""
    effective_date: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = ""
    expire_date: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = ""
    roles: Annotated[list[str], Field(max_length=30)] = Field(default_factory=list)
    organizations: Annotated[list[str], Field(max_length=1000)] = Field(default_factory=list)
    urgent: bool = False
    publish_time: Annotated[str, Field(max_length=40)] = ""


class Announcement(BaseModel):
    """An announcement; `deliveries` counts its deliveries by state, in the answer about one."""

    id: str
    kind: str
    title: str
    text: str
    link: str
    source: str
    document_version: str
    effective_date: date | None
    expire_date: date | None
    roles: list[str]
    organizations: list[str]
    urgent: bool
    state: str
    publish_time: datetime
    create_time: datetime
    messages: int
    deliveries: dict[str, int] | None = None


class AnnouncementPage(BaseModel):
    items: list[Announcement]
    next_page_token: str


class Delivery(BaseModel):
    """Word of a message on its way outside, without any contact."""

    id: str
    message: str
    person: str
    channel: str
    kind: str
    state: str
    reason: str
    attempts: int
    provider: str
    create_time: datetime
    update_time: datetime
    next_try_time: datetime | None


class DeliveryPage(BaseModel):
    items: list[Delivery]
    next_page_token: str


class DeliveryQuery(PageQuery):
    """Which deliveries."""

    message: Annotated[str, Field(max_length=200)] = ""
    person: Annotated[str, Field(max_length=100)] = ""
    state: Annotated[str, Field(max_length=40)] = ""
    channel: Annotated[str, Field(max_length=40)] = ""


class DeadEvent(BaseModel):
    """An event that could not be handled."""

    event_id: str
    consumer: str
    subject: str
    resource: str | None
    reason: str
    deliveries: int
    create_time: datetime
    replay_asked: bool


class DeadEventPage(BaseModel):
    items: list[DeadEvent]
    next_page_token: str


class OrganizationRule(BaseModel):
    """A decision of an organisation: FORCE, FORBID; empty lifts it."""

    group: str
    channel: str
    mode: Literal["FORCE", "FORBID", ""]


class OrganizationRules(BaseModel):
    model_config = ConfigDict(extra="ignore")

    items: Annotated[list[OrganizationRule], Field(max_length=100)]


def api_routes(parts: Parts) -> APIRouter:
    """`/api/v1/admin/notifications/…`, `/api/v1/announcements`."""
    made = router(parts.gate, api=True)
    _announcement_routes(made, parts)
    _operator_routes(made, parts)
    return made


def _announcement_routes(made: APIRouter, parts: Parts) -> None:
    @made.post(
        f"{BASE}/announcements",
        status_code=202,
        response_model=Announcement,
        summary="Создать объявление",
        openapi_extra=body_of(NewAnnouncement),
    )
    async def create(request: Request) -> Response:
        exchange, entry = signed_in(request)
        given = given_json(exchange, NewAnnouncement)
        body = await parts.operators.create(
            given.model_dump(), request_id_of(exchange), entry.token
        )
        return Response(body, 202, media_type=JSON)

    @made.get(f"{BASE}/announcements", response_model=AnnouncementPage, summary="Объявления")
    async def listed(request: Request, _: Annotated[PageQuery, Query()]) -> Response:
        exchange, entry = signed_in(request)
        asked = read_query(PageQuery, exchange.query)
        body = await parts.operators.announcements(asked.page_size, asked.page_token, entry.token)
        return Response(body, media_type=JSON)

    @made.get(
        f"{BASE}/announcements/{{announcement}}",
        response_model=Announcement,
        summary="Ход рассылки объявления",
    )
    async def one(request: Request, announcement: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        body = await parts.operators.announcement(known(announcement), entry.token)
        return Response(body, media_type=JSON)

    @made.post(
        f"{BASE}/announcements/{{announcement}}/{{action}}",
        response_model=Announcement,
        summary="Приостановить (pause), продолжить (resume), отменить (cancel)",
    )
    async def steer(request: Request, announcement: str, action: str) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        if action not in {"pause", "resume", "cancel"}:
            raise Refused(problem("PAGE_NOT_FOUND"))
        body = await parts.operators.steer(known(announcement), action.upper(), entry.token)
        return Response(body, media_type=JSON)

    @made.get(
        "/api/v1/announcements", response_model=AnnouncementPage, summary="Изменения для меня"
    )
    async def current(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        return json_answer(exchange, await parts.operators.current(entry.token), "")


def _operator_routes(made: APIRouter, parts: Parts) -> None:
    @made.get(f"{BASE}/deliveries", response_model=DeliveryPage, summary="Доставки")
    async def deliveries(request: Request, _: Annotated[DeliveryQuery, Query()]) -> Response:
        exchange, entry = signed_in(request)
        asked = read_query(DeliveryQuery, exchange.query)
        body = await parts.operators.deliveries(asked.model_dump(), entry.token)
        return Response(body, media_type=JSON)

    @made.get(f"{BASE}/dead-events", response_model=DeadEventPage, summary="Необработанные события")
    async def dead(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        return Response(await parts.operators.dead_events(entry.token), media_type=JSON)

    @made.post(
        f"{BASE}/dead-events/{{event}}/replay",
        status_code=202,
        response_class=Response,
        summary="Обработать событие заново",
    )
    async def replay(request: Request, event: str) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        await parts.operators.replay(known(event, "DEAD_EVENT_NOT_FOUND"), entry.token)
        return Response(status_code=202)

    @made.get(
        f"{BASE}/organization-rules",
        response_model=OrganizationRules,
        summary="Правила моей организации",
    )
    async def rules(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        return Response(await parts.operators.rules(entry.token), media_type=JSON)

    @made.post(
        f"{BASE}/organization-rules",
        response_model=OrganizationRules,
        summary="Установить или снять правила моей организации",
        openapi_extra=body_of(OrganizationRules),
    )
    async def set_rules(request: Request) -> Response:
        exchange, entry = signed_in(request)
        given = given_json(exchange, OrganizationRules)
        body = await parts.operators.set_rules(
            [(one.group, one.channel, one.mode) for one in given.items], entry.token
        )
        return Response(body, media_type=JSON)


def page_routes(parts: Parts) -> APIRouter:
    """`/announcements`: changes of rules with their days."""
    made = router(parts.gate, api=False)

    @made.get("/announcements")
    async def page(request: Request) -> Response:
        exchange, entry = signed_in(request)
        listed: dict[str, Any] = orjson.loads(await parts.operators.current(entry.token))
        view = AnnouncementListView(items=tuple(announcement_item(one) for one in listed["items"]))
        return parts.composer.page(exchange, view, unread=await unread_count(parts, entry))

    return made


def known(identity: str, reason: str = "ANNOUNCEMENT_NOT_FOUND") -> str:
    """An id in the form that ids have. Raises Refused for anything else."""
    if not is_uuid(identity):
        raise Refused(problem(reason))
    return identity
