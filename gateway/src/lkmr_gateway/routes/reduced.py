"""Entry while Gosuslugi is away: identifier and password of the cabinet, then the code page."""

import secrets
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from lkmr.auth.v1 import identity_service_pb2 as pb

from lkmr_gateway.body import fields_of
from lkmr_gateway.csrf import comes_from_us, token_fits
from lkmr_gateway.device import device_key
from lkmr_gateway.exchange import LOGIN_COOKIE, Exchange, Refused, cookie, exchange_of
from lkmr_gateway.pages.views.reduced import ReducedView
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.return_to import safe_return_to
from lkmr_gateway.routes.sign_in import LOGIN_SECONDS, lead, refused, sign_in_problem
from lkmr_gateway.routing import router, with_headers
from lkmr_servicekit.errors import ServiceError

_MAX = 256
_AT_FORM = frozenset({"EMPLOYEE_UNKNOWN", "SIGN_IN_LOCKED"})


def routes(parts: Parts) -> APIRouter:
    """`/auth/reduced`."""
    made = router(parts.gate, api=False)

    @made.get("/auth/reduced")
    async def page(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        asked = parse_qs(exchange.query.decode("latin-1")).get("return_to", [""])[0]
        # The cookie of an attempt that holds nothing yet proves the form to be ours.
        secret = secrets.token_urlsafe(32)
        view = ReducedView(
            return_to=safe_return_to(asked),
            csrf_token=parts.csrf.sign_in_token(secret.encode()),
        )
        answer = parts.composer.page(exchange, view)
        return with_headers(answer, cookie(LOGIN_COOKIE, secret, LOGIN_SECONDS))

    @made.post("/auth/reduced")
    async def enter(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        fields = _checked(parts, exchange)
        return_to = safe_return_to(fields.get("return_to", ""))
        asked = pb.EnterReducedRequest(
            employee_number=fields.get("employee_number", "")[:_MAX],
            password=fields.get("password", "")[:_MAX],
            return_to=return_to,
            address=exchange.address,
            user_agent=exchange.user_agent,
            device=device_key(exchange.headers.get(b"user-agent", b"")),
        )
        try:
            return lead(await parts.identity.enter_reduced(asked))
        except ServiceError as fault:
            refusal = sign_in_problem(fault)
            if fault.reason not in _AT_FORM or not exchange.wants_html:
                return refused(parts, exchange, refusal)
        view = ReducedView(
            return_to=return_to,
            csrf_token=fields["csrf_token"],
            employee_number=asked.employee_number,
            error=f"{refusal.entry.title} {refusal.detail}",
            error_code=refusal.code,
        )
        answer = parts.composer.page(exchange, view, status=refusal.status)
        return with_headers(answer, *refusal.headers())

    return made


def _checked(parts: Parts, exchange: Exchange) -> dict[str, str]:
    """The fields of a form that this gateway drew for this browser. Raises Refused."""
    held = exchange.cookie(LOGIN_COOKIE)
    fields = fields_of(exchange)
    expected = parts.csrf.sign_in_token(held)
    if (
        not held
        or not comes_from_us(exchange)
        or not token_fits(fields.get("csrf_token", ""), expected)
    ):
        raise Refused(problem("CSRF_REFUSED"))
    return fields
