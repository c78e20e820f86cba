"""Activation: terms, consents, employee identifier and password, proof, «Подтвердить»."""

from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC

from fastapi import APIRouter, Request, Response
from lkmr.auth.v1 import identity_service_pb2 as pb

from lkmr_gateway.body import fields_of, wanted_fields
from lkmr_gateway.exchange import LOGIN_COOKIE, Exchange, Refused, cookie, exchange_of
from lkmr_gateway.pages.views.activation import (
    ActivationView,
    Approval,
    FormError,
    LegalText,
    Stage,
)
from lkmr_gateway.pages.views.step_up import SentCode
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import Problem, problem
from lkmr_gateway.routes.sign_in import LOGIN_SECONDS, lead, refused, sign_in_problem
from lkmr_gateway.routes.sign_in_steps import present
from lkmr_gateway.routing import router, see_other, with_headers
from lkmr_servicekit.errors import FieldFault, ServiceError

WHERE = "/auth/activation"
_STAGES: dict[int, Stage] = {
    pb.Activation.STAGE_TERMS: "TERMS",
    pb.Activation.STAGE_CONSENTS: "CONSENTS",
    pb.Activation.STAGE_EMPLOYEE: "EMPLOYEE",
    pb.Activation.STAGE_PROOF: "PROOF",
}
_APPROVALS: dict[int, Approval] = {
    pb.Activation.APPROVAL_PENDING: "PENDING",
    pb.Activation.APPROVAL_APPROVED: "APPROVED",
    pb.Activation.APPROVAL_DECLINED: "DECLINED",
    pb.Activation.APPROVAL_EXPIRED: "EXPIRED",
}
# What a person can mend on the page itself, and at which field it is said.
_FIELDS = {
    "EMPLOYEE_UNKNOWN": "employee_number",
    "SIGN_IN_LOCKED": "employee_number",
    "PASSWORD_WEAK": "password",
    "CODE_WRONG": "code",
    "CODE_EXPIRED": "code",
    "CODE_REPLACED": "code",
    "CODE_INCOMPLETE": "code",
    "CODE_NOT_SENT": "code",
    "CODE_TOO_SOON": "",
    "CODE_NOT_DELIVERED": "",
    "PHONE_MISSING": "",
    "APPLICATION_DECLINED": "",
    "APPLICATION_SILENT": "",
    "APPROVAL_PENDING": "",
    "APPROVAL_UNAVAILABLE": "",
    "DOCUMENT_UNKNOWN": "",
    "ACTIVATION_STEP_NOT_OPEN": "",
}
_MAX_SECRET = 256
_REFRESH_SECONDS = b"5"


def routes(parts: Parts) -> APIRouter:  # noqa: C901 - a list of small routes
    """`/auth/activation…`."""
    made = router(parts.gate, api=False)
    identity = parts.identity

    @made.get(WHERE)
    async def page(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        step = await present(parts, exchange)
        if step.WhichOneof("step") != "activation":
            return lead(step)
        view = _view(await _found(parts, exchange))
        answer = parts.composer.page(exchange, view)
        waits = view.approval == "PENDING"
        return with_headers(answer, (b"refresh", _REFRESH_SECONDS)) if waits else answer

    @made.post(f"{WHERE}/terms")
    async def accept_terms(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        fields = wanted_fields(exchange, "version", "decision")
        accepted = fields["decision"] == "accept"
        made = identity.accept_terms(_secret(exchange), fields["version"], accepted=accepted)
        return await _on(parts, exchange, made)

    @made.post(f"{WHERE}/consents")
    async def decide_consents(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        found = await _found(parts, exchange)
        answers = {one.id: fields_of(exchange).get(one.id, "") for one in found.documents}
        given = {name: said == "yes" for name, said in answers.items() if said in {"yes", "no"}}
        made = identity.decide_consents(_secret(exchange), given)
        return await _on(parts, exchange, made, ActivationView(stage="CONSENTS", given=answers))

    @made.post(f"{WHERE}/employee")
    async def bind_employee(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        fields = _secrets(exchange, "employee_number", "password")
        number = fields["employee_number"]
        made = identity.bind_employee(_secret(exchange), number, fields["password"])
        typed = ActivationView(stage="EMPLOYEE", employee_number=number)
        return await _on(parts, exchange, made, typed)

    @made.post(f"{WHERE}/code")
    async def send_code(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        wanted_fields(exchange)
        return await _on(parts, exchange, identity.send_activation_code(_secret(exchange)))

    @made.post(f"{WHERE}/approval")
    async def ask_approval(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        wanted_fields(exchange)
        return await _on(parts, exchange, identity.ask_approval(_secret(exchange)))

    @made.post(f"{WHERE}/confirm")
    async def confirm(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        code = "".join(wanted_fields(exchange, "code")["code"].split())
        try:
            step = await identity.confirm_activation(_secret(exchange), code)
        except ServiceError as fault:
            return await _again(parts, exchange, fault, None)
        return lead(step)

    @made.post(f"{WHERE}/leave")
    async def leave(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        wanted_fields(exchange)
        return see_other("/", cookie(LOGIN_COOKIE, "", 0))

    return made


def _secret(exchange: Exchange) -> str:
    return exchange.cookie(LOGIN_COOKIE).decode()


def _secrets(exchange: Exchange, *names: str) -> dict[str, str]:
    """Fields that may hold any sign. Raises Refused for one that is far too long."""
    given = fields_of(exchange)
    found = {name: given.get(name, "") for name in names}
    faults = [
        FieldFault(name, "TOO_LONG", "Слишком длинное значение.")
        for name, value in found.items()
        if len(value) > _MAX_SECRET
    ]
    if faults:
        raise Refused(problem("FIELDS_INVALID", errors=faults))
    return found


async def _found(parts: Parts, exchange: Exchange) -> pb.Activation:
    try:
        return await parts.identity.activation(_secret(exchange))
    except ServiceError as fault:
        raise Refused(sign_in_problem(fault)) from None


async def _on(
    parts: Parts,
    exchange: Exchange,
    made: Awaitable[pb.Activation],
    typed: ActivationView | None = None,
) -> Response:
    """To the page of the next step; the attempt lives on with each step that is done."""
    try:
        found = await made
    except ServiceError as fault:
        return await _again(parts, exchange, fault, typed)
    if found.HasField("next"):
        return lead(found.next)
    return see_other(WHERE, cookie(LOGIN_COOKIE, _secret(exchange), LOGIN_SECONDS))


async def _again(
    parts: Parts, exchange: Exchange, fault: ServiceError, typed: ActivationView | None
) -> Response:
    """The same step with what is wrong; what cannot be mended here ends the sign-in."""
    refusal = sign_in_problem(fault)
    if fault.reason not in _FIELDS:
        return refused(parts, exchange, refusal)
    if not exchange.wants_html:
        raise Refused(refusal)
    view = _view(await _found(parts, exchange))
    if typed is not None and typed.stage == view.stage:
        view = replace(view, given=typed.given, employee_number=typed.employee_number)
    view = replace(view, error=_error(refusal, fault.reason))
    answer = parts.composer.page(exchange, view, status=refusal.status)
    return with_headers(answer, *refusal.headers())


def _error(refusal: Problem, reason: str) -> FormError:
    fields: dict[str, tuple[str, ...]] = {}
    for one in refusal.errors:
        fields[one.field] = (*fields.get(one.field, ()), one.detail)
    if not fields and _FIELDS[reason]:
        fields[_FIELDS[reason]] = (refusal.detail,)
    if reason == "DOCUMENT_UNKNOWN":
        fields = {refusal.metadata.get("field", ""): ("Выберите один из двух ответов.",)}
    return FormError(
        text=f"{refusal.entry.title} {refusal.detail}", code=refusal.code, fields=fields
    )


def _view(found: pb.Activation) -> ActivationView:
    code = None
    if found.HasField("code"):
        code = SentCode(
            phone_masked=found.code.phone_masked,
            expire_time=found.code.expire_time.ToDatetime(UTC),
            attempts_left=found.code.attempts_left,
            resend_time=found.code.resend_time.ToDatetime(UTC),
        )
    ends = found.HasField("approval_expire_time")
    return ActivationView(
        stage=_STAGES[found.stage],
        greeting_name=found.greeting_name,
        texts=tuple(
            LegalText(
                id=one.id,
                version=one.version,
                title=one.title,
                purpose=one.purpose,
                paragraphs=tuple(one.paragraphs),
            )
            for one in found.documents
        ),
        phone_masked=found.phone_masked,
        code=code,
        approval_offered=found.approval_offered,
        approval=_APPROVALS.get(found.approval, "NONE"),
        approval_end=found.approval_expire_time.ToDatetime(UTC) if ends else None,
    )
