"""«Мои данные»: account number, contacts, consents."""

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway import items, schemas
from lkmr_gateway.body import wanted_fields
from lkmr_gateway.exchange import Exchange, Refused
from lkmr_gateway.pages.views.activation import LegalText
from lkmr_gateway.pages.views.profile import ConsentItem, OwnProfileView, PastDecision
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.routes.accreditations import unread_count
from lkmr_gateway.routing import JSON, json_answer, router, see_other, signed_in
from lkmr_gateway.schemas import NoQuery, read_query
from lkmr_servicekit.errors import FieldFault

_NOTICES = {"GIVEN": "Согласие дано.", "WITHDRAWN": "Согласие отозвано."}


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

    return made


def page_routes(parts: Parts) -> APIRouter:
    """`/profile` and its forms."""
    made = router(parts.gate, api=False)

    @made.get("/profile")
    async def page(request: Request, decided: str = "") -> Response:
        exchange, entry = signed_in(request)
        body, _ = await parts.identity.profile(entry)
        unread = await unread_count(parts, entry)
        view = _view(orjson.loads(body), _NOTICES.get(decided, ""))
        return parts.composer.page(exchange, view, unread=unread)

    @made.post("/profile/consents/{consent}")
    async def decide(request: Request, consent: str) -> Response:
        exchange, entry = signed_in(request)
        given = _given(exchange)
        await parts.identity.decide_consent(entry, consent, given=given)
        return see_other(f"/profile?decided={'GIVEN' if given else 'WITHDRAWN'}")

    return made


def _given(exchange: Exchange) -> bool:
    decision = wanted_fields(exchange, "decision")["decision"]
    if decision not in _NOTICES:
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
