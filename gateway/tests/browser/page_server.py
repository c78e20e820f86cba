"""Serves sample pages with the real policy, and plays the routes that their scripts call."""

import asyncio
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from page_samples import PAGES

from lkmr_gateway.pages.assets import serve_asset
from lkmr_gateway.pages.policy import content_security_policy
from lkmr_gateway.pages.render import render
from lkmr_gateway.pages.views.frame import Chrome

_NOTHING = {
    "/api/v1/drafts": b'{"items":[]}',
    "/api/v1/step-up": b'{"passkey_offered":false}',
    "/verify/keys.json": b'{"keys":[]}',
}
"""What scripts ask for by themselves when a page opens."""


@dataclass
class PageServer:
    """Pages by address; what was asked of it; events to send to the open page."""

    pages: dict[str, tuple[Any, Chrome]]
    origin: str = ""
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=lambda: dict(_NOTHING))
    streams: list[asyncio.Queue[bytes]] = field(default_factory=list)
    loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        if path.startswith("/static/"):
            await serve_asset(scope, receive, send)
            return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.asked.append((scope["method"], path, headers))
        if path == "/api/v1/events":
            await self._stream(receive, send)
        elif path in self.answers:
            await _answer(send, self.answers[path], b"", b"text/plain")
        elif path in self.files:
            await _answer(send, 200, self.files[path], b"application/json")
        elif path == "/help/found":
            await _answer(send, 204, b"", b"text/plain")
        else:
            query = parse_qs(scope["query_string"].decode())
            await self._page(path, query, send)

    async def _page(self, path: str, query: dict[str, list[str]], send: Any) -> None:
        found = self.pages.get(path)
        if found is None:
            await _answer(send, 404, b"none", b"text/plain")
            return
        view, chrome = found
        if "ended" in query and "/ended" in self.pages:
            view, chrome = self.pages["/ended"]
        nonce = secrets.token_urlsafe(16)
        body = render(view.template, view, chrome=replace(chrome, nonce=nonce))
        policy = content_security_policy(nonce).encode()
        await _answer(send, 200, body, b"text/html; charset=utf-8", policy)

    async def _stream(self, receive: Any, send: Any) -> None:
        events: asyncio.Queue[bytes] = asyncio.Queue()
        self.streams.append(events)
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b": open\n\n", "more_body": True})
        gone = asyncio.create_task(_gone(receive))
        try:
            while not gone.done():
                waiting = asyncio.create_task(events.get())
                await asyncio.wait({gone, waiting}, return_when=asyncio.FIRST_COMPLETED)
                if not waiting.done():
                    waiting.cancel()
                    break
                await send(
                    {"type": "http.response.body", "body": waiting.result(), "more_body": True}
                )
        finally:
            gone.cancel()
            self.streams.remove(events)

    def say(self, event: str, data: str) -> None:
        """Send an event to every open stream."""
        assert self.loop is not None
        body = f"event: {event}\ndata: {data}\n\n".encode()
        for events in list(self.streams):
            self.loop.call_soon_threadsafe(events.put_nowait, body)

    def requests(self, path: str, method: str = "GET") -> list[dict[str, str]]:
        """Headers of what was asked at an address."""
        return [headers for way, asked, headers in self.asked if (way, asked) == (method, path)]


async def _gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Any, status: int, body: bytes, kind: bytes, policy: bytes = b"") -> None:
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body))]
    if policy:
        headers.append((b"content-security-policy", policy))
        headers.append((b"cache-control", b"no-store"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(pages: dict[str, tuple[Any, Chrome]] | None = None) -> Iterator[PageServer]:
    """A server on a free port; sample names are addresses unless pages are given."""
    given = pages or {f"/{name}": page for name, page in PAGES.items()}
    app = PageServer(pages=given)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        app.origin = f"http://localhost:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            app, log_level="error", lifespan="off", timeout_graceful_shutdown=1, http="httptools"
        )
        server = uvicorn.Server(config)

        async def run() -> None:
            app.loop = asyncio.get_running_loop()
            await server.serve(sockets=[listener])

        thread = threading.Thread(target=asyncio.run, args=(run(),))
        thread.start()
        try:
            yield app
        finally:
            server.should_exit = True
            thread.join()
