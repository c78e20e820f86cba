"""Steps of a sign-in: what comes after each, until the browser goes back to the system."""

from dataclasses import replace
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from lkmr_gosuslugi_stand_in import flows, grants, pages, problems
from lkmr_gosuslugi_stand_in.accounts import Person
from lkmr_gosuslugi_stand_in.authorization import AuthorizationRequest
from lkmr_gosuslugi_stand_in.faults import EsiaFault
from lkmr_gosuslugi_stand_in.flows import Flow
from lkmr_gosuslugi_stand_in.grants import Session
from lkmr_gosuslugi_stand_in.issue import authorization_code
from lkmr_gosuslugi_stand_in.pages import Problem
from lkmr_gosuslugi_stand_in.scopes import names_of
from lkmr_gosuslugi_stand_in.sms import SmsNotSent
from lkmr_gosuslugi_stand_in.world import World
from lkmr_servicekit.telemetry import log


def person_of(world: World, request: Request) -> Person | None:
    """Who is signed in at the portal in this browser."""
    session = grants.find_session(world, request.cookies.get(pages.SESSION_COOKIE))
    return world.accounts.by_oid(session.oid) if session else None


def address_of(path: str, flow: Flow) -> str:
    """A page of the sign-in; the name of the flow means nothing in another browser."""
    return f"{flow.site}{path}?{urlencode({'flow': flow.id})}"


def continue_flow(world: World, request: Request, flow: Flow) -> Response:
    """Where the browser goes now: to the sign-in page, the consent page, or back."""
    session = grants.find_session(world, request.cookies.get(pages.SESSION_COOKIE))
    if session is None:
        return pages.redirect(address_of("/login", flow))
    return after_sign_in(world, flow, session)


def after_sign_in(world: World, flow: Flow, session: Session) -> Response:
    """The person is known: check level and role, ask consent, or return with a code."""
    asked = flow.authorization
    person = world.accounts.by_oid(session.oid)
    if asked is None or person is None:
        flows.end(world, flow)
        return pages.redirect(f"{flow.site}{flow.return_to}")
    if fault := _unfit(asked, person):
        flows.end(world, flow)
        return _back(world, asked, fault=fault)
    if _scopes_of(asked) - grants.consented(world, session.oid, asked.client_id):
        flows.save(world, replace(flow, stage="consent", oid=session.oid))
        return pages.redirect(address_of("/login/consent", flow))
    return return_with_code(world, flow, session, person)


def return_with_code(world: World, flow: Flow, session: Session, person: Person) -> Response:
    """Give the system its code; the consent was given."""
    asked = flow.authorization
    if asked is None:
        raise ValueError("a sign-in of the portal itself has no code")
    flows.end(world, flow)
    grant = grants.grant_for(asked, session)
    code = authorization_code(world, grant, person, asked.state)
    grants.remember_code(world, code, grant)
    return _back(world, asked, code=code)


def refuse_consent(world: World, flow: Flow) -> Response:
    """The person said no."""
    asked = flow.authorization
    flows.end(world, flow)
    if asked is None:
        return pages.redirect(f"{flow.site}/")
    return _back(world, asked, fault=EsiaFault("007004"))


def allow_scopes(world: World, flow: Flow, session: Session) -> None:
    """The person said yes to everything that this request asks."""
    if asked := flow.authorization:
        grants.allow(world, session.oid, asked.client_id, _scopes_of(asked))


def wanted_scopes(flow: Flow) -> list[str]:
    """Scopes of the consent page, in the order of the request."""
    asked = flow.authorization
    return [] if asked is None else list(names_of(f"{asked.scope} {asked.scope_org}"))


async def send_code(
    world: World, flow: Flow, person: Person, phone: str
) -> tuple[Flow, Problem | None]:
    """Make a code and send it to the phone; the new one kills the old."""
    flow, digits = flows.new_code(world, replace(flow, phone=phone), person)
    text = f"Код для входа на Госуслуги: {digits}. Никому его не сообщайте."
    try:
        await world.sms.send(phone, text)
    except SmsNotSent:
        return flow, problems.SMS_NOT_SENT
    log.info("sign_in.code_sent")
    return flow, None


def signed_in(world: World, flow: Flow, person: Person, *, second_factor: bool) -> Response:
    """Open the browser session and go on."""
    world.locks.clear(lock_name(person, person.login))
    cookie = grants.open_session(world, person.esia_oid or 0, second_factor=second_factor)
    session = grants.find_session(world, cookie)
    if session is None:
        raise ValueError("a session that was just opened is not there")
    answer = after_sign_in(world, flow, session)
    pages.set_cookie(world, answer, pages.SESSION_COOKIE, cookie)
    log.info("sign_in.done", second_factor=second_factor)
    return answer


def lock_name(person: Person | None, login: str) -> str:
    """Failures are counted per account, and per written name where there is no account."""
    return f"oid:{person.esia_oid}" if person else f"name:{login.strip().casefold()[:100]}"


def _unfit(asked: AuthorizationRequest, person: Person) -> EsiaFault | None:
    if "conf_acc" in asked.person_filter.split() and person.esia_level != "confirmed":
        return EsiaFault("007055")
    if asked.scope_org.strip() and not person.jobs:
        return EsiaFault("007194")
    return None


def _scopes_of(asked: AuthorizationRequest) -> set[str]:
    return set(names_of(f"{asked.scope} {asked.scope_org}"))


def _back(
    world: World, asked: AuthorizationRequest, *, code: str = "", fault: EsiaFault | None = None
) -> Response:
    if fault is None:
        values = {"code": code}
    else:
        log.info("authorization.refused", code=f"ESIA-{fault.code}", shown="redirect")
        values = {
            "error": fault.error,
            "error_description": fault.description(world.switches.error_language),
        }
    return pages.redirect(pages.with_query(asked.redirect_uri, {**values, "state": asked.state}))
