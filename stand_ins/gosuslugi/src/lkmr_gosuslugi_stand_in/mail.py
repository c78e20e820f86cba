"""Letters of the portal, which hold a link and nothing about the person."""

from collections import deque
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiosmtplib

from lkmr_servicekit.telemetry import log

_SENDER = "no-reply@gosuslugi.example"
_SECONDS = 5


class MailNotSent(RuntimeError):
    """The server of mail did not take the letter."""


class MailSender:
    """Sends by SMTP to `smtp://host:port`; with an empty URL keeps the last letters in memory.

    With a `ca` only by STARTTLS to a server whose certificate it has issued.
    """

    def __init__(self, url: str, ca: Path | None = None) -> None:
        parts, self._ca = urlsplit(url), ca
        self._host, self._port = parts.hostname or "", parts.port or 25
        self.kept: deque[dict[str, Any]] = deque(maxlen=200)

    async def send(self, address: str, subject: str, text: str) -> None:
        """Hand a letter over. Raises MailNotSent."""
        if not self._host:
            self.kept.appendleft({"to": address, "subject": subject, "text": text})
            return
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = _SENDER, address, subject
        letter.set_content(text)
        try:
            await aiosmtplib.send(
                letter,
                hostname=self._host,
                port=self._port,
                timeout=_SECONDS,
                start_tls=self._ca is not None,
                cert_bundle=str(self._ca) if self._ca else None,
            )
        except (aiosmtplib.SMTPException, OSError) as fault:
            log.warning("mail.not_sent", kind=type(fault).__name__)
            raise MailNotSent from fault
