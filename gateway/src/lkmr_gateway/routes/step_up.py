"""Step-up: the person proves once more who they are; what they were doing goes on afterwards."""

from dataclasses import replace
from datetime import UTC

import orjson
from fastapi import APIRouter, Request, Response
from lkmr.auth.v1 import auth_service_pb2 as auth_pb
from lkmr.auth.v1 import identity_service_pb2 as pb

from lkmr_gateway import schemas
from lkmr_gateway.body import fields_of, wanted_fields
from lkmr_gateway.entry import Entry, key_of
from lkmr_gateway.exchange import SESSION_COOKIE, App, Exchange, Refused, cookie
from lkmr_gateway.kept_form import KeptForm, SentOn, read_kept
from lkmr_gateway.pages.views.step_up import SentCode, StepUpView
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem, problem_of
from lkmr_gateway.return_to import safe_return_to
from lkmr_gateway.routing import JSON, router, see_other, signed_in, with_headers
from lkmr_gateway.schemas import NoQuery, read_query
from lkmr_servicekit.errors import FieldFault, ServiceError

_AT_CODE = frozenset(
    {
        "CODE_WRONG",
        "CODE_EXPIRED",
        "CODE_REPLACED",
        "CODE_INCOMPLETE",
        "CODE_NOT_SENT",
        "CODE_TOO_SOON",
        "CODE_NOT_DELIVERED",
        "PHONE_MISSING",
    }
)
_AT_PASSWORD = frozenset({"CABINET_PASSWORD_WRONG", "CABINET_PASSWORD_WAIT"})
_AT_BACKUP = frozenset({"BACKUP_CODE_WRONG", "BACKUP_CODE_WAIT"})
_AT_KEY = frozenset({"PASSKEY_REFUSED", "PASSKEY_MISSING"})
_MAX_PASSWORD = 256


def api_routes(parts: Parts) -> APIRouter:
    """`/api/v1/step-up…`."""
    made = router(parts.gate, api=True)

    @made.get("/api/v1/step-up", response_model=schemas.StepUp, summary="Как подтвердить себя")
    async def state(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        return _state(await parts.identity.step_up(entry, exchange.origin), entry)

    @made.post(
        "/api/v1/step-up/code", response_model=schemas.StepUp, summary="Получить код подтверждения"
    )
    async def send_code(request: Request) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        return _state(await parts.identity.start_step_up(entry, exchange.origin), entry)

    @made.post(
        "/api/v1/step-up/confirm",
        response_model=schemas.SteppedUp,
        summary="Подтвердить, что это вы",
        openapi_extra=schemas.json_body(schemas.Confirmation),
    )
    async def confirm(request: Request) -> Response:
        exchange, entry = signed_in(request)
        fields = wanted_fields(exchange, "code", "password")
        code = "".join(fields["code"].split())
        started = await parts.identity.confirm_step_up(entry, code, fields["password"])
        return await stepped_up(parts, exchange, started)

    return made


async def stepped_up(parts: Parts, exchange: Exchange, started: auth_pb.SessionStarted) -> Response:
    """The session under its new id, as JSON."""
    key = key_of(started.session_cookie.encode())
    entry = await parts.sessions.resolve(key, exchange.headers.get(b"user-agent", b""))
    made = {
        "assurance": entry.assurance,
        "step_up_expire_time": _text_of(entry, parts),
        "csrf_token": parts.csrf.session_token(entry.csrf_seed),
    }
    answer = Response(orjson.dumps(made), media_type=JSON)
    return with_headers(answer, cookie(SESSION_COOKIE, started.session_cookie))


def page_routes(parts: Parts, app: App) -> APIRouter:
    """`/step-up`; `app` takes the form that waited."""
    made = router(parts.gate, api=False)

    @made.get("/step-up")
    async def page(request: Request, return_to: str = "") -> Response:
        exchange, entry = signed_in(request)
        found = await parts.identity.step_up(entry, exchange.origin)
        view = _view(found, KeptForm(), safe_return_to(return_to))
        return parts.composer.page(exchange, view)

    @made.post("/step-up/code")
    async def send_code(request: Request) -> Response:
        exchange, entry = signed_in(request)
        form, return_to = carried_in(exchange)
        try:
            found = await parts.identity.start_step_up(entry, exchange.origin)
        except ServiceError as fault:
            return await again(parts, exchange, entry, (form, return_to), fault)
        return parts.composer.page(exchange, _view(found, form, return_to))

    @made.post("/step-up")
    async def confirm(request: Request) -> Response:
        exchange, entry = signed_in(request)
        form, return_to = carried_in(exchange)
        fields = fields_of(exchange)
        code, password = "".join(fields.get("code", "").split()), fields.get("password", "")
        if len(code) > _MAX_PASSWORD or len(password) > _MAX_PASSWORD:
            fault = FieldFault("password", "INVALID", "Значение не подходит.")
            raise Refused(problem("FIELDS_INVALID", errors=[fault]))
        try:
            started = await parts.identity.confirm_step_up(entry, code, password)
        except ServiceError as fault:
            return await again(parts, exchange, entry, (form, return_to), fault)
        return go_on(app, exchange, (form, return_to), started)

    return made


def go_on(
    app: App, exchange: Exchange, carried: tuple[KeptForm, str], started: auth_pb.SessionStarted
) -> Response:
    """Under the new id to the page that was asked for, or send the form on that waited."""
    form, return_to = carried
    renewed = cookie(SESSION_COOKIE, started.session_cookie)
    if not form.action:
        return see_other(return_to, renewed)
    exchange.set_cookies.append(renewed)
    pair = SESSION_COOKIE + b"=" + started.session_cookie.encode()
    return SentOn(app, exchange, form, pair)


def carried_in(exchange: Exchange) -> tuple[KeptForm, str]:
    """The form that waits and the page to open, as a form of `/step-up` brings them."""
    fields = fields_of(exchange)
    return read_kept(fields), safe_return_to(fields.get("return_to", ""))


async def again(
    parts: Parts,
    exchange: Exchange,
    entry: Entry,
    carried: tuple[KeptForm, str],
    fault: ServiceError,
) -> Response:
    """The same page with what went wrong at its field. Raises what cannot be mended here."""
    if fault.reason not in _AT_CODE | _AT_PASSWORD | _AT_BACKUP | _AT_KEY:
        raise fault
    refusal = problem_of(fault)
    found = await parts.identity.step_up(entry, exchange.origin)
    view = replace(
        _view(found, *carried),
        error=f"{refusal.entry.title} {refusal.detail}",
        error_code=refusal.code,
        error_field=_field_of(fault.reason, exchange, found),
    )
    answer = parts.composer.page(exchange, view, status=refusal.status)
    return with_headers(answer, *refusal.headers())


def _field_of(reason: str, exchange: Exchange, found: pb.StepUp) -> str:
    """The field of the page that a refusal belongs to; empty for none."""
    if reason in _AT_BACKUP:
        return "backup_code"
    if reason in _AT_PASSWORD and exchange.path.endswith("/backup-code"):
        return "backup_password"
    if reason in _AT_KEY or not found.HasField("code"):
        return ""
    return "code" if reason in _AT_CODE else "password"


def _view(found: pb.StepUp, form: KeptForm, return_to: str) -> StepUpView:
    code = None
    if found.HasField("code"):
        code = SentCode(
            phone_masked=found.code.phone_masked,
            expire_time=found.code.expire_time.ToDatetime(UTC),
            attempts_left=found.code.attempts_left,
            resend_time=found.code.resend_time.ToDatetime(UTC),
        )
    return StepUpView(
        return_to=return_to,
        action=form.action,
        kept=form.body,
        code=code,
        password_required=found.password_required,
        passkey_offered=found.passkey_offered,
        backup_code_offered=found.backup_code_offered,
    )


def _state(found: pb.StepUp, entry: Entry) -> Response:
    code = None
    if found.HasField("code"):
        code = {
            "phone_masked": found.code.phone_masked,
            "expire_time": found.code.expire_time.ToJsonString(),
            "attempts_left": found.code.attempts_left,
            "resend_time": found.code.resend_time.ToJsonString(),
        }
    fresh = found.HasField("expire_time")
    made = {
        "assurance": entry.assurance,
        "step_up_expire_time": found.expire_time.ToJsonString() if fresh else None,
        "password_required": found.password_required,
        "passkey_offered": found.passkey_offered,
        "backup_code_offered": found.backup_code_offered,
        "code": code,
    }
    return Response(orjson.dumps(made), media_type=JSON)


def _text_of(entry: Entry, parts: Parts) -> str:
    moment = parts.clock.now() + entry.step_up_left()
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
