"""«Заявления» as pages; a form that was refused comes back with what was typed."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway.access import RULES
from lkmr_gateway.body import fields_of, typed_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange, Refused
from lkmr_gateway.pages.views.applications import (
    ApplicationListView,
    ApplicationView,
    CheckView,
    SectionView,
    SentView,
    StaffApplicationsView,
    StaffApplicationView,
)
from lkmr_gateway.pages.views.frame import Unavailable
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import Problem, problem
from lkmr_gateway.routes.accreditations import (
    ALL,
    AccreditationReads,
    part,
    unread_count,
    worker_of,
)
from lkmr_gateway.routes.applications import (
    DECISIONS,
    STAFF_ACTS,
    WORKER_ACTS,
    ApplicationActs,
    answers_in,
)
from lkmr_gateway.routes.education_pages import encoded, form_fault, read, shown
from lkmr_gateway.routing import router, see_other, signed_in
from lkmr_servicekit.errors import ServiceError

PAGE_SIZE = 25
_NOTICES = {
    "section": "Раздел сохранён.",
    "asked": "Отчёт отправлен руководителю.",
    "granted": "Согласие дано: отдел кадров может взять выписку.",
    "denied": "Отказ отправлен в отдел кадров.",
    "revised": "Черновик открыт: исправьте замечания и отправьте снова.",
    "withdrawn": "Заявление отозвано.",
    "appealed": "Апелляция подана.",
    "decided": "Решение сохранено.",
}
_DONE = {
    "ASK_AGREEMENT": "asked",
    "REVISE": "revised",
    "WITHDRAW": "withdrawn",
    "APPEAL": "appealed",
    "GRANT": "granted",
    "DENY": "denied",
}
_ACTS = {**WORKER_ACTS, "delete": "DELETE"}


class ApplicationPages:
    """Draws the pages of the section."""

    def __init__(self, parts: Parts, acts: ApplicationActs, reads: AccreditationReads) -> None:
        self._parts, self._acts, self._reads = parts, acts, reads

    async def overview(
        self,
        exchange: Exchange,
        entry: Entry,
        *,
        page_token: str = "",
        typed: Mapping[str, str] | None = None,
        fault: Problem | None = None,
    ) -> Response:
        """The list and what may be begun."""
        own = self._parts.applications.page(
            worker_of(entry), entry.token, page_size=PAGE_SIZE, page_token=page_token
        )
        found, forms, records, unread = await asyncio.gather(
            part(encoded(own)),
            part(encoded(self._parts.applications.forms())),
            part(self._reads.page(entry, f"page_size={ALL}".encode())),
            unread_count(self._parts, entry),
        )
        page = read(found) or {"items": [], "next_page_token": ""}
        known = (read(records) or {"items": []})["items"]
        token = page["next_page_token"]
        view = ApplicationListView(
            items=page["items"],
            forms=[
                one
                for one in (read(forms) or {"items": []})["items"]
                if one["begun_by_itself"] and "WORKER" in one["who"]
            ]
            if RULES["POST", "/applications"].scope_for(entry.roles)
            else [],
            specialties=sorted({one["specialty"] for one in known}),
            next_href=f"/applications?{urlencode({'page_token': token})}" if token else "",
            first_href="/applications" if page_token else "",
            typed=typed or {},
            fault=form_fault(fault),
            away=found if isinstance(found, Unavailable) else None,
        )
        return self._drawn(exchange, view, unread, fault)

    async def one(
        self,
        exchange: Exchange,
        entry: Entry,
        application: str,
        *,
        notice: str = "",
        typed: Mapping[str, str] | None = None,
        fault: Problem | None = None,
    ) -> Response:
        """One application."""
        item, unread = await self._item(exchange, entry, application)
        view = ApplicationView(item=item, notice=notice, typed=typed or {}, fault=form_fault(fault))
        return self._drawn(exchange, view, unread, fault)

    async def section(
        self,
        exchange: Exchange,
        entry: Entry,
        application: str,
        section: str,
        *,
        typed: Mapping[str, str] | None = None,
        fault: Problem | None = None,
    ) -> Response:
        """The questions of one section; only of a draft."""
        item, unread = await self._item(exchange, entry, application)
        chosen = next((one for one in item["sections"] if one["id"] == section), None)
        if chosen is None:
            raise Refused(problem("PAGE_NOT_FOUND"))
        if item["state"] != "DRAFT":
            return see_other(f"/applications/{application}")
        view = SectionView(item=item, section=chosen, typed=typed or {}, fault=form_fault(fault))
        return self._drawn(exchange, view, unread, fault)

    async def check(
        self, exchange: Exchange, entry: Entry, application: str, *, fault: Problem | None = None
    ) -> Response:
        """Everything that will be sent."""
        item, unread = await self._item(exchange, entry, application)
        if item["state"] != "DRAFT":
            return see_other(f"/applications/{application}")
        return self._drawn(exchange, CheckView(item=item, fault=form_fault(fault)), unread, fault)

    async def sent(self, exchange: Exchange, entry: Entry, application: str) -> Response:
        """The confirmation."""
        item, unread = await self._item(exchange, entry, application)
        if item["state"] == "DRAFT":
            return see_other(f"/applications/{application}")
        return self._drawn(exchange, SentView(item=item), unread, None)

    async def staff_overview(self, exchange: Exchange, entry: Entry, page_token: str) -> Response:
        """What waits for a decision."""
        waiting = self._parts.applications.staff_page(
            entry.token, page_size=PAGE_SIZE, page_token=page_token
        )
        found, unread = await asyncio.gather(
            part(encoded(waiting)), unread_count(self._parts, entry)
        )
        page = read(found) or {"items": [], "next_page_token": ""}
        token = page["next_page_token"]
        view = StaffApplicationsView(
            items=page["items"],
            next_href=f"/staff/applications?{urlencode({'page_token': token})}" if token else "",
            first_href="/staff/applications" if page_token else "",
            away=found if isinstance(found, Unavailable) else None,
        )
        return self._drawn(exchange, view, unread, None)

    async def staff_one(
        self,
        exchange: Exchange,
        entry: Entry,
        application: str,
        *,
        notice: str = "",
        typed: Mapping[str, str] | None = None,
        fault: Problem | None = None,
    ) -> Response:
        """What has to be decided."""
        (body, _), unread = await asyncio.gather(
            self._acts.staff_read(exchange, entry, application), unread_count(self._parts, entry)
        )
        view = StaffApplicationView(
            item=orjson.loads(body), notice=notice, typed=typed or {}, fault=form_fault(fault)
        )
        return self._drawn(exchange, view, unread, fault)

    async def _item(self, exchange: Exchange, entry: Entry, application: str) -> tuple[Any, int]:
        (body, _), unread = await asyncio.gather(
            self._acts.read(exchange, entry, application), unread_count(self._parts, entry)
        )
        return orjson.loads(body), unread

    def _drawn(
        self, exchange: Exchange, view: object, unread: int, fault: Problem | None
    ) -> Response:
        status = fault.status if fault else 200
        return self._parts.composer.page(exchange, view, unread=unread, status=status)


def routes(parts: Parts, acts: ApplicationActs, reads: AccreditationReads) -> APIRouter:
    """`/applications…` and `/staff/applications…`."""
    made, pages = router(parts.gate, api=False), ApplicationPages(parts, acts, reads)

    @made.get("/applications")
    async def overview(request: Request, page_token: str = "", form: str = "") -> Response:
        return await pages.overview(
            *signed_in(request), page_token=page_token[:512], typed={"form": form[:8]}
        )

    @made.post("/applications")
    async def create(request: Request) -> Response:
        exchange, entry = signed_in(request)
        typed = typed_fields(exchange, "form", "specialty")
        try:
            body, _ = await acts.create(exchange, entry, typed["form"], typed["specialty"], {})
        except ServiceError as fault:
            standing = fault.metadata.get("application", "")
            if fault.reason == "APPLICATION_OPEN" and standing:
                return see_other(f"/applications/{standing}?done=open")
            return await pages.overview(exchange, entry, typed=typed, fault=shown(fault))
        return see_other(f"/applications/{orjson.loads(body)['id']}")

    @made.get("/applications/{application}")
    async def one(request: Request, application: str, done: str = "") -> Response:
        notice = "По этой специальности заявление уже открыто." if done == "open" else ""
        return await pages.one(
            *signed_in(request), application, notice=notice or _NOTICES.get(done, "")
        )

    @made.get("/applications/{application}/check")
    async def check(request: Request, application: str) -> Response:
        return await pages.check(*signed_in(request), application)

    @made.get("/applications/{application}/sent")
    async def sent(request: Request, application: str) -> Response:
        return await pages.sent(*signed_in(request), application)

    _add_sections(made, pages, acts)
    _add_acts(made, pages, acts)
    _add_staff(made, pages, acts)
    return made


def _add_sections(made: APIRouter, pages: ApplicationPages, acts: ApplicationActs) -> None:
    @made.get("/applications/{application}/sections/{section}")
    async def section(request: Request, application: str, section: str) -> Response:
        return await pages.section(*signed_in(request), application, section)

    @made.post("/applications/{application}/sections/{section}")
    async def save(request: Request, application: str, section: str) -> Response:
        exchange, entry = signed_in(request)
        given = {k: v for k, v in fields_of(exchange).items() if k != "csrf_token"}
        item = orjson.loads((await acts.read(exchange, entry, application))[0])
        chosen = next((one for one in item["sections"] if one["id"] == section), None)
        if chosen is None:
            raise Refused(problem("PAGE_NOT_FOUND"))
        names = [one["name"] for one in chosen["fields"]]
        typed = {name: given.get(name, "") for name in names}
        try:
            await acts.update(exchange, entry, application, answers_in(typed), 0)
        except ServiceError as fault:
            refusal = shown(fault)
            return await pages.section(
                exchange, entry, application, section, typed=typed, fault=refusal
            )
        return see_other(f"/applications/{application}?done=section")


def _add_acts(made: APIRouter, pages: ApplicationPages, acts: ApplicationActs) -> None:
    @made.post("/applications/{application}/{act}")
    async def advance(request: Request, application: str, act: str) -> Response:
        exchange, entry = signed_in(request)
        if act not in _ACTS:
            raise Refused(problem("PAGE_NOT_FOUND"))
        typed, name = typed_fields(exchange, "reason"), _ACTS[act]
        try:
            await acts.advance(exchange, entry, application, name, typed["reason"])
        except ServiceError as fault:
            refusal = shown(fault)
            if name == "SUBMIT":
                return await pages.check(exchange, entry, application, fault=refusal)
            return await pages.one(exchange, entry, application, typed=typed, fault=refusal)
        if name == "DELETE":
            return see_other("/applications")
        if name == "SUBMIT":
            return see_other(f"/applications/{application}/sent")
        return see_other(f"/applications/{application}?done={_DONE[name]}")


def _add_staff(made: APIRouter, pages: ApplicationPages, acts: ApplicationActs) -> None:
    @made.get("/staff/applications")
    async def overview(request: Request, page_token: str = "") -> Response:
        return await pages.staff_overview(*signed_in(request), page_token[:512])

    @made.get("/staff/applications/{application}")
    async def one(request: Request, application: str, done: str = "") -> Response:
        notice = _NOTICES.get(done, "")
        return await pages.staff_one(*signed_in(request), application, notice=notice)

    @made.post("/staff/applications/{application}/agreement")
    async def agree(request: Request, application: str) -> Response:
        exchange, entry = signed_in(request)
        typed = typed_fields(exchange, "decision", "reason")
        act = DECISIONS.get(typed["decision"], typed["decision"])
        return await _decided(pages, acts, exchange, entry, application, act, typed)

    @made.post("/staff/applications/{application}/{act}")
    async def decide(request: Request, application: str, act: str) -> Response:
        exchange, entry = signed_in(request)
        if act not in STAFF_ACTS:
            raise Refused(problem("PAGE_NOT_FOUND"))
        typed = typed_fields(exchange, "reason")
        return await _decided(pages, acts, exchange, entry, application, STAFF_ACTS[act], typed)


async def _decided(  # noqa: PLR0917 - parts of one request
    pages: ApplicationPages,
    acts: ApplicationActs,
    exchange: Exchange,
    entry: Entry,
    application: str,
    act: str,
    typed: dict[str, str],
) -> Response:
    try:
        await acts.decide(exchange, entry, application, act, typed["reason"])
    except ServiceError as fault:
        refusal = shown(fault)
        return await pages.staff_one(exchange, entry, application, typed=typed, fault=refusal)
    return see_other(f"/staff/applications/{application}?done=decided")
