"""SMTP that takes letters for anybody; behaviour of system `smtp` applies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from lkmr_mailbox_stand_in.messages import Messages, letter_of
from lkmr_servicekit.settings import host_and_port
from lkmr_servicekit.telemetry import log
from lkmr_stand_in_kit.behaviour import Behaviours, as_utc

SYSTEM = "smtp"
TRY_LATER, FAILED = "451 4.3.2 Try again later", "451 4.3.0 Local error in processing"


class Taker:
    """The hooks of a conversation: what is refused, what is kept."""

    def __init__(self, messages: Messages, behaviours: Behaviours) -> None:
        self._messages, self._behaviours = messages, behaviours

    async def handle_MAIL(  # noqa: N802 - the name and form of the library
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse at once what would be refused later."""
        behaviour = self._behaviours.of(SYSTEM)
        if behaviour.availability == "overloaded":
            return TRY_LATER
        if behaviour.availability == "maintenance" and behaviour.until is not None:
            return f"451 4.3.2 Maintenance until {as_utc(behaviour.until)}"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_DATA(  # noqa: N802 - the name of the library
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep the letter once for each recipient."""
        behaviour = self._behaviours.of(SYSTEM)
        if behaviour.delay:
            await asyncio.sleep(behaviour.delay)
        if self._behaviours.fails(behaviour):
            return FAILED
        try:
            letter = letter_of(cast("bytes", envelope.original_content))
        except (LookupError, ValueError):
            return "554 5.6.0 The letter is unreadable"
        for to in envelope.rcpt_tos:
            self._messages.add("EMAIL", to, subject=letter.subject, text=letter.text)
        log.info("letter.taken", recipients=len(envelope.rcpt_tos))
        return "250 2.0.0 OK"

    async def handle_exception(self, error: Exception) -> str:
        """A fault of ours is not the sender's."""
        log.error("letter.failed", kind=type(error).__name__)
        return FAILED


class _Conversation(SMTP):
    """A connection; cut at once while the system is down."""

    def __init__(self, taker: Taker, behaviours: Behaviours, *, limit: int) -> None:
        super().__init__(
            taker,
            data_size_limit=limit,
            enable_SMTPUTF8=True,
            hostname="mailbox.localhost",
            ident="LKMR mailbox",
            timeout=60,
            auth_require_tls=False,
            authenticator=_welcome,
            loop=asyncio.get_running_loop(),
        )
        self._behaviours = behaviours

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._cut_when_down()

    def data_received(self, data: bytes) -> None:
        if not self._cut_when_down():
            super().data_received(data)

    def _cut_when_down(self) -> bool:
        if self._behaviours.of(SYSTEM).availability != "down":
            return False
        if self.transport is not None:
            cast("asyncio.Transport", self.transport).abort()
        return True


def _welcome(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
) -> AuthResult:
    """Any user with any password is let in; nobody has to show one."""
    return AuthResult(success=isinstance(data, LoginPassword))


@asynccontextmanager
async def smtp_serving(
    listen: str, messages: Messages, behaviours: Behaviours, *, limit: int
) -> AsyncIterator[int]:
    """Serve SMTP until the block ends; gives the port. `limit` is the largest letter in bytes."""
    taker = Taker(messages, behaviours)
    host, port = host_and_port(listen)
    loop = asyncio.get_running_loop()
    open_ones: set[_Conversation] = set()

    def converse() -> _Conversation:
        open_ones.difference_update([one for one in open_ones if one.transport is None])
        conversation = _Conversation(taker, behaviours, limit=limit)
        open_ones.add(conversation)
        return conversation

    server = await loop.create_server(converse, host, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for conversation in open_ones:
            if conversation.transport is not None:
                cast("asyncio.Transport", conversation.transport).abort()
        await server.wait_closed()
