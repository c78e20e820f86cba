"""Probes: the process, its own readiness, and the whole cabinet for people and outside checks."""

import orjson
from fastapi import APIRouter, Response

from lkmr_gateway.parts import Parts
from lkmr_gateway.routing import JSON, router


def routes(parts: Parts) -> APIRouter:
    """`/healthz`, `/readyz`, `/readyz/self`."""
    made = router(parts.gate, api=False)

    @made.get("/healthz")
    async def alive() -> Response:
        return Response(b'{"alive":true}', media_type=JSON)

    @made.get("/readyz/self")
    async def ready_self() -> Response:
        good, states = await parts.health.ready()
        return _answer(good=good, states=states)

    @made.get("/readyz")
    async def ready() -> Response:
        good, _ = await parts.health.ready()
        services = await parts.systems.services()
        states = {"gateway": good, **services}
        return _answer(good=all(states.values()), states={"services": states})

    return made


def _answer(*, good: bool, states: object) -> Response:
    body = orjson.dumps({"ready": good, **(states if isinstance(states, dict) else {})})
    return Response(body, 200 if good else 503, media_type=JSON)
