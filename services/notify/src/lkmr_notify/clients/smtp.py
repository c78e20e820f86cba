"""E-mail through an SMTP relay: a few connections that are kept, one letter on each at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib
from pydantic import SecretStr

from lkmr_notify.clients.bounces import return_path
from lkmr_notify.clients.letter import letter_of
from lkmr_notify.domain.delivery import Outcome, Result
from lkmr_notify.usecases.ports import Dispatch, Handover
from lkmr_servicekit.clock import monotonic

TIMEOUT_SECONDS = 10.0  # six steps of a conversation end before the lease does
KEEP_SECONDS = 20.0
CONNECTIONS = 24
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_PERMANENT = 500
_FAULTS = (aiosmtplib.SMTPException, OSError)


class SmtpSender:
    """The port `Sender` for e-mail.

    `url` is `smtp://host:port`, `smtp+starttls://user@host` or `smtps://user@host`. `sign` puts a
    DKIM signature before a letter; `bounces` is the domain to which letters come back.
    Raises ValueError for another scheme or a sender that is no address.
    """

    repeats_known = False

    def __init__(
        self,
        url: str,
        *,
        password: SecretStr,
        mail_from: str,
        sign: Callable[[bytes], bytes] | None = None,
        bounces: str = "",
        ca_file: str = "",
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("SMTP_URL: smtp, smtp+starttls or smtps expected")
        name, address = parseaddr(mail_from)
        self._from = Address(display_name=name, addr_spec=address)
        self._scheme, self._host = parts.scheme, parts.hostname
        self._port = parts.port or _PORTS[parts.scheme]
        self._user = unquote(parts.username) if parts.username else None
        self._password, self._sign, self._bounces = password, sign, bounces
        self._ca_file = ca_file or None
        self._idle: list[tuple[aiosmtplib.SMTP, float]] = []
        self._places = asyncio.Semaphore(CONNECTIONS)

    async def send(self, dispatch: Dispatch, handover: Handover) -> Result:
        """Hand a letter over to the relay.

        Until the relay has agreed to sender and recipient nothing can have been sent. After that
        only a clear answer tells how it ended: a silence or a cut leaves it unknown.
        """
        try:
            letter = letter_of(dispatch, self._from)
            content = letter.as_bytes()
            utf8 = not dispatch.to.open().isascii()
            signed = self._sign(content) + content if self._sign else content
        except (ValueError, LookupError, MessageError):
            return Result(Outcome.PERMANENT, "ADDRESS_INVALID")
        sender = return_path(dispatch, self._bounces) or self._from.addr_spec
        options = ["SMTPUTF8"] if utf8 else []
        async with self._places:
            try:
                async with self._connection(sender, options) as client:
                    await client.rcpt(dispatch.to.open())
                    await handover()
                    return await _data(client, signed)
            except _FAULTS as fault:
                return _fault(fault)

    @asynccontextmanager
    async def _connection(self, sender: str, options: list[str]) -> AsyncIterator[aiosmtplib.SMTP]:
        """A connection on which the relay has agreed to the sender; kept for the next letter."""
        client = await self._agreed(sender, options)
        async with self._kept_unless_broken(client):
            yield client

    async def _agreed(self, sender: str, options: list[str]) -> aiosmtplib.SMTP:
        """One that was kept or a new one.

        Nothing was handed over yet: when a kept one turns out to be cut, the next is taken.
        """
        while True:
            kept = self._take_kept()
            client = kept or await self._fresh()
            try:
                async with self._kept_unless_broken(client, keep=False):
                    await client.mail(sender, options=options)
            except (aiosmtplib.SMTPServerDisconnected, ConnectionError):
                if kept is None:
                    raise
            else:
                return client

    @asynccontextmanager
    async def _kept_unless_broken(
        self, client: aiosmtplib.SMTP, *, keep: bool = True
    ) -> AsyncIterator[None]:
        """After a refusal in words the connection is as good as new, after all else it ends."""
        try:
            yield
        except aiosmtplib.SMTPResponseException:
            with suppress(*_FAULTS):
                await client.rset()
                self._keep(client)
            raise
        except BaseException:
            client.close()
            raise
        if keep:
            self._keep(client)

    def _keep(self, client: aiosmtplib.SMTP) -> None:
        if client.is_connected:
            self._idle.append((client, monotonic()))

    def _take_kept(self) -> aiosmtplib.SMTP | None:
        while self._idle:
            client, since = self._idle.pop()
            if client.is_connected and monotonic() - since < KEEP_SECONDS:
                return client
            client.close()
        return None

    async def _fresh(self) -> aiosmtplib.SMTP:
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password.get_secret_value() if self._user else None,
            use_tls=self._scheme == "smtps",
            start_tls=self._scheme == "smtp+starttls",
            cert_bundle=self._ca_file,
            timeout=TIMEOUT_SECONDS,
        )
        await client.connect()
        return client

    async def close(self) -> None:
        """Close the connections that are kept."""
        while self._idle:
            client, _ = self._idle.pop()
            with suppress(*_FAULTS):
                await client.quit()


async def _data(client: aiosmtplib.SMTP, content: bytes) -> Result:
    try:
        await client.data(content)
    except aiosmtplib.SMTPDataError as refused:
        with suppress(*_FAULTS):
            await client.rset()
        return _result(refused.code, "LETTER_REFUSED")
    except _FAULTS:
        client.close()
        return Result(Outcome.UNKNOWN, "RELAY_SILENT")
    return Result(Outcome.HANDED_OVER)


def _fault(fault: Exception) -> Result:
    """Whose fault it was before anything was handed over: address, relay, our account there."""
    match fault:
        case aiosmtplib.SMTPRecipientRefused():
            return _result(fault.code, "ADDRESS_REFUSED")
        case aiosmtplib.SMTPAuthenticationError():
            return Result(Outcome.TECHNICAL, "RELAY_REFUSED_US")
        case aiosmtplib.SMTPSenderRefused():
            passing = fault.code < _PERMANENT
            return Result(
                Outcome.TEMPORARY if passing else Outcome.TECHNICAL,
                f"RELAY_BUSY_{fault.code}" if passing else "RELAY_REFUSED_US",
            )
        case aiosmtplib.SMTPResponseException() if not isinstance(
            fault, aiosmtplib.SMTPConnectError
        ):
            return _result(fault.code, "LETTER_REFUSED")
        case aiosmtplib.SMTPNotSupported():
            return Result(Outcome.PERMANENT, "ADDRESS_NOT_SUPPORTED")
        case _:
            return Result(Outcome.TEMPORARY, "RELAY_AWAY")


def _result(code: int, reason: str) -> Result:
    outcome = Outcome.PERMANENT if code >= _PERMANENT else Outcome.TEMPORARY
    return Result(outcome, f"{reason}_{code}")
