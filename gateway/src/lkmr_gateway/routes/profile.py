"""«Мои данные»: account number, contacts, consents."""

from collections.abc import Sequence
from dataclasses import replace

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway import items, schemas
from lkmr_gateway.body import fields_of, wanted_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange, Refused
from lkmr_gateway.pages.views.activation import LegalText
from lkmr_gateway.pages.views.profile import ConsentItem, OwnProfileView, PastDecision
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.routes.accreditations import unread_count
from lkmr_gateway.routing import JSON, json_answer, router, see_other, signed_in
from lkmr_gateway.schemas import NoQuery, read_query
from lkmr_gateway.schemas_identity import CabinetPassword
from lkmr_servicekit.errors import FieldFault, ServiceError
from lkmr_servicekit.identity import REDUCED

_NOTICES = {
    "GIVEN": "Согласие дано.",
    "WITHDRAWN": "Согласие отозвано.",
    "PASSWORD": "Пароль кабинета сохранён.",
}
_DECISIONS = frozenset({"GIVEN", "WITHDRAWN"})
_MAX_PASSWORD = 256


def api_routes(parts: Parts) -> APIRouter:
    """`/api/v1/profile`, `/api/v1/consents/{consent}`."""
    made = router(parts.gate, api=True)

    @made.get("/api/v1/profile", response_model=schemas.OwnProfile, summary="Мои данные")
    async def read(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        body, etag = await parts.identity.profile(entry)
        return json_answer(exchange, body, etag)

    @made.post(
        "/api/v1/consents/{consent}",
        response_model=schemas.OwnProfile,
        summary="Дать или отозвать согласие",
        openapi_extra=schemas.json_body(schemas.ConsentChoice),
    )
    async def decide(request: Request, consent: str) -> Response:
        exchange, entry = signed_in(request)
        given = _given(exchange)
        body = await parts.identity.decide_consent(entry, consent, given=given)
        return Response(body, media_type=JSON)

    @made.post(
        "/api/v1/profile/password",
        status_code=204,
        summary="Задать или изменить пароль кабинета",
        openapi_extra=schemas.json_body(CabinetPassword),
    )
    async def set_password(request: Request) -> Response:
        exchange, entry = signed_in(request)
        await parts.identity.set_password(entry, _password(exchange))
        return Response(status_code=204)

    return made


def page_routes(parts: Parts) -> APIRouter:
    """`/profile` and its forms."""
    made = router(parts.gate, api=False)

    @made.get("/profile")
    async def page(request: Request, decided: str = "") -> Response:
        exchange, entry = signed_in(request)
        return await _page(parts, exchange, entry, notice=_NOTICES.get(decided, ""))

    @made.post("/profile/password")
    async def set_password(request: Request) -> Response:
        exchange, entry = signed_in(request)
        password = _password(exchange)
        if password != fields_of(exchange).get("repeat", ""):
            fault = FieldFault("repeat", "DIFFERS", "Пароли не совпали.")
            return await _page(parts, exchange, entry, faults=[fault], status=422)
        try:
            await parts.identity.set_password(entry, password)
        except ServiceError as refusal:
            if refusal.reason != "PASSWORD_WEAK":
                raise
            return await _page(parts, exchange, entry, faults=refusal.fields, status=422)
        return see_other("/profile?decided=PASSWORD")

    @made.post("/profile/consents/{consent}")
    async def decide(request: Request, consent: str) -> Response:
        exchange, entry = signed_in(request)
        given = _given(exchange)
        await parts.identity.decide_consent(entry, consent, given=given)
        return see_other(f"/profile?decided={'GIVEN' if given else 'WITHDRAWN'}")

    return made


async def _page(
    parts: Parts,
    exchange: Exchange,
    entry: Entry,
    *,
    notice: str = "",
    faults: Sequence[FieldFault] = (),
    status: int = 200,
) -> Response:
    body, _ = await parts.identity.profile(entry)
    unread = await unread_count(parts, entry)
    view = replace(
        _view(orjson.loads(body), notice),
        password_faults=tuple(one.detail for one in faults),
        may_set_password=entry.assurance != REDUCED,
    )
    return parts.composer.page(exchange, view, unread=unread, status=status)


def _password(exchange: Exchange) -> str:
    """A new password; it may hold any sign. Raises Refused for one that is far too long."""
    password = fields_of(exchange).get("password", "")
    if not 0 < len(password) <= _MAX_PASSWORD:
        fault = FieldFault("password", "INVALID", "Значение не подходит.")
        raise Refused(problem("FIELDS_INVALID", errors=[fault]))
    return password


def _given(exchange: Exchange) -> bool:
    decision = wanted_fields(exchange, "decision")["decision"]
    if decision not in _DECISIONS:
        fault = FieldFault("decision", "INVALID", "GIVEN или WITHDRAWN.")
        raise Refused(problem("FIELDS_INVALID", errors=[fault]))
    return decision == "GIVEN"


def _view(value: items.Json, notice: str) -> OwnProfileView:
    names = (value["family_name"], value["given_name"], value["patronymic"])
    titles = {one["id"]: one["title"] for one in value["consents"]}
    return OwnProfileView(
        full_name=" ".join(name for name in names if name),
        account_number=value["account_number"],
        phone=value["phone"],
        email=value["email"],
        password_set=value["password_set"],
        consents=tuple(
            ConsentItem(
                text=LegalText(
                    id=one["id"],
                    version=one["version"],
                    title=one["title"],
                    purpose=one["purpose"],
                    paragraphs=tuple(one["paragraphs"]),
                ),
                terms=one["kind"] == "TERMS",
                decision=one["decision"] or "NONE",
                time=items.moment(one["decide_time"]) if one["decide_time"] else None,
            )
            for one in value["consents"]
        ),
        history=tuple(
            PastDecision(
                title=titles.get(one["document"], one["document"]),
                version=one["version"],
                decision=one["decision"],
                time=items.moment(one["time"]),
            )
            for one in value["history"]
        ),
        notice=notice,
    )
