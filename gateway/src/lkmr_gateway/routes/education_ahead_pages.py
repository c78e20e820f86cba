"""What is ahead in «Обучение (НМО)» as pages: plan, catalogue, calendar, staff."""

import asyncio
from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from lkmr_gateway.access import (
    EDUCATION_AGREE,
    EDUCATION_NEW,
    EDUCATION_REPORTS,
    EDUCATION_STEP,
    EDUCATION_VOUCH,
)
from lkmr_gateway.body import typed_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange
from lkmr_gateway.gate import request_id_of
from lkmr_gateway.pages.education_words import KINDS
from lkmr_gateway.pages.views.education import FormFault
from lkmr_gateway.pages.views.education_ahead import CatalogView, PlanView, StaffView
from lkmr_gateway.pages.views.frame import Unavailable
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import Problem
from lkmr_gateway.protection import FILE_POLICY
from lkmr_gateway.routes.accreditations import part, unread_count, worker_of
from lkmr_gateway.routes.education import EducationActs
from lkmr_gateway.routes.education_ahead import CALENDAR, CHANGE, ITEM, said_yes, secret_in
from lkmr_gateway.routes.education_lists import PAGE_SIZE, Lists
from lkmr_gateway.routes.education_pages import encoded, form_fault, read, shown
from lkmr_gateway.routing import router, see_other, signed_in, with_headers
from lkmr_servicekit.errors import ServiceError

_NOTICES = {
    "added": "Пункт добавлен в план.",
    "changed": "План изменён.",
    "word": "Решение принято.",
}


class AheadPages:
    """Draws plan, catalogue and staff."""

    def __init__(self, parts: Parts) -> None:
        self._parts, self._lists = parts, Lists(parts)

    async def plan(
        self,
        exchange: Exchange,
        entry: Entry,
        *,
        notice: str = "",
        calendar_url: str = "",
        typed: Mapping[str, str] | None = None,
        fault: Problem | None = None,
    ) -> Response:
        """The development plan."""
        found, unread = await asyncio.gather(
            part(encoded(self._parts.education.plan(worker_of(entry), entry.token))),
            unread_count(self._parts, entry),
        )
        view = PlanView(
            plan=read(found),
            may_change=bool(EDUCATION_STEP.scope_for(entry.roles)),
            notice=notice,
            calendar_url=calendar_url,
            typed=typed or {},
            fault=form_fault(fault),
            away=found if isinstance(found, Unavailable) else None,
        )
        return self._lists.drawn(exchange, view, unread, fault)

    async def catalog(
        self, exchange: Exchange, entry: Entry, query: str, kind: str, page_token: str
    ) -> Response:
        """Search; without words, what is suggested."""
        education = self._parts.education
        kind = kind if kind in KINDS else ""
        found, offers = await asyncio.gather(
            self._lists.listed(
                entry,
                education.search(
                    query, entry.token, kind=kind, page_size=PAGE_SIZE, page_token=page_token
                ),
                "/education/catalog",
                page_token,
                query=query,
                kind=kind,
            ),
            part(encoded(education.suggestions(worker_of(entry), entry.token))),
        )
        view = CatalogView(
            query=query,
            kind=kind,
            kinds=KINDS,
            found=found.items,
            suggestions=read(offers),
            may_add=bool(EDUCATION_NEW.scope_for(entry.roles)),
            next_href=found.next_href,
            first_href=found.first_href,
            away=found.away,
        )
        return self._lists.drawn(exchange, view, found.unread)

    async def staff(
        self,
        exchange: Exchange,
        entry: Entry,
        *,
        page_token: str = "",
        notice: str = "",
        fault: Problem | None = None,
    ) -> Response:
        """The staff of a head or coordinator."""
        found = await self._lists.listed(
            entry,
            self._parts.education.staff(entry.token, page_size=PAGE_SIZE, page_token=page_token),
            "/education/staff",
            page_token,
        )
        view = StaffView(
            lines=found.items,
            may_agree=bool(EDUCATION_AGREE.scope_for(entry.roles)),
            may_vouch=bool(EDUCATION_VOUCH.scope_for(entry.roles)),
            may_report=bool(EDUCATION_REPORTS.scope_for(entry.roles)),
            notice=notice,
            next_href=found.next_href,
            first_href=found.first_href,
            fault=_without_fields(fault),
            away=found.away,
        )
        return self._lists.drawn(exchange, view, found.unread, fault)


def routes(parts: Parts, acts: EducationActs) -> APIRouter:
    """`/education/plan…`, `/education/catalog`, `/education/staff…`, `/calendar/<secret>.ics`."""
    made, pages = router(parts.gate, api=False), AheadPages(parts)
    _plan_routes(made, parts, acts, pages)
    _calendar_routes(made, parts, pages)
    _staff_routes(made, parts, acts, pages)
    return made


def _plan_routes(made: APIRouter, parts: Parts, acts: EducationActs, pages: AheadPages) -> None:
    @made.get("/education/plan")
    async def plan(request: Request, done: str = "") -> Response:
        exchange, entry = signed_in(request)
        return await pages.plan(exchange, entry, notice=_NOTICES.get(done, ""))

    @made.post("/education/plan")
    async def add(request: Request) -> Response:
        exchange, entry = signed_in(request)
        typed = typed_fields(exchange, *ITEM)
        try:
            await parts.education.add_item(
                worker_of(entry), typed, request_id_of(exchange), entry.token
            )
        except ServiceError as fault:
            return await pages.plan(exchange, entry, typed=typed, fault=shown(fault))
        return see_other("/education/plan?done=added")

    @made.post("/education/plan/direction")
    async def choose(request: Request) -> Response:
        exchange, entry = signed_in(request)
        chosen = typed_fields(exchange, "direction")["direction"]
        await parts.education.choose_direction(
            worker_of(entry), chosen, request_id_of(exchange), entry.token
        )
        return see_other("/education/plan?done=changed")

    @made.post("/education/plan/{item}/change")
    async def change(request: Request, item: str) -> Response:
        exchange, entry = signed_in(request)
        await acts.check(exchange, item)
        typed = typed_fields(exchange, *CHANGE)
        try:
            await parts.education.change_item(
                worker_of(entry), item, typed, request_id_of(exchange), entry.token
            )
        except ServiceError as fault:
            return await pages.plan(exchange, entry, fault=shown(fault))
        return see_other("/education/plan?done=changed")


def _calendar_routes(made: APIRouter, parts: Parts, pages: AheadPages) -> None:
    @made.get("/education/catalog")
    async def catalog(
        request: Request, query: str = "", kind: str = "", page_token: str = ""
    ) -> Response:
        exchange, entry = signed_in(request)
        return await pages.catalog(exchange, entry, query[:200], kind, page_token[:512])

    @made.post("/education/calendar/renew")
    async def renew(request: Request) -> Response:
        exchange, entry = signed_in(request)
        typed_fields(exchange)
        secret = await parts.education.renew_calendar(worker_of(entry), entry.token)
        url = f"{exchange.origin}/calendar/{secret}.ics"
        return await pages.plan(exchange, entry, calendar_url=url)

    @made.get(CALENDAR)
    async def calendar(request: Request, secret: str) -> Response:
        content, etag = await parts.education.calendar(secret_in(secret))
        tag = f'"{etag}"'
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={"etag": tag})
        answer = Response(
            content,
            media_type="text/calendar; charset=utf-8",
            headers={"etag": tag, "content-disposition": 'attachment; filename="education.ics"'},
        )
        return with_headers(answer, FILE_POLICY)


def _staff_routes(made: APIRouter, parts: Parts, acts: EducationActs, pages: AheadPages) -> None:
    @made.get("/education/staff")
    async def staff(request: Request, page_token: str = "", done: str = "") -> Response:
        exchange, entry = signed_in(request)
        notice = _NOTICES.get(done, "")
        return await pages.staff(exchange, entry, page_token=page_token[:512], notice=notice)

    @made.post("/education/staff/{worker}/plan/{item}/agree")
    async def agree(request: Request, worker: str, item: str) -> Response:
        exchange, entry = signed_in(request)
        await acts.check(exchange, worker, item)
        fields = typed_fields(exchange, "agreed", "comment")
        try:
            await parts.education.agree_item(
                worker,
                item,
                request_id_of(exchange),
                entry.token,
                agreed=said_yes(fields["agreed"]),
                comment=fields["comment"],
            )
        except ServiceError as fault:
            return await pages.staff(exchange, entry, fault=shown(fault))
        return see_other("/education/staff?done=word")

    @made.post("/education/staff/{worker}/activities/{activity}/agree")
    async def agree_activity(request: Request, worker: str, activity: str) -> Response:
        exchange, entry = signed_in(request)
        await acts.check(exchange, worker, activity)
        fields = typed_fields(exchange, "agreed", "comment")
        to = "PROVIDER_REVIEW" if said_yes(fields["agreed"]) else "REJECTED"
        step = {"to": to, "reason": fields["comment"]}
        try:
            await parts.education.advance(
                worker, activity, step, request_id_of(exchange), entry.token
            )
        except ServiceError as fault:
            return await pages.staff(exchange, entry, fault=shown(fault))
        return see_other("/education/staff?done=word")


def _without_fields(fault: Problem | None) -> FormFault | None:
    """A refused decision: there is a field for each row, so the faults are told in words."""
    made = form_fault(fault)
    if made is None:
        return None
    return FormFault(title=" ".join([made.title, *made.fields.values()]), code=made.code)
