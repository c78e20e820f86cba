"""Checks of extracts, open to everybody: against the register, and with no network."""

import re

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway import items
from lkmr_gateway.exchange import Refused, exchange_of
from lkmr_gateway.pages.views.accreditation import VerifyOfflineView, VerifyView
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.routing import router

_EXTRACT_CODE = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")


def routes(parts: Parts) -> APIRouter:
    """`/verify/…`; fixed addresses stand before the one of a code."""
    made = router(parts.gate, api=False)
    compose = parts.composer

    @made.get("/verify/offline")
    async def verify_offline(request: Request) -> Response:
        return compose.page(exchange_of(request.scope), VerifyOfflineView())

    @made.get("/verify/keys.json")
    async def seal_keys(_: Request) -> Response:
        return Response(
            await parts.accreditations.seal_keys(), media_type="application/jwk-set+json"
        )

    @made.get("/verify/{code}")
    async def verify(request: Request, code: str) -> Response:
        if not _EXTRACT_CODE.match(code):
            raise Refused(problem("EXTRACT_NOT_FOUND"))
        found = orjson.loads(await parts.accreditations.verify(code))
        view = VerifyView(
            content=items.extract_content(found["content"]),
            matches_register=found["matches_register"],
            state=found["state"],
            sha256=found["sha256"],
        )
        return compose.page(exchange_of(request.scope), view)

    return made
