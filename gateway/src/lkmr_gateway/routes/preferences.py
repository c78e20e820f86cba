"""What a person wants to be told, where and when: as JSON, as a page, and by a link in a letter."""

import asyncio
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lkmr_gateway.backends.notify import PreferenceChange
from lkmr_gateway.body import fields_of, read_json, wanted_fields
from lkmr_gateway.exchange import Exchange, Refused, exchange_of
from lkmr_gateway.gate import request_id_of
from lkmr_gateway.openapi import body_of
from lkmr_gateway.pages.views.preferences import (
    CHANNELS,
    Cell,
    GroupRow,
    PreferencesView,
    UnsubscribeView,
    group_words,
)
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.routes.accreditations import unread_count
from lkmr_gateway.routing import JSON, json_answer, router, see_other, signed_in
from lkmr_gateway.schemas import NoQuery, read_query
from lkmr_servicekit.errors import FieldFault, ServiceError

PAGE = "/notification-preferences"
API = "/api/v1/notification-preferences"
B = TypeVar("B", bound=BaseModel)
_HOUR = r"^([01]\d|2[0-3]):[0-5]\d$"


class ChannelPreference(BaseModel):
    """Whether messages of a group go out over a channel; `decided_by` who fixed it."""

    channel: str
    enabled: bool
    decided_by: str = ""


class GroupPreference(BaseModel):
    """A row of the matrix."""

    group: str
    channels: list[ChannelPreference]


class PushPreference(BaseModel):
    """The key with which a browser subscribes, and whether one has."""

    public_key: str = ""
    subscribed: bool = False


class Preferences(BaseModel):
    """Preferences as they hold; a change may name any part of them and leaves the rest."""

    model_config = ConfigDict(extra="forbid")

    zone: str = ""
    zones: list[str] = Field(default_factory=list)
    quiet_from: Annotated[str, Field(pattern=_HOUR)] | None = None
    quiet_until: Annotated[str, Field(pattern=_HOUR)] | None = None
    digest: str = ""
    items: list[GroupPreference] = Field(default_factory=list, max_length=20)
    push: PushPreference = Field(default_factory=PushPreference)


class BrowserKeys(BaseModel):
    """Keys of a subscription as the Push API gives them."""

    p256dh: str
    auth: str


class BrowserSubscription(BaseModel):
    """`PushSubscription.toJSON()` of a browser."""

    endpoint: str
    keys: BrowserKeys
    expirationTime: float | None = None  # noqa: N815 - the name of the Push API


def api_routes(parts: Parts) -> APIRouter:
    """`/api/v1/notification-preferences`, `/api/v1/push-subscriptions`."""
    made = router(parts.gate, api=True)

    @made.get(API, response_model=Preferences, summary="Настройка уведомлений")
    async def read(request: Request, _: Annotated[NoQuery, Query()]) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        body, etag = await parts.inbox.preferences(entry.token)
        return json_answer(exchange, body, etag)

    async def change(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        given = given_json(exchange, Preferences)
        made_change = PreferenceChange(
            zone=given.zone,
            quiet_from=given.quiet_from or "",
            quiet_until=given.quiet_until or "",
            digest=given.digest,
            choices={
                (row.group, cell.channel): cell.enabled for row in given.items
                for cell in row.channels
            },
        )  # fmt: skip
        body = await parts.inbox.change_preferences(
            made_change, request_id_of(exchange), entry.token
        )
        return Response(body, media_type=JSON)

    for method in ("POST", "PUT", "PATCH"):
        made.add_api_route(
            API,
            change,
            methods=[method],
            response_model=Preferences,
            summary="Изменить настройку уведомлений",
            openapi_extra=body_of(Preferences),
            operation_id=f"change_notification_preferences_{method.lower()}",
        )

    @made.post(
        "/api/v1/push-subscriptions",
        status_code=204,
        summary="Включить уведомления в этом браузере",
        openapi_extra=body_of(BrowserSubscription),
    )
    async def subscribe(request: Request) -> Response:
        exchange, entry = signed_in(request)
        given = given_json(exchange, BrowserSubscription)
        await parts.inbox.subscribe_browser(
            given.endpoint, given.keys.p256dh, given.keys.auth, entry.token
        )
        return Response(status_code=204)

    @made.delete(
        "/api/v1/push-subscriptions",
        status_code=204,
        summary="Выключить уведомления во всех браузерах",
    )
    async def forget(request: Request) -> Response:
        _exchange, entry = signed_in(request)
        await parts.inbox.forget_browser("", entry.token)
        return Response(status_code=204)

    return made


def page_routes(parts: Parts) -> APIRouter:
    """The page of the preferences, and the link in a letter."""
    made = router(parts.gate, api=False)

    @made.get(PAGE)
    async def page(request: Request, saved: str = "") -> Response:
        exchange, entry = signed_in(request)
        (body, _), unread = await asyncio.gather(
            parts.inbox.preferences(entry.token), unread_count(parts, entry)
        )
        view = _view(orjson.loads(body), saved=saved == "yes")
        return parts.composer.page(exchange, view, unread=unread)

    @made.post(PAGE)
    async def save(request: Request) -> Response:
        exchange, entry = signed_in(request)
        present = orjson.loads((await parts.inbox.preferences(entry.token))[0])
        change = _form_change(exchange, present)
        try:
            await parts.inbox.change_preferences(change, request_id_of(exchange), entry.token)
        except ServiceError as fault:
            if "field" not in fault.metadata:
                raise
            view = _view(_typed(present, change), wrong=fault.metadata["field"])
            return parts.composer.page(exchange, view, status=422)
        return see_other(f"{PAGE}?saved=yes")

    @made.post(f"{PAGE}/browsers/forget")
    async def forget(request: Request) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        await parts.inbox.forget_browser("", entry.token)
        return see_other(f"{PAGE}?saved=yes")

    @made.get("/unsubscribe/{link}")
    async def ask(request: Request, link: str) -> Response:
        exchange = exchange_of(request.scope)
        group = orjson.loads(await parts.inbox.read_unsubscribe(link[:128]))["group"]
        view = UnsubscribeView(group=group_words(group)[0], link=link, done=False)
        return parts.composer.page(exchange, view)

    @made.post("/unsubscribe/{link}")
    async def stop(request: Request, link: str) -> Response:
        exchange = exchange_of(request.scope)
        group = orjson.loads(await parts.inbox.unsubscribe(link[:128]))["group"]
        view = UnsubscribeView(group=group_words(group)[0], link=link, done=True)
        return parts.composer.page(exchange, view)

    return made


def given_json(exchange: Exchange, kind: type[B]) -> B:
    """The JSON body as a model. Raises Refused with each field that does not fit."""
    if exchange.header(b"content-type").partition(";")[0].strip().lower() != JSON:
        raise Refused(problem("CONTENT_TYPE_UNSUPPORTED"))
    try:
        return kind.model_validate(read_json(exchange.body), strict=True)
    except ValidationError as fault:
        errors = [
            FieldFault(".".join(str(part) for part in one["loc"]) or "body", one["type"].upper())
            for one in fault.errors()
        ]
        raise Refused(problem("FIELDS_INVALID", errors=errors)) from None


def _form_change(exchange: Exchange, present: dict[str, Any]) -> PreferenceChange:
    """The whole form: a box that is not checked is not sent."""
    given = fields_of(exchange)
    return PreferenceChange(
        zone=given.get("zone", ""),
        quiet_from=given.get("quiet_from", ""),
        quiet_until=given.get("quiet_until", ""),
        digest=given.get("digest", ""),
        choices={
            (row["group"], cell["channel"]): f"{row['group']}.{cell['channel']}" in given
            for row in present["items"]
            for cell in row["channels"]
            if not cell["decided_by"]
        },
    )


def _typed(present: dict[str, Any], change: PreferenceChange) -> dict[str, Any]:
    """The document with what the person typed, so that nothing is lost."""
    rows = [
        {
            **row,
            "channels": [
                {
                    **cell,
                    "enabled": change.choices.get((row["group"], cell["channel"]), cell["enabled"]),
                }
                for cell in row["channels"]
            ],
        }
        for row in present["items"]
    ]
    typed = {
        "zone": change.zone,
        "quiet_from": change.quiet_from,
        "quiet_until": change.quiet_until,
        "digest": change.digest or present["digest"],
        "items": rows,
    }
    return {**present, **typed}


def _view(value: dict[str, Any], *, saved: bool = False, wrong: str = "") -> PreferencesView:
    rows = tuple(
        GroupRow(
            group=row["group"],
            name=group_words(row["group"])[0],
            hint=group_words(row["group"])[1],
            cells=tuple(
                Cell(
                    channel=cell["channel"],
                    name=CHANNELS.get(cell["channel"], cell["channel"]),
                    enabled=cell["enabled"],
                    locked=bool(cell["decided_by"]),
                )
                for cell in row["channels"]
            ),
        )
        for row in value["items"]
    )
    return PreferencesView(
        rows=rows,
        zone=value["zone"],
        zones=tuple(value["zones"]),
        quiet_from=value["quiet_from"],
        quiet_until=value["quiet_until"],
        digest=value["digest"],
        push_key=value["push"]["public_key"],
        subscribed=value["push"]["subscribed"],
        saved=saved,
        wrong=wrong,
    )
