"""`/_control`: how tests and demonstrations steer a stand-in, and what they may ask it.

The cabinet never calls it. `Control` is the state, `BehaviourMiddleware` applies it to all requests
but those below `/_control`, `control_router` is the API.
"""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from fastapi import APIRouter, HTTPException

from lkmr_servicekit.clock import Clock
from lkmr_servicekit.telemetry import log
from lkmr_stand_in_kit.behaviour import (
    Behaviour,
    BehaviourChange,
    Behaviours,
    UnknownSystem,
    as_utc,
)
from lkmr_stand_in_kit.server import CUT

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_LIMIT = 16 * 1024
REQUESTS_KEPT = 1000
CONTROL = "/_control"
KEPT_HEADERS = frozenset(
    {"content-type", "content-length", "content-encoding", "soapaction", "user-agent", "accept"}
    | {"idempotency-key", "if-none-match", "x-request-id", "traceparent", "ttl", "urgency"}
)


class Control:
    """What a stand-in plays at the moment and what it received lately."""

    def __init__(self, clock: Clock, *, systems: Iterable[str] = ()) -> None:
        self.clock = clock
        self.behaviours = Behaviours(clock, systems=systems)
        self.requests: deque[dict[str, Any]] = deque(maxlen=REQUESTS_KEPT)


class BehaviourMiddleware:
    """Applies the behaviour to every request outside `/_control` and the `exempt` prefixes.

    `system_of` says by the path which system a request is for; None means the stand-in as a whole.
    """

    def __init__(
        self,
        app: App,
        control: Control,
        *,
        system_of: Callable[[str], str | None] = lambda _: None,
        exempt: tuple[str, ...] = (),
    ) -> None:
        self._app, self._control, self._system_of = app, control, system_of
        self._exempt = (CONTROL, *exempt)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._exempt):
            await self._app(scope, receive, send)
            return
        system = self._system_of(scope["path"])
        entry = _entry(scope, system, as_utc(self._control.clock.now()))
        self._control.requests.append(entry)
        await self._answer(scope, _recorded(receive, entry), _noted(send, entry), system)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, system: str | None) -> None:
        behaviours = self._control.behaviours
        behaviour = behaviours.of(system)
        if behaviour.availability == "down":
            await _cut(scope, receive)
            return
        if behaviour.availability == "overloaded":
            status = behaviours.next_overload_status()
            await _read_all(receive)
            await _refuse(
                send, status, max(1, math.ceil(behaviour.delay_seconds)), "OVERLOADED", {}
            )
            return
        if behaviour.availability == "maintenance":
            await _read_all(receive)
            end = {"until": as_utc(behaviour.until)} if behaviour.until else {}
            await _refuse(send, 503, behaviours.seconds_left(behaviour), "MAINTENANCE", end)
            return
        await _wait(behaviour)
        if behaviours.fails(behaviour):
            await _read_all(receive)
            await _refuse(send, 500, None, "INTERNAL", {})
            return
        await self._app(scope, receive, send)


def control_router(control: Control) -> APIRouter:
    """The part of `/_control` that all stand-ins have in common."""
    router = APIRouter(prefix=CONTROL)

    @router.get("/behaviour")
    async def get_behaviour() -> dict[str, Any]:
        return control.behaviours.state()

    @router.put("/behaviour")
    async def put_behaviour(change: BehaviourChange) -> dict[str, Any]:
        try:
            control.behaviours.set(change)
        except UnknownSystem as fault:
            raise HTTPException(422, str(fault)) from None
        log.info(
            "behaviour.changed", availability=change.availability, system=change.system or "all"
        )
        return control.behaviours.state()

    @router.get("/requests")
    async def list_requests(path: str = "", system: str | None = None) -> list[dict[str, Any]]:
        return [
            entry
            for entry in control.requests
            if entry["path"].startswith(path) and system in (None, entry["system"])
        ]

    @router.delete("/requests", status_code=204)
    async def forget_requests() -> None:
        control.requests.clear()

    @router.get("/health")
    async def health() -> dict[str, bool]:
        return {"ready": True}

    return router


def _entry(scope: Scope, system: str | None, moment: str) -> dict[str, Any]:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode("latin-1")
    return {
        "time": moment,
        "system": system,
        "method": scope["method"],
        "path": scope["path"],
        "query_keys": [key for key, _ in parse_qsl(query, keep_blank_values=True)],
        "headers": {name: value for name, value in headers.items() if name in KEPT_HEADERS},
        "body": "",
        "status": None,
    }


def _recorded(receive: Receive, entry: dict[str, Any]) -> Receive:
    kept = bytearray()
    with_files = entry["headers"].get("content-type", "").startswith("multipart/")

    async def recorded() -> Message:
        message = await receive()
        if message["type"] == "http.request" and len(kept) < BODY_LIMIT and not with_files:
            kept.extend(message.get("body", b"")[: BODY_LIMIT - len(kept)])
            entry["body"] = kept.decode("utf-8", errors="replace")
        return message

    return recorded


def _noted(send: Send, entry: dict[str, Any]) -> Send:
    async def noted(message: Message) -> None:
        if message["type"] == "http.response.start":
            entry["status"] = message["status"]
        await send(message)

    return noted


async def _wait(behaviour: Behaviour) -> None:
    if behaviour.delay:
        await asyncio.sleep(behaviour.delay)


async def _read_all(receive: Receive) -> None:
    message = await receive()
    while message["type"] == "http.request" and message.get("more_body"):
        message = await receive()


async def _cut(scope: Scope, receive: Receive) -> None:
    """Break the TCP connection and wait until it is gone, so that no answer is ever written."""
    scope[CUT]()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(
    send: Send, status: int, retry_after: int | None, code: str, more: dict[str, str]
) -> None:
    body = orjson.dumps({"code": code, **more})
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    if retry_after is not None:
        headers.append((b"retry-after", b"%d" % retry_after))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
