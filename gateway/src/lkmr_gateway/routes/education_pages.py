"""«Обучение (НМО)» as pages; a form that was refused comes back with what was typed."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway.access import EDUCATION_NEW, EDUCATION_STAFF, EDUCATION_STEP
from lkmr_gateway.body import typed_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange
from lkmr_gateway.pages.education_words import FORMS, KINDS
from lkmr_gateway.pages.views.education import (
    ActivityView,
    EducationView,
    FormFault,
    NewActivityView,
)
from lkmr_gateway.pages.views.frame import Unavailable
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import Problem, problem_of
from lkmr_gateway.routes.accreditations import part, unread_count, worker_of
from lkmr_gateway.routes.education import DOCUMENT, FIELDS, STEP, EducationActs
from lkmr_gateway.routing import router, see_other, signed_in
from lkmr_servicekit.errors import Category, ServiceError

PAGE_SIZE = 25
_SHOWN_AGAIN = frozenset(
    {
        Category.INVALID_ARGUMENT,
        Category.FAILED_PRECONDITION,
        Category.ALREADY_EXISTS,
        Category.CONFLICT,
    }
)
_NOTICES = {
    "created": "Обучение записано.",
    "step": "Готово.",
    "document": "Документ внесён.",
    "file": "Файл приложен.",
    "check": "ФИС ФРДО спросят в течение минуты. Обновите страницу, чтобы увидеть ответ.",
}
Typed = Mapping[str, str]


class EducationPages:
    """Draws the pages of the section."""

    def __init__(self, parts: Parts, acts: EducationActs) -> None:
        self._parts, self._acts = parts, acts

    async def overview(
        self,
        exchange: Exchange,
        entry: Entry,
        page_token: str,
        *,
        notice: str = "",
        code: str = "",
        fault: Problem | None = None,
    ) -> Response:
        """Progress and the list of activities; a code that was refused comes back."""
        summary, found, unread = await asyncio.gather(
            part(encoded(self._acts.summary(entry))),
            part(encoded(self._activities(entry, page_token))),
            unread_count(self._parts, entry),
        )
        page = read(found) or {"items": [], "next_page_token": ""}
        token = page["next_page_token"]
        faults = [one for one in (summary, found) if isinstance(one, Unavailable)]
        view = EducationView(
            summary=read(summary),
            activities=page["items"],
            may_add=bool(EDUCATION_NEW.scope_for(entry.roles)),
            may_see_staff=bool(EDUCATION_STAFF.scope_for(entry.roles)),
            next_href=f"/education?{urlencode({'page_token': token})}" if token else "",
            first_href="/education" if page_token else "",
            fault=faults[0] if faults else None,
            notice=notice,
            code=code,
            refusal=form_fault(fault),
        )
        status = fault.status if fault else 200
        return self._parts.composer.page(exchange, view, unread=unread, status=status)

    async def _activities(self, entry: Entry, page_token: str) -> tuple[bytes, str]:
        return await self._parts.education.activities(
            worker_of(entry), entry.token, page_size=PAGE_SIZE, page_token=page_token
        )

    async def new(
        self, exchange: Exchange, entry: Entry, typed: Typed, fault: Problem | None = None
    ) -> Response:
        """The form of a new activity."""
        summary, unread = await asyncio.gather(
            part(encoded(self._acts.summary(entry))), unread_count(self._parts, entry)
        )
        cycles = (read(summary) or {"cycles": []})["cycles"]
        view = NewActivityView(
            kinds=KINDS,
            forms=FORMS,
            specialties=[one["specialty"] for one in cycles if one["state"] != "SUPERSEDED"],
            typed=typed,
            fault=form_fault(fault),
        )
        status = fault.status if fault else 200
        return self._parts.composer.page(exchange, view, unread=unread, status=status)

    async def activity(
        self,
        exchange: Exchange,
        entry: Entry,
        activity: str,
        *,
        notice: str = "",
        typed: Typed | None = None,
        fault: Problem | None = None,
    ) -> Response:
        """One activity."""
        (body, _), unread = await asyncio.gather(
            self._acts.activity(exchange, entry, activity), unread_count(self._parts, entry)
        )
        view = ActivityView(
            item=orjson.loads(body),
            may_change=bool(EDUCATION_STEP.scope_for(entry.roles)),
            notice=notice,
            typed=typed or {},
            fault=form_fault(fault),
        )
        status = fault.status if fault else 200
        return self._parts.composer.page(exchange, view, unread=unread, status=status)


def routes(parts: Parts, acts: EducationActs) -> APIRouter:
    """`/education…`."""
    made, pages = router(parts.gate, api=False), EducationPages(parts, acts)

    @made.get("/education")
    async def overview(request: Request, page_token: str = "") -> Response:
        exchange, entry = signed_in(request)
        if not entry.worker and EDUCATION_STAFF.scope_for(entry.roles):
            return see_other("/education/staff")
        return await pages.overview(exchange, entry, page_token[:512])

    @made.get("/education/activities/new")
    async def form(request: Request) -> Response:
        return await pages.new(*signed_in(request), {})

    @made.post("/education/activities/new")
    async def create(request: Request) -> Response:
        exchange, entry = signed_in(request)
        typed = typed_fields(exchange, *FIELDS)
        try:
            item = orjson.loads(await acts.create(exchange, entry, typed))
        except ServiceError as fault:
            return await pages.new(exchange, entry, typed, shown(fault))
        return see_other(f"/education/activities/{item['id']}?done=created")

    @made.get("/education/activities/{activity}")
    async def one(request: Request, activity: str, done: str = "") -> Response:
        exchange, entry = signed_in(request)
        return await pages.activity(exchange, entry, activity, notice=_NOTICES.get(done, ""))

    _step_routes(made, acts, pages)
    return made


def _step_routes(made: APIRouter, acts: EducationActs, pages: EducationPages) -> None:
    @made.post("/education/activities/{activity}/advance")
    async def advance(request: Request, activity: str) -> Response:
        exchange, entry = signed_in(request)
        typed = typed_fields(exchange, *STEP)
        try:
            await acts.advance(exchange, entry, activity, typed)
        except ServiceError as fault:
            refusal = shown(fault)
            return await pages.activity(exchange, entry, activity, typed=typed, fault=refusal)
        return see_other(f"/education/activities/{activity}?done=step")

    @made.post("/education/activities/{activity}/certificates")
    async def add_certificate(request: Request, activity: str) -> Response:
        exchange, entry = signed_in(request)
        typed = typed_fields(exchange, *DOCUMENT)
        try:
            await acts.add_certificate(exchange, entry, activity, typed)
        except ServiceError as fault:
            refusal = shown(fault)
            return await pages.activity(exchange, entry, activity, typed=typed, fault=refusal)
        return see_other(f"/education/activities/{activity}?done=document")


async def encoded(found: Awaitable[tuple[bytes, str]]) -> tuple[bytes, bytes]:
    """An answer with its ETag in bytes, as `part` takes it."""
    body, etag = await found
    return body, etag.encode()


def read(found: object) -> Any:
    """The JSON of an answer; None when the service was away."""
    return orjson.loads(found[0]) if isinstance(found, tuple) else None


def shown(fault: ServiceError) -> Problem:
    """A refusal that is shown beside the form; any other goes on as it is."""
    if fault.category not in _SHOWN_AGAIN:
        raise fault
    return problem_of(fault)


def form_fault(refusal: Problem | None) -> FormFault | None:
    """A refusal in the words of the form."""
    if refusal is None:
        return None
    return FormFault(
        title=f"{refusal.entry.title} {refusal.detail}",
        code=refusal.code,
        fields={one.field: one.detail or "Значение не подходит." for one in refusal.errors},
    )
