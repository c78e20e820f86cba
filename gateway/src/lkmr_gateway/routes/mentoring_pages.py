"""The page on which personnel enters the mentoring of a member of the staff (F8)."""

import asyncio
from collections.abc import Mapping

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway.body import fields_of
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange
from lkmr_gateway.pages.views.applications import MentoringView
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import Problem
from lkmr_gateway.routes.accreditations import unread_count
from lkmr_gateway.routes.applications import ApplicationActs, answers_in
from lkmr_gateway.routes.education_pages import form_fault, shown
from lkmr_gateway.routes.staff import read_member
from lkmr_gateway.routing import router, see_other, signed_in
from lkmr_servicekit.errors import ServiceError

FORM = "F8"


def routes(parts: Parts, acts: ApplicationActs) -> APIRouter:
    """`/staff/{worker}/mentoring`."""
    made = router(parts.gate, api=False)

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
        view = MentoringView(
            worker=worker,
            name=member["member"]["name"],
            specialties=[one["specialty"] for one in member["specialties"]],
            form=next(one for one in orjson.loads(forms)["items"] if one["id"] == FORM),
            typed=typed,
            fault=form_fault(fault),
        )
        status = fault.status if fault else 200
        return parts.composer.page(exchange, view, unread=unread, status=status)

    @made.get("/staff/{worker}/mentoring")
    async def page(request: Request, worker: str) -> Response:
        exchange, entry = signed_in(request)
        return await drawn(exchange, entry, worker, {})

    @made.post("/staff/{worker}/mentoring")
    async def enter(request: Request, worker: str) -> Response:
        exchange, entry = signed_in(request)
        typed = {k: v for k, v in fields_of(exchange).items() if k != "csrf_token"}
        answers = {k: v for k, v in typed.items() if k != "specialty"}
        specialty = typed.get("specialty", "")
        try:
            body = await acts.staff_create(
                exchange,
                entry,
                worker,
                form=FORM,
                specialty=specialty,
                answers=answers_in(answers),
            )
        except ServiceError as fault:
            return await drawn(exchange, entry, worker, typed, shown(fault))
        return see_other(f"/staff/applications/{orjson.loads(body)['id']}?done=decided")

    return made
