"""SMTP that takes letters for anybody; behaviour of system `smtp` applies."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, AnyStr, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from lkmr_mailbox_stand_in.bounces import ReturnPaths
from lkmr_mailbox_stand_in.manners import Etiquette
from lkmr_mailbox_stand_in.messages import Messages, letter_of
from lkmr_servicekit.settings import host_and_port
from lkmr_servicekit.telemetry import log
from lkmr_stand_in_kit.behaviour import Behaviours, as_utc

SYSTEM = "smtp"
TRY_LATER, FAILED = "451 4.3.2 Try again later", "451 4.3.0 Local error in processing"


class Taker:
    """The hooks of a conversation: what is refused, what is kept."""

    def __init__(
        self,
        messages: Messages,
        behaviours: Behaviours,
        etiquette: Etiquette,
        paths: ReturnPaths,
    ) -> None:
        self._messages, self._paths = messages, paths
        self.behaviours, self.etiquette = behaviours, etiquette

    async def handle_MAIL(  # noqa: N802 - the name and form of the library
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse at once what would be refused later."""
        behaviour = self.behaviours.of(SYSTEM)
        if behaviour.availability == "overloaded":
            return TRY_LATER
        if behaviour.availability == "maintenance" and behaviour.until is not None:
            return f"451 4.3.2 Maintenance until {as_utc(behaviour.until)}"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - the name and form of the library
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take anybody, unless told otherwise."""
        if refusal := self.etiquette.of(SYSTEM).refuse:
            self.etiquette.met(SYSTEM)
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - the name of the library
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep the letter once for each recipient."""
        behaviour = self.behaviours.of(SYSTEM)
        if behaviour.delay:
            await asyncio.sleep(behaviour.delay)
        if self.behaviours.fails(behaviour):
            return FAILED
        try:
            letter = letter_of(cast("bytes", envelope.original_content))
        except (LookupError, ValueError):
            return "554 5.6.0 The letter is unreadable"
        for to in envelope.rcpt_tos:
            self._messages.add("EMAIL", to, subject=letter.subject, text=letter.text)
            self._paths.note(to, envelope.mail_from or "")
        log.info("letter.taken", recipients=len(envelope.rcpt_tos), tls=_version_of(server))
        manners = self.etiquette.of(SYSTEM)
        self.etiquette.met(SYSTEM)
        if manners.cut == "before_reply":
            cast("_Conversation", server).cut()
        return "250 2.0.0 OK"

    async def handle_exception(self, error: Exception) -> str:
        """A fault of ours is not the sender's."""
        log.error("letter.failed", kind=type(error).__name__)
        return FAILED


class _Conversation(SMTP):
    """A connection; cut at once while the system is down."""

    def __init__(self, taker: Taker, *, limit: int, tls: ssl.SSLContext | None) -> None:
        super().__init__(
            taker,
            data_size_limit=limit,
            enable_SMTPUTF8=True,
            hostname="mailbox.localhost",
            ident="LKMR mailbox",
            timeout=60,
            auth_require_tls=False,
            authenticator=_welcome,
            tls_context=tls,
            loop=asyncio.get_running_loop(),
        )
        self._taker, self._letter_comes = taker, False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._cut_when_down()

    def data_received(self, data: bytes) -> None:
        if self._letter_comes and self._taker.etiquette.of(SYSTEM).cut == "in_message":
            self._taker.etiquette.met(SYSTEM)
            self.cut()
        elif not self._cut_when_down():
            super().data_received(data)

    async def push(self, status: AnyStr) -> None:
        """Reply, late when the manners say so."""
        self._letter_comes = str(status).startswith("354")
        await self._taker.etiquette.wait(SYSTEM)
        await super().push(status)

    def cut(self) -> None:
        """Break the connection."""
        if self.transport is not None:
            cast("asyncio.Transport", self.transport).abort()

    def _cut_when_down(self) -> bool:
        down: bool = self._taker.behaviours.of(SYSTEM).availability == "down"
        if down:
            self.cut()
        return down


def _version_of(server: SMTP) -> str:
    """TLS of a conversation; empty for a plain one."""
    transport = server.transport
    spoken = transport.get_extra_info("ssl_object") if transport is not None else None
    return str(spoken.version()) if spoken is not None else ""


def _welcome(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
) -> AuthResult:
    """Any user with any password is let in; nobody has to show one."""
    return AuthResult(success=isinstance(data, LoginPassword))


@asynccontextmanager
async def smtp_serving(
    taker: Taker,
    listen: str,
    *,
    limit: int,
    tls: ssl.SSLContext | None = None,
    implicit: bool = False,
) -> AsyncIterator[int]:
    """Serve SMTP until the block ends; gives the port. `limit` is the largest letter in bytes.

    `tls` is offered as STARTTLS or, when `implicit`, begins with the first byte.
    """
    host, port = host_and_port(listen)
    loop = asyncio.get_running_loop()
    open_ones: set[_Conversation] = set()

    def converse() -> _Conversation:
        open_ones.difference_update([one for one in open_ones if one.transport is None])
        conversation = _Conversation(taker, limit=limit, tls=None if implicit else tls)
        open_ones.add(conversation)
        return conversation

    server = await loop.create_server(converse, host, port, ssl=tls if implicit else None)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for conversation in open_ones:
            conversation.cut()
        await server.wait_closed()
