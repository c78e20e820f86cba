"""Pages of operators: announcements, deliveries, events that failed."""

import uuid
from collections.abc import Awaitable, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway.access import NOTICES_WORK
from lkmr_gateway.body import typed_fields, wanted_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange, Refused
from lkmr_gateway.gate import is_uuid
from lkmr_gateway.pages.views.administration import Choice
from lkmr_gateway.pages.views.frame import Unavailable
from lkmr_gateway.pages.views.notices import (
    DeadView,
    NewNoticeView,
    NoticesView,
    NoticeView,
    SentView,
    announcement_kinds,
    channels,
    dead_item,
    delivery_states,
    notice_item,
    sent_item,
)
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import Problem, problem, problem_of
from lkmr_gateway.roles import all_roles
from lkmr_gateway.routes.accreditations import part, unread_count
from lkmr_gateway.routes.education_pages import form_fault, read
from lkmr_gateway.routes.notifications import known
from lkmr_gateway.routing import router, see_other, signed_in
from lkmr_servicekit.errors import Category, ServiceError

PAGE_SIZE = 25
EVERYWHERE = "SEC_ADMIN"
_TEXTS = (
    *("kind", "title", "text", "link", "source", "document_version"),
    *("effective_date", "expire_date"),
)
_ROLES = tuple(code for code, _ in all_roles())
_FIELDS = (
    *_TEXTS,
    *("urgent", "organizations", "publish_date", "publish_clock", "key"),
    *(f"role.{code}" for code in _ROLES),
)
_NOTICES = {
    "created": "Объявление принято, рассылка началась.",
    "PAUSE": "Рассылка приостановлена. То, что уже у почты, не вернуть.",
    "RESUME": "Рассылка продолжается.",
    "CANCEL": "Рассылка отменена. Те, кто уже получил сообщение, видят его в кабинете.",
    "replay": "Событие будет обработано ещё раз.",
}
Typed = Mapping[str, str]


class NoticePages:
    """Draws the pages of the section."""

    def __init__(self, parts: Parts) -> None:
        self._parts, self._operators = parts, parts.operators

    async def listed(self, exchange: Exchange, entry: Entry, page_token: str) -> Response:
        """Announcements, newest first."""
        found = await self._part(self._operators.announcements(PAGE_SIZE, page_token, entry.token))
        page = _page_of(found)
        view = NoticesView(
            items=tuple(notice_item(one) for one in page["items"]),
            may_work=_may_work(entry),
            next_href=_next("/admin/announcements", {}, page),
            first_href="/admin/announcements" if page_token else "",
            fault=found if isinstance(found, Unavailable) else None,
        )
        return await self._page(exchange, entry, view)

    async def new(
        self, exchange: Exchange, entry: Entry, typed: Typed, fault: Problem | None = None
    ) -> Response:
        """The form of a new announcement."""
        view = NewNoticeView(
            kinds=announcement_kinds(),
            roles=tuple(Choice(value=code, word=word) for code, word in all_roles()),
            key=typed.get("key") or str(uuid.uuid4()),
            organization="" if EVERYWHERE in entry.roles else entry.organization,
            typed=typed,
            fault=form_fault(fault),
        )
        return await self._page(exchange, entry, view, fault)

    async def one(
        self,
        exchange: Exchange,
        entry: Entry,
        announcement: str,
        *,
        notice: str = "",
        fault: Problem | None = None,
    ) -> Response:
        """The progress of an announcement."""
        body = await self._operators.announcement(known(announcement), entry.token)
        view = NoticeView(
            item=notice_item(orjson.loads(body)),
            may_work=_may_work(entry),
            notice=notice,
            fault=form_fault(fault),
        )
        return await self._page(exchange, entry, view, fault)

    async def deliveries(self, exchange: Exchange, entry: Entry, asked: Typed) -> Response:
        """Deliveries, newest first."""
        wanted = {"page_size": PAGE_SIZE, **asked}
        found = await self._part(self._operators.deliveries(wanted, entry.token))
        page = _page_of(found)
        filters = {name: value for name, value in asked.items() if name != "page_token" and value}
        view = SentView(
            items=tuple(sent_item(one) for one in page["items"]),
            states=delivery_states(),
            channels=channels(),
            state=asked["state"],
            channel=asked["channel"],
            person=asked["person"],
            next_href=_next("/admin/deliveries", filters, page),
            first_href=_address("/admin/deliveries", filters) if asked["page_token"] else "",
            fault=found if isinstance(found, Unavailable) else None,
        )
        return await self._page(exchange, entry, view)

    async def dead(self, exchange: Exchange, entry: Entry, notice: str) -> Response:
        """Events that could not be handled."""
        found = await self._part(self._operators.dead_events(entry.token))
        view = DeadView(
            items=tuple(dead_item(one) for one in _page_of(found)["items"]),
            may_work=_may_work(entry),
            notice=notice,
            fault=found if isinstance(found, Unavailable) else None,
        )
        return await self._page(exchange, entry, view)

    async def _part(self, body: Awaitable[bytes]) -> tuple[bytes, bytes] | Unavailable:
        async def tagged() -> tuple[bytes, bytes]:
            return await body, b""

        return await part(tagged())

    async def _page(
        self, exchange: Exchange, entry: Entry, view: object, fault: Problem | None = None
    ) -> Response:
        unread = await unread_count(self._parts, entry)
        status = fault.status if fault else 200
        return self._parts.composer.page(exchange, view, unread=unread, status=status)


def page_routes(parts: Parts) -> APIRouter:
    """`/admin/announcements…`, `/admin/deliveries`, `/admin/dead-events…`."""
    made, pages = router(parts.gate, api=False), NoticePages(parts)
    _announcement_pages(made, pages)
    _announcement_forms(made, parts, pages)
    _operator_pages(made, parts, pages)
    return made


def _announcement_pages(made: APIRouter, pages: NoticePages) -> None:
    @made.get("/admin/announcements")
    async def listed(request: Request, page_token: str = "") -> Response:
        return await pages.listed(*signed_in(request), page_token)

    @made.get("/admin/announcements/new")
    async def new(request: Request) -> Response:
        return await pages.new(*signed_in(request), {})

    @made.get("/admin/announcements/{announcement}")
    async def one(request: Request, announcement: str, done: str = "") -> Response:
        notice = _NOTICES.get(done, "")
        return await pages.one(*signed_in(request), announcement, notice=notice)


def _announcement_forms(made: APIRouter, parts: Parts, pages: NoticePages) -> None:
    @made.post("/admin/announcements")
    async def create(request: Request) -> Response:
        exchange, entry = signed_in(request)
        typed = typed_fields(exchange, *_FIELDS)
        if not is_uuid(typed["key"]):
            raise Refused(problem("REQUEST_ID_INVALID"))
        try:
            body = await parts.operators.create(_asked(typed), typed["key"], entry.token)
        except ServiceError as fault:
            if fault.category is not Category.INVALID_ARGUMENT:
                raise
            return await pages.new(exchange, entry, typed, problem_of(fault))
        return see_other(f"/admin/announcements/{orjson.loads(body)['id']}?done=created")

    @made.post("/admin/announcements/{announcement}/steer")
    async def steer(request: Request, announcement: str) -> Response:
        exchange, entry = signed_in(request)
        action = wanted_fields(exchange, "action")["action"]
        try:
            await parts.operators.steer(known(announcement), action, entry.token)
        except ServiceError as fault:
            if fault.category is not Category.FAILED_PRECONDITION:
                raise
            return await pages.one(exchange, entry, announcement, fault=problem_of(fault))
        return see_other(f"/admin/announcements/{announcement}?done={action}")


def _operator_pages(made: APIRouter, parts: Parts, pages: NoticePages) -> None:
    @made.get("/admin/deliveries")
    async def deliveries(
        request: Request,
        state: str = "",
        channel: str = "",
        person: str = "",
        page_token: str = "",
    ) -> Response:
        asked = {"state": state, "channel": channel, "person": person, "page_token": page_token}
        return await pages.deliveries(*signed_in(request), asked)

    @made.get("/admin/dead-events")
    async def dead(request: Request, done: str = "") -> Response:
        return await pages.dead(*signed_in(request), _NOTICES.get(done, ""))

    @made.post("/admin/dead-events/{event}/replay")
    async def replay(request: Request, event: str) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        await parts.operators.replay(known(event, "DEAD_EVENT_NOT_FOUND"), entry.token)
        return see_other("/admin/dead-events?done=replay")


def _asked(typed: Typed) -> dict[str, Any]:
    """A form as the service takes it: days and clock of Moscow, organisations by comma."""
    day, clock = typed["publish_date"], typed["publish_clock"] or "00:00"
    organizations = (one.strip() for one in typed["organizations"].split(","))
    return {
        **{name: typed[name].replace("\r\n", "\n") for name in _TEXTS},
        "urgent": bool(typed["urgent"]),
        "roles": [code for code in _ROLES if typed[f"role.{code}"]],
        "organizations": [one for one in organizations if one],
        "publish_time": f"{day}T{clock}:00+03:00" if day else "",
    }


def _may_work(entry: Entry) -> bool:
    return bool(NOTICES_WORK.scope_for(entry.roles))


def _page_of(found: object) -> dict[str, Any]:
    page: dict[str, Any] = read(found) or {"items": [], "next_page_token": ""}
    return page


def _next(path: str, asked: Typed, page: Mapping[str, Any]) -> str:
    token = page["next_page_token"]
    return _address(path, {**asked, "page_token": token}) if token else ""


def _address(path: str, asked: Typed) -> str:
    return f"{path}?{urlencode(asked)}" if asked else path
