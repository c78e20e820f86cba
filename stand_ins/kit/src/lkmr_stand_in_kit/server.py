"""Runs a stand-in: listeners, plain and with mutual TLS, until SIGTERM or SIGINT."""

import asyncio
import signal
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from lkmr_servicekit.settings import host_and_port
from lkmr_servicekit.telemetry import configure_logging, log

STOP_SECONDS = 1
CUT = "lkmr.cut"
App = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class MutualTls:
    """Files for TLS 1.3 where the client must show a certificate that `ca` signed."""

    cert: Path
    key: Path
    ca: Path

    def context(self) -> ssl.SSLContext:
        """The server's side of TLS 1.3. Raises OSError when a file is absent or unreadable."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.minimum_version = ssl.TLSVersion.TLSv1_3
        made.verify_mode = ssl.CERT_REQUIRED
        made.load_cert_chain(self.cert, self.key)
        made.load_verify_locations(self.ca)
        return made


@dataclass(frozen=True, slots=True)
class Listener:
    """An address (`127.0.0.1:8082`, port 0 means any free one) and what answers there."""

    listen: str
    app: App
    tls: MutualTls | None = None


class _CuttableProtocol(HttpToolsProtocol):
    """HTTP whose application may cut the TCP connection by calling `scope[CUT]`."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)[CUT] = self.transport.abort


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the program: several servers share them."""
        yield


@asynccontextmanager
async def serving(*listeners: Listener) -> AsyncIterator[list[int]]:
    """Serve until the block ends; gives the ports in the order of the listeners."""
    async with AsyncExitStack() as stack:
        ports = [await stack.enter_async_context(_serving(one)) for one in listeners]
        yield ports


@asynccontextmanager
async def _serving(listener: Listener) -> AsyncIterator[int]:
    host, port = host_and_port(listener.listen)
    bound = socket.create_server((host, port), backlog=1024)
    config = uvicorn.Config(
        listener.app,
        http=_CuttableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    config.load()
    config.ssl = listener.tls.context() if listener.tls else None
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[bound]))
    ready = asyncio.create_task(server.ready.wait())
    await asyncio.wait((ready, task), return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        ready.cancel()
        await task
    try:
        yield bound.getsockname()[1]
    finally:
        server.should_exit = True
        await task


def run(name: str, start: Callable[[AsyncExitStack], Awaitable[Sequence[Listener]]]) -> None:
    """Run a stand-in until SIGTERM or SIGINT; it stops within 2 s.

    `start` opens what the listeners need on the stack, which is closed after them.
    """
    configure_logging(name)
    uvloop.run(_main(start))


async def _main(start: Callable[[AsyncExitStack], Awaitable[Sequence[Listener]]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        listeners = await start(stack)
        async with serving(*listeners) as ports:
            log.info("stand_in.serves", ports=ports)
            await stop.wait()
            log.info("stand_in.stops")
