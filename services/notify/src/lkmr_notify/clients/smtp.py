"""E-mail through an SMTP relay."""

from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib
from pydantic import SecretStr

from lkmr_notify.clients.letter import letter_of
from lkmr_notify.domain.delivery import Outcome, Result
from lkmr_notify.usecases.ports import Dispatch

TIMEOUT_SECONDS = 15.0
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_PERMANENT = 500


class SmtpSender:
    """The port `Sender` for e-mail.

    `url` is `smtp://host:port`, `smtp+starttls://user@host` or `smtps://user@host`.
    Raises ValueError for another scheme or a sender that is no address.
    """

    def __init__(self, url: str, *, password: SecretStr, mail_from: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("SMTP_URL: smtp, smtp+starttls or smtps expected")
        name, address = parseaddr(mail_from)
        self._from = Address(display_name=name, addr_spec=address)
        self._scheme, self._host = parts.scheme, parts.hostname
        self._port = parts.port or _PORTS[parts.scheme]
        self._user = unquote(parts.username) if parts.username else None
        self._password = password

    async def send(self, dispatch: Dispatch) -> Result:
        """Hand a letter over to the relay."""
        try:
            letter = letter_of(dispatch, self._from)
        except (ValueError, LookupError, MessageError):
            return Result(Outcome.PERMANENT, "ADDRESS_INVALID")
        try:
            await self._hand_over(letter)
        except (aiosmtplib.SMTPException, OSError) as fault:
            return _fault(fault)
        return Result(Outcome.HANDED_OVER)

    async def _hand_over(self, letter: EmailMessage) -> None:
        await aiosmtplib.send(
            letter,
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password.get_secret_value() if self._user else None,
            use_tls=self._scheme == "smtps",
            start_tls=self._scheme == "smtp+starttls",
            timeout=TIMEOUT_SECONDS,
        )


def _fault(fault: Exception) -> Result:
    """Whose fault it was: the address, the letter, the relay, or our account at the relay."""
    match fault:
        case aiosmtplib.SMTPRecipientsRefused():
            codes = [one.code for one in fault.recipients]
            return _result(codes[0] if codes else 0, "ADDRESS_REFUSED")
        case aiosmtplib.SMTPAuthenticationError() | aiosmtplib.SMTPSenderRefused():
            return Result(Outcome.TECHNICAL, "RELAY_REFUSED_US")
        case aiosmtplib.SMTPConnectError():
            return Result(Outcome.TEMPORARY, "RELAY_AWAY")
        case aiosmtplib.SMTPResponseException():
            return _result(fault.code, "LETTER_REFUSED")
        case aiosmtplib.SMTPNotSupported():
            return Result(Outcome.PERMANENT, "ADDRESS_NOT_SUPPORTED")
        case _:
            return Result(Outcome.TEMPORARY, "RELAY_AWAY")


def _result(code: int, reason: str) -> Result:
    outcome = Outcome.PERMANENT if code >= _PERMANENT else Outcome.TEMPORARY
    return Result(outcome, f"{reason}_{code}")
