"""One request and what is known about it, shared by all layers of the gateway."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from lkmr_gateway.entry import Entry
from lkmr_gateway.problems import Problem

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

SESSION_COOKIE = b"__Host-lkmr"
LOGIN_COOKIE = b"__Host-lkmr-login"
_MAX_COOKIE = 256
_TOKEN_LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


class Form(Protocol):
    """A form with one file, read as it comes."""

    @property
    def file_name(self) -> str:
        """As the browser says; empty without a file, or before it was reached."""
        ...

    async def fields(self) -> dict[str, str]:
        """The text fields before the file. Raises Refused, ClientGone."""
        ...

    def content(self) -> AsyncIterator[bytes]:
        """The bytes of the file; ends when the whole form is in. Raises Refused, ClientGone."""
        ...


class Exchange:
    """What the layers tell each other about a request."""

    __slots__ = (
        "_nonce",
        "address",
        "body",
        "code",
        "fields",
        "headers",
        "journalled",
        "method",
        "path",
        "query",
        "route",
        "scheme",
        "session",
        "session_fault",
        "set_cookies",
        "status",
        "trace_id",
        "upload",
    )

    def __init__(self, scope: Scope, headers: dict[bytes, bytes], address: str) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: bytes = scope["query_string"]
        self.headers = headers
        self.address = address
        self.scheme: str = scope["scheme"]
        self.body = b""
        self.route = ""
        self.trace_id = ""
        self.code = ""  # the code of the catalogue that this answer shows
        self.status = 0
        self.journalled = False
        self.session: Entry | None = None
        self.session_fault: Problem | None = None
        self.fields: dict[str, str] | None = None
        self.upload: Form | None = None
        self.set_cookies: list[Header] = []
        self._nonce = ""

    @property
    def nonce(self) -> str:
        """Secret of this answer that lets its own script run (128 bits)."""
        if not self._nonce:
            self._nonce = secrets.token_urlsafe(16)
        return self._nonce

    @property
    def origin(self) -> str:
        """Where the browser sees us, as it says."""
        return f"{self.scheme}://{self.header(b'host').lower()}"

    @property
    def is_api(self) -> bool:
        """Whether the answer is for programs: errors are JSON whatever `Accept` says."""
        return self.path.startswith("/api/")

    @property
    def wants_html(self) -> bool:
        """Whether a fault is to be shown as a page."""
        return not self.is_api and b"text/html" in self.headers.get(b"accept", b"")

    @property
    def user_agent(self) -> str:
        """The browser as it calls itself, cut to a sane length."""
        return self.headers.get(b"user-agent", b"").decode("latin-1")[:512]

    def header(self, name: bytes) -> str:
        """A request header as text; empty when absent."""
        return self.headers.get(name, b"").decode("latin-1")

    def cookie(self, name: bytes) -> bytes:
        """The value of one of our cookies; empty when absent, doubled or malformed."""
        raw = self.headers.get(b"cookie")
        if raw is None:
            return b""
        sign = name + b"="
        found = [
            part[len(sign) :]
            for part in raw.replace(b" ", b"").split(b";")
            if part.startswith(sign)
        ]
        if (
            len(found) != 1
            or len(found[0]) > _MAX_COOKIE
            or not _TOKEN_LETTERS.issuperset(found[0])
        ):
            return b""
        return found[0]


def cookie(name: bytes, value: str, max_age: int | None = None) -> Header:
    """A `Set-Cookie` of ours; the prefix `__Host-` asks for Secure, Path=/ and no Domain."""
    life = f"; Max-Age={max_age}" if max_age is not None else ""
    text = f"{name.decode()}={value}; Secure; HttpOnly; SameSite=Lax; Path=/{life}"
    return (b"set-cookie", text.encode("latin-1"))


class ClientGone(Exception):
    """The browser closed the connection before its request was complete."""


class Refused(Exception):
    """The gateway itself refuses a request with a problem of the catalogue."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


def exchange_of(scope: Scope) -> Exchange:
    """The exchange that the edge made for this request."""
    made: Exchange = scope["state"]["exchange"]
    return made


async def send_bytes(
    send: Send, status: int, body: bytes, kind: bytes, headers: tuple[Header, ...] = ()
) -> None:
    """Answer at once with bytes."""
    fixed = ((b"content-type", kind), (b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": [*fixed, *headers]})
    await send({"type": "http.response.body", "body": body})
