"""The steps of a sign-in between ESIA and the session: own code, profile."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC

from fastapi import APIRouter, Request, Response
from lkmr.auth.v1 import auth_service_pb2 as pb

from lkmr_gateway.body import wanted_fields
from lkmr_gateway.composer import profile_choice
from lkmr_gateway.exchange import LOGIN_COOKIE, Exchange, Refused, exchange_of
from lkmr_gateway.pages.views.sign_in import CodeView, ProfileView
from lkmr_gateway.parts import Parts
from lkmr_gateway.routes.sign_in import lead, refused, sign_in_problem
from lkmr_gateway.routing import router, with_headers
from lkmr_servicekit.errors import ServiceError

Attempt = Callable[[str], Awaitable[pb.SignInStep]]
_FORM_REASONS = frozenset(
    {
        "CODE_WRONG",
        "CODE_EXPIRED",
        "CODE_REPLACED",
        "CODE_INCOMPLETE",
        "CODE_TOO_SOON",
        "CODE_NOT_DELIVERED",
        "PHONE_DIFFERS",
    }
)


def routes(parts: Parts) -> APIRouter:  # noqa: C901 - a list of small routes
    """`/auth/code`, `/auth/profile`."""
    made = router(parts.gate, api=False)
    auth = parts.auth

    @made.get("/auth/code")
    async def code_page(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        step = await present(parts, exchange)
        if step.WhichOneof("step") != "code":
            return lead(step)
        return parts.composer.page(exchange, _code_view(step.code))

    @made.post("/auth/code")
    async def submit_code(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        code = "".join(wanted_fields(exchange, "code")["code"].split())
        return await attempt_code(parts, exchange, lambda secret: auth.submit_code(secret, code))

    @made.post("/auth/code/resend")
    async def resend_code(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        phone = wanted_fields(exchange, "phone")["phone"]
        return await attempt_code(parts, exchange, lambda secret: auth.resend_code(secret, phone))

    @made.get("/auth/profile")
    async def profile_page(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        step = await present(parts, exchange)
        if step.WhichOneof("step") != "profile":
            return lead(step)
        return parts.composer.page(exchange, _profile_view(step.profile))

    @made.post("/auth/profile")
    async def choose_profile(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        profile = wanted_fields(exchange, "profile")["profile"]
        secret = exchange.cookie(LOGIN_COOKIE).decode()
        if not profile and exchange.wants_html:
            step = await present(parts, exchange)
            if step.WhichOneof("step") == "profile":
                view = _profile_view(step.profile, error="Выберите организацию и роль.")
                return parts.composer.page(exchange, view, status=422)
        try:
            step = await auth.choose_profile(secret, profile)
        except ServiceError as fault:
            return refused(
                parts, exchange, sign_in_problem(fault), keep=fault.reason == "PROFILE_UNKNOWN"
            )
        return lead(step)

    return made


async def present(parts: Parts, exchange: Exchange) -> pb.SignInStep:
    """What the sign-in waits for. Raises Refused."""
    try:
        return await parts.auth.step(exchange.cookie(LOGIN_COOKIE).decode())
    except ServiceError as fault:
        raise Refused(sign_in_problem(fault)) from None


async def attempt_code(parts: Parts, exchange: Exchange, attempt: Attempt) -> Response:
    """A step of the code; what the person can mend is shown at the field."""
    secret = exchange.cookie(LOGIN_COOKIE).decode()
    try:
        return lead(await attempt(secret))
    except ServiceError as said:
        fault, refusal = said, sign_in_problem(said)
        if fault.reason not in _FORM_REASONS:
            return refused(parts, exchange, refusal)
        if not exchange.wants_html:
            raise Refused(refusal) from None
    step = await present(parts, exchange)
    if step.WhichOneof("step") != "code":
        return lead(step)
    exchange.code = refusal.code
    words = f"{refusal.entry.title} {refusal.detail}"
    view = replace(
        _code_view(step.code),
        error=words,
        error_code=refusal.code,
        error_field="phone" if fault.reason == "PHONE_DIFFERS" else "code",
        instruction=refusal.entry.instruction,
        portal=parts.composer.portal.link(refusal.entry.portal),
    )
    answer = parts.composer.page(exchange, view, status=refusal.status)
    return with_headers(answer, *refusal.headers())


def _code_view(step: pb.CodeRequired) -> CodeView:
    return CodeView(
        phone_masked=step.phone_masked,
        expire_time=step.expire_time.ToDatetime(UTC),
        attempts_left=step.attempts_left,
        resend_time=step.resend_time.ToDatetime(UTC),
    )


def _profile_view(step: pb.ProfileRequired, *, error: str = "") -> ProfileView:
    return ProfileView(
        profiles=tuple(
            profile_choice(
                name=one.name,
                organization=one.organization_name,
                short=one.organization_short_name,
                role=one.role,
                position=one.position,
                department=one.department,
            )
            for one in step.profiles
        ),
        error=error,
    )
