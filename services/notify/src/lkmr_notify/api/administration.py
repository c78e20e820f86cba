"""Announcements, deliveries and rules of organisations between the contract and the use cases."""

import uuid
from datetime import date, datetime
from typing import Any

import orjson
from lkmr.notify.v1 import notify_administration_service_pb2 as pb

from lkmr_access import matrix
from lkmr_notify.domain.announcement import Action, Announcement, Kind
from lkmr_notify.domain.channel import Channel, Group
from lkmr_notify.domain.delivery import State
from lkmr_notify.domain.errors import (
    AnnouncementInvalid,
    AnnouncementNotFound,
    FilterInvalid,
    PreferenceInvalid,
)
from lkmr_notify.domain.preferences import Cell, Mode
from lkmr_servicekit.identity import Caller
from lkmr_servicekit.pagination import page_token_of
from lkmr_servicekit.resource_names import ids_in

MAX_ORGANIZATIONS = 1000


def announcement_of(
    request: pb.CreateAnnouncementRequest, caller: Caller, now: datetime
) -> Announcement:
    """An announcement as it was asked for. Raises AnnouncementInvalid."""
    try:
        kind = Kind(request.kind)
    except ValueError:
        raise AnnouncementInvalid(field="kind") from None
    if set(request.roles) - matrix.roles():
        raise AnnouncementInvalid(field="roles")
    if len(request.organizations) > MAX_ORGANIZATIONS:
        raise AnnouncementInvalid(field="organizations")
    return Announcement(
        id=uuid.uuid4(),
        kind=kind,
        title=request.title.strip(),
        text=request.text.strip(),
        link=request.link,
        source=request.source.strip(),
        document_version=request.document_version.strip(),
        effective_date=_day(request.effective_date, "effective_date"),
        expire_date=_day(request.expire_date, "expire_date"),
        roles=tuple(sorted(set(request.roles))),
        organizations=tuple(sorted(set(request.organizations))),
        urgent=request.urgent,
        publish_time=_moment(request.publish_time, now),
        created_by=uuid.UUID(caller.subject),
        create_time=now,
    )


def announcement_id(name: str) -> uuid.UUID:
    """The id in `announcements/{announcement}`. Raises AnnouncementNotFound."""
    try:
        return uuid.UUID(ids_in(name, "announcements")[0])
    except ValueError:
        raise AnnouncementNotFound from None


def action_of(text: str) -> Action:
    """A step of an operator. Raises AnnouncementInvalid."""
    try:
        return Action(text)
    except ValueError:
        raise AnnouncementInvalid(field="action") from None


def paged(body: bytes) -> bytes:
    """A page whose token is made from the position after its last row."""
    page: dict[str, Any] = orjson.loads(body)
    last = page.pop("last")
    return orjson.dumps({**page, "next_page_token": page_token_of(*last) if last else ""})


def id_in(text: str, *collections: str) -> uuid.UUID | None:
    """The last id of a name, or a bare id; None for an empty text. Raises FilterInvalid."""
    if not text:
        return None
    try:
        return uuid.UUID(ids_in(text, *collections)[-1] if "/" in text else text)
    except ValueError:
        raise FilterInvalid(field=collections[-1].removesuffix("s")) from None


def state_of(text: str) -> str:
    """A state of deliveries as it is stored. Raises FilterInvalid."""
    stored = "CREATED" if text == "QUEUED" else text
    if stored and stored not in {one.value for one in State}:
        raise FilterInvalid(field="state")
    return stored


def channel_of(text: str) -> str:
    """A channel. Raises FilterInvalid."""
    if text and text not in {one.value for one in Channel}:
        raise FilterInvalid(field="channel")
    return text


def cells_of(request: pb.UpdateOrganizationRulesRequest) -> list[tuple[Cell, Mode | None]]:
    """Rules to be set or lifted. Raises PreferenceInvalid."""
    try:
        return [
            ((Group(one.group), Channel(one.channel)), Mode(one.mode) if one.mode else None)
            for one in request.rules
        ]
    except ValueError:
        raise PreferenceInvalid(field="rules") from None


def _day(text: str, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise AnnouncementInvalid(field=field) from None


def _moment(text: str, now: datetime) -> datetime:
    if not text:
        return now
    try:
        made = datetime.fromisoformat(text)
    except ValueError:
        raise AnnouncementInvalid(field="publish_time") from None
    if made.tzinfo is None:
        raise AnnouncementInvalid(field="publish_time")
    return made
