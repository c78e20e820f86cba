"""Pages of the sign-in: password, phone, code, consent. Every form is bound to its browser."""

import re
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lkmr_gosuslugi_stand_in import approvals, flows, grants, pages, problems
from lkmr_gosuslugi_stand_in.accounts import Person, password_fits
from lkmr_gosuslugi_stand_in.faults import EsiaFault
from lkmr_gosuslugi_stand_in.flows import CODE_DIGITS, Flow
from lkmr_gosuslugi_stand_in.pages import Problem
from lkmr_gosuslugi_stand_in.parameters import Parameters, read_form
from lkmr_gosuslugi_stand_in.phones import masked_phone, normal_phone
from lkmr_gosuslugi_stand_in.scopes import wording
from lkmr_gosuslugi_stand_in.sign_in import (
    address_of,
    after_sign_in,
    allow_scopes,
    lock_name,
    refuse_consent,
    return_with_code,
    send_code,
    signed_in,
    wanted_scopes,
)
from lkmr_gosuslugi_stand_in.world import World
from lkmr_servicekit.telemetry import log

APPLICATION_SECONDS, APPLICATION_LOOK_SECONDS = 120, 2
_OWN_PAGES = frozenset({"/", "/app", "/identity", "/medical", "/profile"})
_CODE = re.compile(rf"[0-9]{{{CODE_DIGITS}}}")


def login_router(world: World) -> APIRouter:  # noqa: C901 - a list of routes
    """`/login` and its further steps."""
    router = APIRouter()

    @router.get("/login")
    async def show_password(request: Request) -> Response:
        return _show_password(world, request)

    @router.post("/login")
    async def check_password(request: Request) -> Response:
        form, flow = await _form_and_flow(world, request)
        if form is None:
            return pages.problem_page(world, request, problems.NO_COOKIES)
        if flow is None:
            return pages.problem_page(world, request, problems.FLOW_LOST)
        return await _check_password(world, request, form, flow)

    @router.get("/login/phone")
    async def show_phone(request: Request) -> Response:
        flow = _flow_of(world, request)
        if flow is None or flow.stage != "phone":
            return pages.problem_page(world, request, problems.FLOW_LOST)
        return _phone_page(world, request, flow, problems.NO_PHONE)

    @router.post("/login/phone")
    async def take_phone(request: Request) -> Response:
        form, flow = await _form_and_flow(world, request)
        if form is None or flow is None or flow.stage != "phone":
            return pages.problem_page(world, request, problems.FLOW_LOST)
        return await _take_phone(world, request, form, flow)

    @router.get("/login/code")
    async def show_code(request: Request) -> Response:
        flow = _flow_of(world, request)
        if flow is None or flow.stage != "code":
            return pages.problem_page(world, request, problems.FLOW_LOST)
        return _code_page(world, request, flow)

    @router.post("/login/code")
    async def check_code(request: Request) -> Response:
        form, flow = await _form_and_flow(world, request)
        if form is None or flow is None or flow.stage != "code":
            return pages.problem_page(world, request, problems.FLOW_LOST)
        return _check_code(world, request, form, flow)

    @router.post("/login/code/resend")
    async def resend_code(request: Request) -> Response:
        form, flow = await _form_and_flow(world, request)
        person = world.accounts.by_oid(flow.oid) if flow else None
        if form is None or flow is None or person is None or flow.stage not in {"code", "app"}:
            return pages.problem_page(world, request, problems.FLOW_LOST)
        if seconds := flows.seconds_to_resend(world, flow):
            return _code_page(world, request, flow, problems.resend_early(seconds))
        flow, problem = await send_code(world, flow, person, flow.phone)
        if problem is not None:
            return _code_page(world, request, flow, problem)
        return pages.redirect(address_of("/login/code", flow), 303)

    @router.post("/login/app")
    async def ask_application(request: Request) -> Response:
        form, flow = await _form_and_flow(world, request)
        person = world.accounts.by_oid(flow.oid) if flow else None
        if form is None or flow is None or person is None or flow.stage not in {"code", "app"}:
            return pages.problem_page(world, request, problems.FLOW_LOST)
        if until := world.locks.locked_until(lock_name(person, ""), world.now()):
            return _code_page(world, request, flow, problems.locked(until))
        asked = approvals.ask(
            world, flow.oid, "", "Вход на Госуслуги с другого устройства", APPLICATION_SECONDS
        )
        flow = flows.save(world, replace(flow, stage="app", approval=asked.id))
        return pages.redirect(address_of("/login/app", flow), 303)

    @router.get("/login/app")
    async def wait_for_application(request: Request) -> Response:
        flow = _flow_of(world, request)
        person = world.accounts.by_oid(flow.oid) if flow else None
        if flow is None or person is None or flow.stage != "app":
            return pages.problem_page(world, request, problems.FLOW_LOST)
        return _application_page(world, request, flow, person)

    @router.get("/login/consent")
    async def show_consent(request: Request) -> Response:
        flow = _flow_of(world, request)
        session = grants.find_session(world, request.cookies.get(pages.SESSION_COOKIE))
        if flow is None or flow.stage != "consent" or session is None:
            return pages.problem_page(world, request, problems.FLOW_LOST)
        return _consent_page(world, request, flow)

    @router.post("/login/consent")
    async def decide(request: Request) -> Response:
        form, flow = await _form_and_flow(world, request)
        session = grants.find_session(world, request.cookies.get(pages.SESSION_COOKIE))
        if form is None or flow is None or flow.stage != "consent" or session is None:
            return pages.problem_page(world, request, problems.FLOW_LOST)
        person = world.accounts.by_oid(session.oid)
        if session.oid != flow.oid or person is None:
            return pages.problem_page(world, request, problems.FLOW_LOST)
        if form.get("decision") != "grant":
            return refuse_consent(world, flow)
        allow_scopes(world, flow, session)
        return return_with_code(world, flow, session, person)

    return router


def _wanted_page(request: Request) -> str:
    """The page of the portal that asked to sign in first."""
    wanted = request.query_params.get("to", "")
    return wanted if wanted in _OWN_PAGES else "/profile"


def _flow_of(world: World, request: Request) -> Flow | None:
    name = request.query_params.get("flow", "")
    return flows.find(world, name, request.cookies.get(pages.BROWSER_COOKIE, ""))


async def _form_and_flow(world: World, request: Request) -> tuple[Parameters | None, Flow | None]:
    try:
        form = await read_form(request)
    except EsiaFault:
        return None, None
    if form is None or not pages.csrf_fits(world, request, form):
        return None, None
    flow = flows.find(world, form.get("flow", ""), request.cookies.get(pages.BROWSER_COOKIE, ""))
    return form, flow


def _show_password(world: World, request: Request) -> Response:
    flow = _flow_of(world, request)
    if flow is None:
        if "flow" in request.query_params:
            came_with_cookie = bool(request.cookies.get(pages.BROWSER_COOKIE))
            lost = problems.FLOW_LOST if came_with_cookie else problems.NO_COOKIES
            return pages.problem_page(world, request, lost)
        flow = flows.begin(
            world,
            pages.browser_of(request),
            pages.site_of(world, request),
            None,
            return_to=_wanted_page(request),
        )
    session = grants.find_session(world, request.cookies.get(pages.SESSION_COOKIE))
    if session is not None:
        return after_sign_in(world, flow, session)
    return _password_page(world, request, flow)


def _password_page(
    world: World, request: Request, flow: Flow, problem: Problem | None = None, login: str = ""
) -> Response:
    asked = flow.authorization
    client = world.clients.get(asked.client_id) if asked else None
    return pages.page(
        world,
        request,
        "login.html",
        status=problem.status if problem else 200,
        leads_to=_leads_to(flow),
        flow=flow,
        problem=problem,
        login=login,
        system=client.title if client else "",
    )


async def _check_password(world: World, request: Request, form: Parameters, flow: Flow) -> Response:
    login, password = form.get("login", ""), form.get("password", "")
    person = world.accounts.find(login)
    name = lock_name(person, login)
    if until := world.locks.locked_until(name, world.now()):
        return _password_page(world, request, flow, problems.locked(until), login)
    if not password_fits(person, password) or person is None:
        log.info("sign_in.refused", code="LKMR-AUTH-001")
        if until := world.locks.fail(name, world.now(), world.switches):
            return _password_page(world, request, flow, problems.locked(until), login)
        problem = problems.WRONG_PASSWORD
        if world.switches.verbose_failures and person is None:
            problem = Problem(problem.code, "Учётная запись не найдена.", problem.advice, 401)
        return _password_page(world, request, flow, problem, login)
    if person.second_factor == "none":
        return signed_in(world, flow, person, second_factor=False)
    if not person.phone:
        flow = flows.save(world, replace(flow, stage="phone", oid=person.esia_oid or 0))
        return pages.redirect(address_of("/login/phone", flow), 303)
    return await _ask_code(world, request, flow, person, person.phone)


async def _ask_code(
    world: World, request: Request, flow: Flow, person: Person, phone: str
) -> Response:
    flow, problem = await send_code(world, flow, person, phone)
    if problem is not None:
        return _code_page(world, request, flow, problem)
    return pages.redirect(address_of("/login/code", flow), 303)


def _phone_page(world: World, request: Request, flow: Flow, problem: Problem) -> Response:
    return pages.page(
        world,
        request,
        "phone.html",
        status=problem.status,
        leads_to=_leads_to(flow),
        flow=flow,
        problem=problem,
    )


async def _take_phone(world: World, request: Request, form: Parameters, flow: Flow) -> Response:
    """A phone is bound after the right code came from it, see `_check_code`."""
    phone = normal_phone(form.get("phone", ""))
    person = world.accounts.by_oid(flow.oid)
    if person is None:
        return pages.problem_page(world, request, problems.FLOW_LOST)
    if phone is None:
        return _phone_page(world, request, flow, problems.BAD_PHONE)
    return await _ask_code(world, request, flow, person, phone)


def _code_page(
    world: World, request: Request, flow: Flow, problem: Problem | None = None
) -> Response:
    return pages.page(
        world,
        request,
        "code.html",
        status=problem.status if problem else 200,
        leads_to=_leads_to(flow),
        flow=flow,
        problem=problem,
        phone=masked_phone(flow.phone),
        seconds=flows.seconds_to_resend(world, flow),
    )


def _application_page(world: World, request: Request, flow: Flow, person: Person) -> Response:
    """Wait for the answer; it lets the person in, or leads back to the code."""
    asked = approvals.find(world, flow.approval, flow.oid)
    state = asked.state(world.now()) if asked else "EXPIRED"
    if state == "APPROVED":
        return signed_in(world, flow, person, second_factor=True)
    if state == "PENDING":
        answer = pages.page(world, request, "app_wait.html", leads_to=_leads_to(flow), flow=flow)
        answer.headers["Refresh"] = str(APPLICATION_LOOK_SECONDS)
        return answer
    flow = flows.save(world, replace(flow, stage="code", approval=""))
    refused = problems.APPROVAL_DECLINED if state == "DECLINED" else problems.APPROVAL_SILENT
    log.info("sign_in.application_refused", state=state)
    return _code_page(world, request, flow, refused)


def _leads_to(flow: Flow) -> str:
    asked = flow.authorization
    return asked.redirect_uri if asked else ""


def _check_code(world: World, request: Request, form: Parameters, flow: Flow) -> Response:
    digits = re.sub(r"\s", "", form.get("code", ""))
    person = world.accounts.by_oid(flow.oid)
    if person is None:
        return pages.problem_page(world, request, problems.FLOW_LOST)
    if until := world.locks.locked_until(lock_name(person, ""), world.now()):
        return _code_page(world, request, flow, problems.locked(until))
    if not _CODE.fullmatch(digits):
        return _code_page(world, request, flow, problems.CODE_FORM)
    verdict, left = flows.try_code(world, flow, digits)
    if verdict == "right":
        if not person.phone:
            person = world.accounts.change(person.login, {"phone": flow.phone})
        return signed_in(world, flow, person, second_factor=True)
    log.info("sign_in.code_refused", verdict=verdict)
    if verdict == "used up" and left == 0:
        world.locks.fail(lock_name(person, ""), world.now(), world.switches)
    refusals = {
        "late": problems.CODE_LATE,
        "earlier": problems.CODE_EARLIER,
        "used up": problems.CODE_USED_UP,
    }
    return _code_page(world, request, flow, refusals.get(verdict) or problems.code_wrong(left))


def _consent_page(world: World, request: Request, flow: Flow) -> Response:
    asked = flow.authorization
    client = world.clients.get(asked.client_id) if asked else None
    return pages.page(
        world,
        request,
        "consent.html",
        leads_to=_leads_to(flow),
        flow=flow,
        system=client.title if client else "",
        scopes=[wording(name) for name in wanted_scopes(flow)],
    )
