"""Pages on which personnel begins a form about a member of the staff (F3, F8)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway.body import fields_of
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange
from lkmr_gateway.pages.views.applications import StaffFormView
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import Problem
from lkmr_gateway.routes.accreditations import unread_count
from lkmr_gateway.routes.applications import ApplicationActs, answers_in
from lkmr_gateway.routes.education_pages import form_fault, shown
from lkmr_gateway.routes.staff import read_member
from lkmr_gateway.routing import router, see_other, signed_in
from lkmr_servicekit.errors import ServiceError


@dataclass(frozen=True, slots=True)
class _Page:
    """A form, where it stands under the member of the staff, and what its button says.

    `wanted` are fields that personnel must fill in though the worker need not.
    """

    form: str
    place: str
    submit: str
    done: str
    wanted: frozenset[str] = frozenset()

    def href(self, worker: str) -> str:
        return f"/staff/{worker}/{self.place}"


_PAGES = (
    _Page("F8", "mentoring", "Внести наставничество", "decided"),
    _Page("F3", "extract", "Отправить запрос сотруднику", "asked", frozenset({"purpose"})),
)


def routes(parts: Parts, acts: ApplicationActs) -> APIRouter:
    """`/staff/{worker}/mentoring` and `/staff/{worker}/extract`."""
    made = router(parts.gate, api=False)
    for one in _PAGES:
        _add(made, one, parts, acts)
    return made


def _add(made: APIRouter, page: _Page, parts: Parts, acts: ApplicationActs) -> None:
    async def drawn(
        exchange: Exchange,
        entry: Entry,
        worker: str,
        typed: Mapping[str, str],
        fault: Problem | None = None,
    ) -> Response:
        (body, _), (forms, _), unread = await asyncio.gather(
            read_member(parts, exchange, entry, worker),
            parts.applications.forms(),
            unread_count(parts, entry),
        )
        member = orjson.loads(body)
        form = next(one for one in orjson.loads(forms)["items"] if one["id"] == page.form)
        for field in form["sections"][0]["fields"]:
            field["required"] = field["required"] or field["name"] in page.wanted
        view = StaffFormView(
            href=page.href(worker),
            submit=page.submit,
            worker=worker,
            name=member["member"]["name"],
            specialties=[one["specialty"] for one in member["specialties"]],
            form=form,
            typed=typed,
            fault=form_fault(fault),
        )
        status = fault.status if fault else 200
        return parts.composer.page(exchange, view, unread=unread, status=status)

    @made.get(page.href("{worker}"))
    async def blank(request: Request, worker: str) -> Response:
        exchange, entry = signed_in(request)
        return await drawn(exchange, entry, worker, {})

    @made.post(page.href("{worker}"))
    async def enter(request: Request, worker: str) -> Response:
        exchange, entry = signed_in(request)
        typed = {k: v for k, v in fields_of(exchange).items() if k != "csrf_token"}
        answers = {k: v for k, v in typed.items() if k != "specialty"}
        try:
            body = await acts.staff_create(
                exchange,
                entry,
                worker,
                form=page.form,
                specialty=typed.get("specialty", ""),
                answers=answers_in(answers),
            )
        except ServiceError as fault:
            return await drawn(exchange, entry, worker, typed, shown(fault))
        return see_other(f"/staff/applications/{orjson.loads(body)['id']}?done={page.done}")
