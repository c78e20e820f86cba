"""Step-up without a code by SMS: by a passkey or by a backup code."""

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway import schemas, schemas_identity
from lkmr_gateway.body import fields_of, typed_fields, wanted_fields
from lkmr_gateway.exchange import App
from lkmr_gateway.parts import Parts
from lkmr_gateway.routes.step_up import again, carried_in, go_on, stepped_up
from lkmr_gateway.routing import made_json, router, signed_in
from lkmr_gateway.schemas_identity import PasskeyOptions
from lkmr_servicekit.errors import ServiceError

_MAX_CREDENTIAL, _MAX_TEXT = 4000, 256


def api_routes(parts: Parts) -> APIRouter:
    """`/api/v1/step-up/passkey…`, `/api/v1/step-up/backup-code`."""
    made = router(parts.gate, api=True)

    @made.post(
        "/api/v1/step-up/passkey", response_model=PasskeyOptions, summary="Спросить ключ входа"
    )
    async def start(request: Request) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        options = await parts.passkeys.start_proof(entry, exchange.origin)
        return made_json({"options": orjson.loads(options)})

    @made.post(
        "/api/v1/step-up/passkey/confirm",
        response_model=schemas.SteppedUp,
        summary="Подтвердить себя ключом входа",
        openapi_extra=schemas.json_body(schemas_identity.PasskeyProof),
    )
    async def by_passkey(request: Request) -> Response:
        exchange, entry = signed_in(request)
        credential = typed_fields(exchange, "credential")["credential"]
        return await stepped_up(parts, exchange, await parts.passkeys.prove(entry, credential))

    @made.post(
        "/api/v1/step-up/backup-code",
        response_model=schemas.SteppedUp,
        summary="Подтвердить себя резервным кодом",
        openapi_extra=schemas.json_body(schemas.Confirmation),
    )
    async def by_backup_code(request: Request) -> Response:
        exchange, entry = signed_in(request)
        fields = wanted_fields(exchange, "code", "password")
        started = await parts.passkeys.prove_by_code(entry, fields["code"], fields["password"])
        return await stepped_up(parts, exchange, started)

    return made


def page_routes(parts: Parts, app: App) -> APIRouter:
    """The forms of `/step-up` for keys and backup codes; `app` takes the form that waited."""
    made = router(parts.gate, api=False)

    @made.post("/step-up/passkey")
    async def by_passkey(request: Request) -> Response:
        exchange, entry = signed_in(request)
        carried = carried_in(exchange)
        credential = fields_of(exchange).get("credential", "")[:_MAX_CREDENTIAL]
        try:
            started = await parts.passkeys.prove(entry, credential)
        except ServiceError as fault:
            return await again(parts, exchange, entry, carried, fault)
        return go_on(app, exchange, carried, started)

    @made.post("/step-up/backup-code")
    async def by_backup_code(request: Request) -> Response:
        exchange, entry = signed_in(request)
        carried, fields = carried_in(exchange), fields_of(exchange)
        code = fields.get("backup_code", "")[:_MAX_TEXT]
        password = fields.get("backup_password", "")[:_MAX_TEXT]
        try:
            started = await parts.passkeys.prove_by_code(entry, code, password)
        except ServiceError as fault:
            return await again(parts, exchange, entry, carried, fault)
        return go_on(app, exchange, carried, started)

    return made
