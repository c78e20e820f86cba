"""What a process tells about itself on its own port: /healthz, /readyz/self, /metrics."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import orjson
import uvicorn
from prometheus_client import generate_latest

from lkmr_servicekit.settings import host_and_port
from lkmr_servicekit.telemetry import REGISTRY

Check = Callable[[], Awaitable[bool]]


class Health:
    """Whether this process serves: its own state only, never that of its peers."""

    def __init__(self, checks: Mapping[str, Check] | None = None) -> None:
        self.checks = dict(checks or {})
        self.started = False
        self.draining = False

    async def ready(self) -> tuple[bool, dict[str, bool]]:
        """Ready when started, not draining, and each own check passes within a second."""
        states = {"started": self.started, "draining": self.draining}
        for name, check in self.checks.items():
            try:
                states[name] = await asyncio.wait_for(check(), 1)
            except TimeoutError:
                states[name] = False
        good = self.started and not self.draining and all(states[name] for name in self.checks)
        return good, states

    async def __call__(self, scope: dict[str, Any], _: Any, send: Any) -> None:
        path = scope.get("path", "")
        if path == "/healthz":
            await _answer(send, 200, b'{"alive":true}')
        elif path == "/readyz/self":
            good, states = await self.ready()
            await _answer(send, 200 if good else 503, orjson.dumps({"ready": good, **states}))
        elif path == "/metrics":
            await _answer(send, 200, generate_latest(REGISTRY), b"text/plain; version=0.0.4")
        else:
            await _answer(send, 404, b"{}")


@asynccontextmanager
async def serve_health(listen: str, health: Health) -> AsyncIterator[None]:
    """Serve the health port while the block runs."""
    host, port = host_and_port(listen)
    config = uvicorn.Config(
        health, host=host, port=port, lifespan="off", access_log=False, log_config=None
    )
    server = QuietServer(config)
    task = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await task


class QuietServer(uvicorn.Server):
    """A uvicorn server that leaves signals to the program."""

    def install_signal_handlers(self) -> None:
        """Leave signals alone."""

    def capture_signals(self) -> Any:
        """Leave signals alone (newer uvicorn)."""
        from contextlib import nullcontext  # noqa: PLC0415 - only here

        return nullcontext()


async def _answer(send: Any, status: int, body: bytes, kind: bytes = b"application/json") -> None:
    headers = [(b"content-type", kind), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
