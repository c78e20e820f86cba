"""The address that the worker register calls when a card changed.

A call says only «look now»: what changed is read from the register itself, so a forged call can
do no more than hasten a look.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn

from lkmr_servicekit.health import QuietServer
from lkmr_servicekit.settings import host_and_port
from lkmr_servicekit.telemetry import counter, log

PATH = "/callbacks/frmr"
MAX_BODY = 16 * 1024
_calls = counter("lkmr_register_callbacks_total", "Calls of the worker register", ("status",))


class Callbacks:
    """A plain ASGI application with one path."""

    def __init__(self, wake: Callable[[], Awaitable[None]]) -> None:
        self._wake = wake

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        status = await self._answer(scope, receive)
        _calls.labels(str(status)).inc()
        headers = [(b"content-length", b"0"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def _answer(self, scope: dict[str, Any], receive: Any) -> int:
        if scope["path"] != PATH:
            return 404
        if scope["method"] != "POST":
            return 405
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return 400
            size += len(message.get("body", b""))
            more = message.get("more_body", False)
            if size > MAX_BODY:
                return 413
        await self._wake()
        return 204


@asynccontextmanager
async def serve_callbacks(
    listen: str, wake: Callable[[], Awaitable[None]], tls_dir: Path
) -> AsyncIterator[int]:
    """Serve by TLS 1.3 while the block runs; gives the port."""
    host, port = host_and_port(listen)
    config = uvicorn.Config(
        Callbacks(wake),
        host=host,
        port=port,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        limit_concurrency=100,
        timeout_keep_alive=15,
        ssl_certfile=str(tls_dir / "cert.pem"),
        ssl_keyfile=str(tls_dir / "key.pem"),
    )
    config.load()
    if config.ssl is None:
        raise RuntimeError("callbacks without TLS")
    config.ssl.minimum_version = ssl.TLSVersion.TLSv1_3
    server = QuietServer(config)
    task = asyncio.create_task(server.serve())
    try:
        while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has no event
            await asyncio.sleep(0.01)
        if task.done():
            await task
            raise OSError(f"cannot listen on {listen}")
        yield int(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        await task
    log.info("callbacks.stopped")
