"""The mobile application of Gosuslugi: its pages, and what systems ask through it."""

from dataclasses import asdict
from typing import Annotated, Any, cast

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from lkmr_gosuslugi_stand_in import approvals, pages, problems
from lkmr_gosuslugi_stand_in.approvals import Approval, Decision
from lkmr_gosuslugi_stand_in.faults import EsiaFault
from lkmr_gosuslugi_stand_in.parameters import read_form
from lkmr_gosuslugi_stand_in.routes_rest import RestFault, fault_answer, grant_of
from lkmr_gosuslugi_stand_in.sign_in import person_of
from lkmr_gosuslugi_stand_in.world import World
from lkmr_servicekit.clock import MOSCOW
from lkmr_servicekit.telemetry import log

_WAIT_SECONDS = 120
_SHOWN = 10
_REFRESH_SECONDS = 5
_MAX_BODY = 4096
_DECISIONS = frozenset({"APPROVED", "DECLINED"})
_WORDS = {
    "APPROVED": "подтверждён",
    "DECLINED": "отклонён",
    "CANCELLED": "отменён новым запросом",
    "EXPIRED": "остался без ответа",
}


class Question(BaseModel):
    """What a system asks: a sentence for the person and how long it waits, in seconds."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    expire_seconds: int = Field(default=_WAIT_SECONDS, ge=10, le=approvals.MAX_SECONDS)


class Answer(BaseModel):
    """A button of the application."""

    model_config = ConfigDict(extra="forbid")

    decision: approvals.Decision


def app_router(world: World) -> APIRouter:  # noqa: C901 - a list of routes
    """`/app` for people, `/app/api/v1/approvals` for systems that hold an access token."""
    router = APIRouter()

    @router.get("/app")
    async def show(request: Request) -> Response:
        person = person_of(world, request)
        if person is None:
            return pages.redirect(f"{pages.site_of(world, request)}/login?to=/app")
        oid, now = person.esia_oid or 0, world.now()
        known = approvals.list_of(world, oid)[:_SHOWN]
        waiting = [_shown(world, one) for one in known if one.state(now) == "PENDING"]
        past = [
            _shown(world, one) | {"word": _WORDS[one.state(now)]}
            for one in known
            if one.state(now) != "PENDING"
        ]
        answer = pages.page(world, request, "app.html", waiting=waiting, past=past)
        answer.headers["Refresh"] = str(_REFRESH_SECONDS)
        return answer

    @router.post("/app/approvals/{approval_id}")
    async def answer_question(approval_id: str, request: Request) -> Response:
        person = person_of(world, request)
        try:
            form = await read_form(request)
        except EsiaFault:
            form = None
        if person is None or form is None or not pages.csrf_fits(world, request, form):
            return pages.problem_page(world, request, problems.NO_COOKIES)
        decision = form.get("decision", "")
        if decision not in _DECISIONS:
            return pages.problem_page(world, request, problems.APPROVAL_GONE)
        state = approvals.decide(
            world, approval_id, person.esia_oid or 0, cast("Decision", decision)
        )
        if state != decision:
            return pages.problem_page(world, request, problems.APPROVAL_GONE)
        log.info("approval.answered", decision=decision)
        return pages.redirect(f"{pages.site_of(world, request)}/app", 303)

    @router.post("/app/api/v1/approvals")
    async def ask(request: Request) -> Response:
        try:
            grant = grant_of(world, request)
            body = await request.body()
            question = Question.model_validate_json(body[:_MAX_BODY])
        except RestFault as fault:
            return fault_answer(world, fault)
        except ValidationError as fault:
            faults = fault.errors(include_url=False, include_input=False)
            return JSONResponse({"errors": faults}, 422)
        asked = approvals.ask(
            world, grant.oid, grant.client_id, question.text, question.expire_seconds
        )
        log.info("approval.asked", client=grant.client_id)
        return JSONResponse(_approval_json(world, asked), 201)

    @router.get("/app/api/v1/approvals/{approval_id}")
    async def look(approval_id: str, request: Request) -> Response:
        try:
            found = _own(world, request, approval_id)
        except RestFault as fault:
            return fault_answer(world, fault)
        return JSONResponse(_approval_json(world, found))

    @router.delete("/app/api/v1/approvals/{approval_id}")
    async def cancel(approval_id: str, request: Request) -> Response:
        try:
            approvals.cancel(world, _own(world, request, approval_id))
        except RestFault as fault:
            return fault_answer(world, fault)
        return Response(status_code=204)

    return router


def app_control_router(world: World) -> APIRouter:
    """What tests see and press in the application of a person."""
    router = APIRouter(prefix="/_control")

    @router.get("/people/{login}/approvals")
    async def list_approvals(login: str) -> list[dict[str, Any]]:
        """What is asked in the application of this person, newest first."""
        person = world.accounts.get(login)
        if person is None:
            raise HTTPException(404, "no such person")
        known = approvals.list_of(world, person.esia_oid or 0)
        return [{**asdict(one), "state": one.state(world.now())} for one in known]

    @router.post("/people/{login}/approvals/{approval_id}")
    async def decide(login: str, approval_id: str, answer: Answer) -> dict[str, str]:
        """Press a button of the application in the person's place."""
        person = world.accounts.get(login)
        oid = person.esia_oid or 0 if person else 0
        state = approvals.decide(world, approval_id, oid, answer.decision)
        if state is None:
            raise HTTPException(404, "no such question")
        return {"state": state}

    return router


def _own(world: World, request: Request, approval_id: str) -> Approval:
    """A question of the system and about the person of the token. Raises RestFault."""
    grant = grant_of(world, request)
    found = approvals.find(world, approval_id, grant.oid)
    if found is None or found.client_id != grant.client_id:
        raise RestFault(404, "ESIA-005014", "notFound")
    return found


def _approval_json(world: World, approval: Approval) -> dict[str, Any]:
    return {
        "id": approval.id,
        "state": approval.state(world.now()),
        "text": approval.text,
        "expire_time": approval.expires,
    }


def _shown(world: World, approval: Approval) -> dict[str, Any]:
    client = world.clients.get(approval.client_id) if approval.client_id else None
    return {
        "id": approval.id,
        "text": approval.text,
        "system": client.title if client else "Госуслуги",
        "until": approval.expire_time.astimezone(MOSCOW),
    }
