"""Own passkeys and backup codes: kept on the page «Безопасность»."""

from dataclasses import replace

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway import schemas_identity as schemas
from lkmr_gateway.body import typed_fields, wanted_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange
from lkmr_gateway.pages.views.passkeys import BackupCodesView, NewPasskeyView
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem_of
from lkmr_gateway.routing import JSON, json_answer, made_json, router, see_other, signed_in
from lkmr_gateway.schemas import NoQuery, json_body, read_query
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.identity import STEPPED_UP

NEW = "/security/passkeys/new"
_AT_NAME = frozenset({"PASSKEY_NAME_INVALID"})
_AT_KEY = frozenset({"PASSKEY_REFUSED", "PASSKEY_TAKEN", "TOO_MANY_PASSKEYS"})


def api_routes(parts: Parts) -> APIRouter:
    """`/api/v1/passkeys…`, `/api/v1/backup-codes`."""
    made = router(parts.gate, api=True)

    @made.get("/api/v1/passkeys", response_model=schemas.Passkeys, summary="Мои ключи входа")
    async def read(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        found = await parts.passkeys.read(entry)
        return json_answer(exchange, found.body, found.etag)

    @made.post(
        "/api/v1/passkeys/options",
        response_model=schemas.PasskeyOptions,
        summary="Начать добавление ключа",
    )
    async def start(request: Request) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        options = await parts.passkeys.start(entry, exchange.origin)
        return made_json({"options": orjson.loads(options)})

    @made.post(
        "/api/v1/passkeys",
        response_model=schemas.Passkeys,
        status_code=201,
        summary="Добавить ключ",
        openapi_extra=json_body(schemas.NewPasskey),
    )
    async def create(request: Request) -> Response:
        exchange, entry = signed_in(request)
        fields = typed_fields(exchange, "name", "credential")
        found = await parts.passkeys.create(entry, fields["name"], fields["credential"])
        return Response(found.body, 201, media_type=JSON)

    @made.patch(
        "/api/v1/passkeys/{passkey}",
        response_model=schemas.Passkeys,
        summary="Переименовать ключ",
        openapi_extra=json_body(schemas.PasskeyName),
    )
    async def rename(request: Request, passkey: str) -> Response:
        exchange, entry = signed_in(request)
        name = wanted_fields(exchange, "name")["name"]
        found = await parts.passkeys.rename(entry, passkey, name)
        return Response(found.body, media_type=JSON)

    @made.delete(
        "/api/v1/passkeys/{passkey}", response_model=schemas.Passkeys, summary="Удалить ключ"
    )
    async def remove(request: Request, passkey: str) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        found = await parts.passkeys.remove(entry, passkey)
        return Response(found.body, media_type=JSON)

    @made.post(
        "/api/v1/backup-codes",
        response_model=schemas.BackupCodes,
        status_code=201,
        summary="Выпустить резервные коды",
    )
    async def backup_codes(request: Request) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        codes = await parts.passkeys.backup_codes(entry)
        return made_json({"codes": list(codes)}, 201)

    return made


def page_routes(parts: Parts) -> APIRouter:
    """`/security/passkeys…` and `/security/backup-codes`."""
    made = router(parts.gate, api=False)

    @made.get(NEW)
    async def new(request: Request) -> Response:
        exchange, entry = signed_in(request)
        return await _new_page(parts, exchange, entry, NewPasskeyView())

    @made.post("/security/passkeys")
    async def create(request: Request) -> Response:
        exchange, entry = signed_in(request)
        fields = typed_fields(exchange, "name", "credential")
        try:
            await parts.passkeys.create(entry, fields["name"], fields["credential"])
        except ServiceError as fault:
            if fault.reason not in _AT_NAME | _AT_KEY:
                raise
            refusal = problem_of(fault)
            at_name = fault.reason in _AT_NAME
            view = NewPasskeyView(
                name=fields["name"][:60],
                error="Дайте ключу имя до 60 знаков." if at_name else refusal.entry.title,
                error_code=refusal.code,
                error_field="name" if at_name else "",
            )
            return await _new_page(parts, exchange, entry, view, status=refusal.status)
        return see_other("/security?done=key_added")

    @made.post("/security/passkeys/{passkey}/rename")
    async def rename(request: Request, passkey: str) -> Response:
        exchange, entry = signed_in(request)
        name = wanted_fields(exchange, "name")["name"]
        await parts.passkeys.rename(entry, passkey, name)
        return see_other("/security?done=key_renamed")

    @made.post("/security/passkeys/{passkey}/remove")
    async def remove(request: Request, passkey: str) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        await parts.passkeys.remove(entry, passkey)
        return see_other("/security?done=key_removed")

    @made.post("/security/backup-codes")
    async def backup_codes(request: Request) -> Response:
        exchange, entry = signed_in(request)
        wanted_fields(exchange)
        codes = await parts.passkeys.backup_codes(entry)
        return parts.composer.page(exchange, BackupCodesView(codes=tuple(codes)))

    return made


async def _new_page(
    parts: Parts, exchange: Exchange, entry: Entry, view: NewPasskeyView, *, status: int = 200
) -> Response:
    """The page with a fresh challenge, after a step-up; or that there can be no more keys."""
    if entry.assurance != STEPPED_UP:
        return see_other(f"/step-up?return_to={NEW}")
    try:
        options = await parts.passkeys.start(entry, exchange.origin)
    except ServiceError as fault:
        if fault.reason != "TOO_MANY_PASSKEYS":
            raise
        refusal = problem_of(fault)
        full = replace(view, error=refusal.entry.title, error_code=refusal.code)
        return parts.composer.page(exchange, full, status=refusal.status)
    return parts.composer.page(exchange, replace(view, options=options), status=status)
