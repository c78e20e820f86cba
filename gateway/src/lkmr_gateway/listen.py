"""The listeners: uvicorn with the limits of a server that has no proxy in front.

Deadlines, sizes and forms of the request that uvicorn itself does not check (reliability rules,
section 8). A refused request gets its status and the connection is closed.
"""

import asyncio
import logging
import re
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from lkmr_gateway.cycle import EdgeCycle
from lkmr_gateway.exchange import App
from lkmr_gateway.problems import PROBLEM_JSON, catalogue
from lkmr_servicekit.health import QuietServer
from lkmr_servicekit.settings import host_and_port

UPLOAD_SECONDS = 60.0
HEAD_SECONDS, BODY_SECONDS, KEEP_ALIVE_SECONDS, HANDSHAKE_SECONDS = 5.0, 30.0, 15, 5.0
MIN_BODY_RATE, RATE_GRACE_SECONDS = 1024, 5.0
MAX_LINE, MAX_HEADERS, MAX_FIELDS = 8 * 1024, 16 * 1024, 64
MAX_PIPELINED = 16
CONNECTIONS_PER_ADDRESS, CONNECTIONS = 100, 1000
GRACE_SECONDS = 4
LINGER_SECONDS = 1.0
MAX_LEFT_OVER, MAX_LEFT_OF_UPLOAD = 1024 * 1024, 32 * 1024 * 1024
_VERSIONS = frozenset({"1.0", "1.1"})
_TARGET = re.compile(rb"/[\x21-\x7e]*\Z")
_TEXTS = {400: "LKMR-SYS-009", 408: "LKMR-SYS-014", 431: "LKMR-SYS-015", 503: "LKMR-SYS-012"}
_PHRASES = {
    400: b"Bad Request",
    408: b"Request Timeout",
    431: b"Request Header Fields Too Large",
    503: b"Service Unavailable",
}


class Counted(Protocol):
    """What knows how many streams are open."""

    count: int


@dataclass(slots=True)
class Connections:
    """Open connections of this process, by address; streams of events are counted apart."""

    factor: float = 1.0
    limit_factor: float = 1.0
    streams: Counted | None = None
    by_address: Counter[str] = field(default_factory=Counter)
    total: int = 0

    def enter(self, address: str) -> bool:
        """Count a connection; False when there are too many."""
        self.total += 1
        self.by_address[address] += 1
        plain = self.total - (self.streams.count if self.streams else 0)
        return (
            plain <= CONNECTIONS * self.factor
            and self.by_address[address] <= CONNECTIONS_PER_ADDRESS * self.limit_factor
        )

    def leave(self, address: str) -> None:
        """A connection is gone."""
        self.total -= 1
        self.by_address[address] -= 1
        if self.by_address[address] <= 0:
            del self.by_address[address]


def _answer(status: int) -> bytes:
    one = catalogue()[_TEXTS[status]]
    body = (
        f'{{"type":"urn:lkmr:error:gateway:{one.reasons[0]}","title":"{one.title}",'
        f'"status":{status},"detail":"{one.detail}","code":"{one.code}",'
        f'"reason":"{one.reasons[0]}","instruction":["{one.instruction[0]}"],"trace_id":""}}'
    ).encode()
    head = (
        b"HTTP/1.1 %d %b\r\ncontent-type: %b\r\ncontent-length: %d\r\nconnection: close\r\n"
        b"cache-control: no-store\r\nx-content-type-options: nosniff\r\n\r\n"
    )
    return head % (status, _PHRASES[status], PROBLEM_JSON, len(body)) + body


class EdgeProtocol(HttpToolsProtocol):
    """One connection, with deadlines and strict forms."""

    connections_of: Connections

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._deadline: asyncio.TimerHandle | None = None
        self._head = bytearray()
        self._in_head = True
        self._refusal = 0
        self._size = 0
        self._fields = 0
        self._body_seen = 0
        self._most_left = MAX_LEFT_OVER
        self._started = 0.0
        self._body_seconds = BODY_SECONDS
        self._counted = self._left_over = False
        self.on_lost: Callable[[], None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the parent
        super().connection_made(transport)
        self._counted = True
        address = self.client[0] if self.client else ""
        if not self.connections_of.enter(address):
            self._refuse(503)
            return
        self._arm(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        if self._counted:
            self._counted = False
            self.connections_of.leave(self.client[0] if self.client else "")
        super().connection_lost(exc)
        if self.on_lost is not None:
            self.on_lost()

    def data_received(self, data: bytes) -> None:
        if self._refusal or self.transport.is_closing():
            return
        self._unset_keepalive_if_required()
        if self._in_head:
            if self._head:
                self._head += data
            if status := self._look_at_head(data):
                self._refuse(status)
                return
        else:
            self._body_seen += len(data)
            if self._left_over and self._body_seen > self._most_left:
                self.transport.close()
                return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # nothing is upgraded here; the request is answered as it is
        except (httptools.HttpParserError, ValueError, AttributeError):
            self._refuse(self._refusal or 400)

    def _look_at_head(self, data: bytes) -> int:
        """Status for forms that the parser lets through, and for a head that never ends; or 0."""
        text = bytes(self._head) if self._head else data
        end = text.find(b"\r\n\r\n")
        if end < 0:
            if not self._head:
                self._head += data
            if len(self._head) > MAX_LINE + MAX_HEADERS:
                return 431
            text = text.removesuffix(b"\r")
        else:
            text = text[: end + 4]
        lines = text.count(b"\r\n")
        if text.count(b"\n") != lines or text.count(b"\r") != lines or b"\x00" in text:
            return 400
        return 400 if b"\r\n " in text or b"\r\n\t" in text else 0

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._size = self._fields = 0
        self._body_seconds, self._most_left = BODY_SECONDS, MAX_LEFT_OVER
        self._in_head = True
        if self._deadline is None:
            self._arm(HEAD_SECONDS)
        if len(self.pipeline) > MAX_PIPELINED:
            self._stop(400)
        self.scope["extensions"] = {"lkmr.connection": {"protocol": self}}

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > MAX_LINE:
            self._stop(431)

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._size += len(name) + len(value) + 4
        self._fields += 1
        if self._size > MAX_HEADERS or self._fields > MAX_FIELDS:
            self._stop(431)

    def on_headers_complete(self) -> None:  # noqa: C901, PLR0912 - one list of checks, in one place
        hosts, length, coding = 0, b"", b""
        for name, value in self.headers:
            if name == b"host":
                hosts += 1
            elif name == b"content-length":
                if length or not value.isdigit():
                    self._stop(400)
                length = value
            elif name == b"content-type":
                upload = value.lower().startswith(b"multipart/form-data")
                if upload:  # so that a refusal is heard by who is still sending
                    self._body_seconds, self._most_left = UPLOAD_SECONDS, MAX_LEFT_OF_UPLOAD
            elif name == b"transfer-encoding":
                if coding or value != b"chunked":
                    self._stop(400)
                coding = value
        if hosts != 1 or (coding and length) or self.parser.get_http_version() not in _VERSIONS:
            self._stop(400)
        method = self.parser.get_method()
        if method == b"CONNECT" or self.url == b"*":
            self.url = b"/"  # the edge refuses the method
        elif not _TARGET.match(self.url):
            self._stop(400)
        self._in_head = False
        self._head.clear()
        self._body_seen = 0
        self._started = self.loop.time()
        if coding or int(length or b"0"):
            self._arm(RATE_GRACE_SECONDS, self._body_late)
        else:
            self._disarm()
        self._begin_request(method)

    def _begin_request(self, method: bytes) -> None:
        """Hand the request to the app, or let it wait for the answer before it."""
        version = self.parser.get_http_version()
        address = httptools.parse_url(self.url)
        path = address.path.decode("ascii")
        self.scope["method"] = method.decode("ascii")
        self.scope["http_version"] = version
        self.scope["path"] = unquote(path) if "%" in path else path
        self.scope["raw_path"] = address.path
        self.scope["query_string"] = address.query or b""
        before = self.cycle
        self.cycle = EdgeCycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and self.parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def on_message_complete(self) -> None:
        self._disarm()
        self._in_head = True
        super().on_message_complete()
        if self._left_over:
            self.transport.close()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        # an answer that went out before the body came in: the rest is read, dropped, and the end
        self._left_over = not self._in_head

    def _stop(self, status: int) -> None:
        self._refusal = status
        raise ValueError(status)

    def _arm(self, seconds: float, action: Callable[[], None] | None = None) -> None:
        self._disarm()
        self._deadline = self.loop.call_later(seconds, action or self._late)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _body_late(self) -> None:
        """After a grace the body must come at 1 KiB/s at least, and end in time."""
        spent = self.loop.time() - self._started
        if spent >= self._body_seconds or self._body_seen < MIN_BODY_RATE * (
            spent - RATE_GRACE_SECONDS
        ):
            self._late()
        else:
            self._arm(1.0, self._body_late)

    def _late(self) -> None:
        self._deadline = None
        self._refuse(408)

    def _refuse(self, status: int) -> None:
        """Say why when nothing was said yet, and close."""
        self._refusal = status
        self._disarm()
        if self._left_over:  # the answer is out already
            self.transport.close()
            return
        cycle = self.cycle
        busy = cycle is not None and not cycle.response_complete
        if not self.transport.is_closing() and not (busy and cycle.response_started):
            self.transport.write(_answer(status))
        if busy:
            cycle.disconnected = True
            cycle.message_event.set()
        if self.transport.is_closing() or not self.transport.can_write_eof():
            self.transport.close()
        else:  # closing on unread bytes would reset the connection and lose the answer
            self.transport.write_eof()
            self._deadline = self.loop.call_later(LINGER_SECONDS, self.transport.close)


class EdgeServer(QuietServer):
    """A server whose TLS handshake has a deadline too."""

    async def startup(self, sockets: Any = None) -> None:  # noqa: ARG002 - as the parent
        await self.lifespan.startup()
        config = self.config

        def protocol() -> asyncio.Protocol:
            made: asyncio.Protocol = config.http_protocol_class(  # type: ignore[call-arg]  # a type of uvicorn
                config=config, server_state=self.server_state, app_state=self.lifespan.state
            )
            return made

        deadline = HANDSHAKE_SECONDS if config.ssl else None
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            protocol,
            host=config.host,
            port=config.port,
            ssl=config.ssl,
            backlog=config.backlog,
            ssl_handshake_timeout=deadline,
        )
        self.servers = [server]
        self.started = True

    @property
    def port(self) -> int:
        """The port in use, also when any free one was asked for."""
        number: int = self.servers[0].sockets[0].getsockname()[1]
        return number


def configuration(
    app: App,
    listen: str,
    connections: Connections,
    certificate: tuple[Path, Path] | None = None,
) -> uvicorn.Config:
    """How a listener is set: HTTP, or HTTPS with TLS 1.3 only when there is a certificate."""
    host, port = host_and_port(listen)
    protocol = type("Protocol", (EdgeProtocol,), {"connections_of": connections})
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=protocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        backlog=1024,
        ssl_certfile=certificate[0] if certificate else None,
        ssl_keyfile=certificate[1] if certificate else None,
    )
    config.load()
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_3
    return config


@asynccontextmanager
async def listening(config: uvicorn.Config) -> AsyncIterator[EdgeServer]:
    """Serve while the block runs; at the end requests under way are finished."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # the edge logs faults itself
    server = EdgeServer(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            await task
            raise OSError(f"no listener at {config.host}:{config.port}")
        await asyncio.sleep(0.01)
    try:
        yield server
    finally:
        server.should_exit = True
        await task
