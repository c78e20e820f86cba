"""The stream of events, described; served by `Streams.serve` as plain ASGI."""

from fastapi import APIRouter, Request, Response

from lkmr_gateway.exchange import Refused
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.routing import router

EVENTS = "/api/v1/events"


def api_routes(parts: Parts) -> APIRouter:
    """`GET /api/v1/events`."""
    made = router(parts.gate, api=True)

    @made.get(
        EVENTS,
        response_class=Response,
        responses={
            200: {
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
                "description": "message (item of /api/v1/messages, resumable by Last-Event-ID), "
                "changed ({name}), reconnect, session_ended",
            }
        },
        summary="События для открытой страницы",
    )
    async def events(_: Request) -> Response:
        raise Refused(problem("METHOD_NOT_ALLOWED", allow="GET"))

    return made
