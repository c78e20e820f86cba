"""Recovery of a password, and the support desk that opens a closed account; both ask a code."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lkmr_gosuslugi_stand_in import flows, pages, problems
from lkmr_gosuslugi_stand_in.accounts import Person
from lkmr_gosuslugi_stand_in.faults import EsiaFault
from lkmr_gosuslugi_stand_in.flows import Flow
from lkmr_gosuslugi_stand_in.parameters import Parameters, read_form
from lkmr_gosuslugi_stand_in.passwords import missing_classes
from lkmr_gosuslugi_stand_in.sign_in import lock_name, send_code
from lkmr_gosuslugi_stand_in.world import World
from lkmr_servicekit.telemetry import log


def recovery_router(world: World) -> APIRouter:
    """`/recovery`, `/support`."""
    router = APIRouter()

    @router.get("/recovery")
    async def recovery(request: Request) -> Response:
        return _page(world, request, "recovery.html")

    @router.post("/recovery")
    async def ask_recovery(request: Request) -> Response:
        return await _ask(world, request, "recovery.html")

    @router.post("/recovery/password")
    async def recover(request: Request) -> Response:
        form = await _form(world, request)
        if form is None:
            return pages.problem_page(world, request, problems.NO_COOKIES)
        return _recover(world, request, form)

    @router.get("/support")
    async def support(request: Request) -> Response:
        return _page(world, request, "support.html")

    @router.post("/support")
    async def ask_support(request: Request) -> Response:
        return await _ask(world, request, "support.html")

    @router.post("/support/unlock")
    async def unlock(request: Request) -> Response:
        form = await _form(world, request)
        if form is None:
            return pages.problem_page(world, request, problems.NO_COOKIES)
        return _unlock(world, request, form)

    return router


async def _form(world: World, request: Request) -> Parameters | None:
    try:
        form = await read_form(request)
    except EsiaFault:
        return None
    return form if form is not None and pages.csrf_fits(world, request, form) else None


def _page(world: World, request: Request, template: str, **values: Any) -> Response:
    shown = {"flow": "", "done": False, "problem": None, **values}
    problem = shown["problem"]
    return pages.page(world, request, template, status=problem.status if problem else 200, **shown)


async def _ask(world: World, request: Request, template: str) -> Response:
    """Send a code. The answer is the same whether such an account exists or not."""
    form = await _form(world, request)
    if form is None:
        return pages.problem_page(world, request, problems.NO_COOKIES)
    flow = flows.begin(world, pages.browser_of(request), pages.site_of(world, request), None)
    person = world.accounts.find(form.get("login", ""))
    if person is not None and person.phone:
        flow, problem = await send_code(world, flow, person, person.phone)
        if problem is not None:
            return _page(world, request, template, problem=problem)
    return _page(world, request, template, flow=flow.id)


def _recover(world: World, request: Request, form: Parameters) -> Response:
    flow = flows.find(world, form.get("flow", ""), pages.browser_of(request))
    if flow is None:
        return pages.problem_page(world, request, problems.FLOW_LOST)
    if lacks := missing_classes(form.get("password", "")):
        text = f"Новому паролю не хватает: {', '.join(lacks)}."
        problem = pages.Problem("LKMR-REG-003", text, "Придумайте другой пароль.", 422)
        return _page(world, request, "recovery.html", flow=flow.id, problem=problem)
    person, refused = _by_code(world, flow, form)
    if person is None:
        return _page(world, request, "recovery.html", flow=flow.id, problem=refused)
    world.accounts.change(person.login, {"password": form["password"]})
    world.locks.clear(lock_name(person, ""))
    log.info("recovery.done")
    return _page(world, request, "recovery.html", done=True)


def _unlock(world: World, request: Request, form: Parameters) -> Response:
    flow = flows.find(world, form.get("flow", ""), pages.browser_of(request))
    if flow is None:
        return pages.problem_page(world, request, problems.FLOW_LOST)
    person, refused = _by_code(world, flow, form)
    if person is None:
        return _page(world, request, "support.html", flow=flow.id, problem=refused)
    world.locks.clear(lock_name(person, ""))
    log.info("support.unlocked")
    return _page(world, request, "support.html", done=True)


def _by_code(
    world: World, flow: Flow, form: Parameters
) -> tuple[Person | None, pages.Problem | None]:
    """Who typed the right code; the flow is over then."""
    person = world.accounts.by_oid(flow.oid)
    verdict, left = flows.try_code(world, flow, form.get("code", "").strip())
    if person is None or verdict != "right":
        if verdict == "used up" and left == 0:
            flows.save(world, replace(flow, code=None))
        return None, problems.code_wrong(left)
    flows.end(world, flow)
    return person, None
