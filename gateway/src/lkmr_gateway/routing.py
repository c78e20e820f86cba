"""Routes of FastAPI that are admitted by the gate before anything of the request is read."""

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from lkmr_gateway.access import rule_of
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange, Header, exchange_of
from lkmr_gateway.gate import Gate
from lkmr_gateway.schemas import Problem

JSON = "application/json"
_FAULTS = (400, 401, 403, 404, 409, 422, 429, 503)


def router(gate: Gate, *, api: bool) -> APIRouter:
    """A router whose routes declare who may open them; undeclared ones do not start."""

    class GuardedRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()
            rules = {method: rule_of(method, self.path) for method in self.methods or ()}

            async def admitted(request: Request) -> Response:
                exchange = exchange_of(request.scope)
                exchange.route = self.path
                await gate.admit(exchange, rules[exchange.method])
                return await handle(request)

            return admitted

    responses: dict[int | str, dict[str, Any]] = {
        status: {"model": Problem, "content": {"application/problem+json": {}}}
        for status in _FAULTS
    }
    return APIRouter(
        route_class=GuardedRoute,
        include_in_schema=api,
        responses=responses if api else None,
        redirect_slashes=False,
    )


def signed_in(request: Request) -> tuple[Exchange, Entry]:
    """The exchange and session of a route whose rule asks for one."""
    exchange = exchange_of(request.scope)
    if exchange.session is None:
        raise LookupError("a route without a session in its rule")
    return exchange, exchange.session


def json_answer(exchange: Exchange, body: bytes, etag: str) -> Response:
    """JSON bytes as a service made them, or 304 when the caller has them."""
    tag = f'"{etag}"' if etag else ""
    if tag and tag in exchange.header(b"if-none-match"):
        return Response(status_code=304, headers={"etag": tag})
    return Response(body, media_type=JSON, headers={"etag": tag} if tag else None)


def made_json(value: object, status: int = 200) -> Response:
    """JSON that the gateway made."""
    return Response(orjson.dumps(value), status, media_type=JSON)


def with_headers(response: Response, *headers: Header) -> Response:
    """Add raw headers."""
    response.raw_headers.extend(headers)
    return response


def see_other(where: str, *headers: Header, status: int = 303) -> Response:
    """Lead the browser on (POST, redirect, GET)."""
    answer = Response(status_code=status, headers={"location": where})
    return with_headers(answer, *headers)
