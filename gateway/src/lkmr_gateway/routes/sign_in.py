"""Sign-in through Gosuslugi: its start, the return, and what all its steps share."""

import re
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from lkmr.auth.v1 import auth_service_pb2 as pb

from lkmr_gateway.browsers import too_old
from lkmr_gateway.device import device_key
from lkmr_gateway.exchange import (
    LOGIN_COOKIE,
    SESSION_COOKIE,
    Exchange,
    Refused,
    cookie,
    exchange_of,
)
from lkmr_gateway.last_fault import forget
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import Problem, problem, problem_of
from lkmr_gateway.return_to import safe_return_to
from lkmr_gateway.routing import router, see_other, with_headers
from lkmr_servicekit.errors import Category, ServiceError

LOGIN_SECONDS, PROBE_SECONDS = 600, 60
PROBE_COOKIE = b"__Host-lkmr-probe"
_STATE = re.compile(r"[0-9a-fA-F-]{32,36}\Z")
_CODE = re.compile(r"[\x21-\x7e]{1,4096}\Z")
_ERROR = re.compile(r"[A-Za-z_]{1,64}\Z")
_WHERE = {"code": "/auth/code", "profile": "/auth/profile", "activation": "/auth/activation"}
_NO_LOGIN = cookie(LOGIN_COOKIE, "", 0)


def routes(parts: Parts) -> APIRouter:
    """`/auth/login`, `/auth/callback`."""
    made = router(parts.gate, api=False)

    @made.get("/auth/login")
    async def login(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        wanted = _one(exchange, "return_to")
        if browser := too_old(exchange.user_agent):
            raise Refused(problem("BROWSER_TOO_OLD", browser=browser))
        try:
            started = await parts.auth.start(
                origin=exchange.origin,
                return_to=safe_return_to(wanted),
                address=exchange.address,
                user_agent=exchange.user_agent,
            )
        except ServiceError as fault:
            raise Refused(sign_in_problem(fault)) from None
        keep = cookie(LOGIN_COOKIE, started.login_cookie, LOGIN_SECONDS)
        return see_other(started.redirect_url, keep, status=302)

    @made.get("/auth/callback")
    async def callback(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        asked = _callback(exchange)
        try:
            step = await parts.auth.finish(asked)
        except ServiceError as fault:
            lost = fault.reason == "SIGN_IN_STATE_LOST" and not asked.login_cookie
            if lost and asked.state and (asked.code or asked.error) and exchange.wants_html:
                # Either the attempt is over or the browser keeps no cookies: one more visit tells.
                return see_other("/auth/no-cookie", cookie(PROBE_COOKIE, "1", PROBE_SECONDS))
            return refused(parts, exchange, sign_in_problem(fault))
        return lead(step)

    return made


def refused(parts: Parts, exchange: Exchange, refusal: Problem, *, keep: bool = False) -> Response:
    """The sign-in is over: the page says why; the cookie of the attempt goes unless kept."""
    exchange.code = refusal.code
    if exchange.wants_html:
        body, kind = parts.composer.fault_page(exchange, refusal), "text/html; charset=utf-8"
    else:
        body = refusal.to_json(exchange.trace_id, parts.clock.now())
        kind = "application/problem+json"
    answer = Response(body, refusal.status, media_type=kind)
    headers = refusal.headers() if keep else (*refusal.headers(), _NO_LOGIN)
    return with_headers(answer, *headers)


def sign_in_problem(fault: ServiceError) -> Problem:
    """A refusal of `auth`; our own part being away is a cause of its own (LKMR-AUTH-024)."""
    if fault.category in {Category.UNAVAILABLE, Category.TIMED_OUT} and not fault.domain:
        return problem("SIGN_IN_UNAVAILABLE", seconds=10)
    if fault.reason in {"DATABASE_UNAVAILABLE", "DEADLINE_EXCEEDED", "DEADLINE_TOO_SHORT"}:
        return problem("SIGN_IN_UNAVAILABLE", seconds=10)
    return problem_of(fault)


def lead(step: pb.SignInStep) -> Response:
    """To where the sign-in goes on."""
    kind = step.WhichOneof("step")
    if kind == "session":
        started = step.session
        where = safe_return_to(started.return_to)
        return see_other(where, cookie(SESSION_COOKIE, started.session_cookie), _NO_LOGIN, forget())
    if kind is None:
        raise Refused(problem("SIGN_IN_STATE_LOST"))
    renewed = step.login_cookie
    headers = (cookie(LOGIN_COOKIE, renewed, LOGIN_SECONDS),) if renewed else ()
    return see_other(_WHERE[kind], *headers)


def _one(exchange: Exchange, name: str) -> str:
    """A parameter given exactly once; empty otherwise."""
    try:
        found = parse_qs(exchange.query.decode("latin-1"), max_num_fields=40)
    except ValueError:
        return ""
    values = found.get(name, [])
    return values[0] if len(values) == 1 else ""


def _callback(exchange: Exchange) -> pb.FinishSignInRequest:
    """The parameters of the return; what cannot come from ESIA is passed on as absent."""
    code, state = _one(exchange, "code"), _one(exchange, "state")
    error = _one(exchange, "error")
    description = _one(exchange, "error_description")[:1000]
    return pb.FinishSignInRequest(
        login_cookie=exchange.cookie(LOGIN_COOKIE).decode(),
        code=code if _CODE.match(code) else "",
        state=state if _STATE.match(state) else "",
        error=error if _ERROR.match(error) else ("invalid_request" if error else ""),
        error_description="".join(sign for sign in description if sign.isprintable()),
        address=exchange.address,
        user_agent=exchange.user_agent,
        device=device_key(exchange.headers.get(b"user-agent", b"")),
    )
