"""Settings of the stand-in `mailbox`."""

import ssl
from pathlib import Path

from pydantic import Field

from lkmr_servicekit.settings import settings_of
from lkmr_stand_in_kit.config import StandInSettings


class MailboxSettings(StandInSettings):
    """Where to listen; `max_letter_bytes` is the largest letter taken.

    With a certificate the relay offers STARTTLS, and TLS from the first byte at `smtps_listen`.
    Reports of letters that come back go to `bounce_to`, `host:port`.
    """

    model_config = settings_of("MAILBOX_")

    smtp_listen: str = "127.0.0.1:0"
    max_letter_bytes: int = Field(default=10 * 1024 * 1024, gt=0)
    smtps_listen: str = ""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    bounce_to: str = ""

    def tls(self) -> ssl.SSLContext | None:
        """The certificate of the relay; None without one.

        Raises ValueError when TLS is asked for without a certificate.
        """
        if not (self.tls_cert and self.tls_key):
            if self.smtps_listen:
                raise ValueError("MAILBOX_SMTPS_LISTEN needs MAILBOX_TLS_CERT, MAILBOX_TLS_KEY")
            return None
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        made.load_cert_chain(self.tls_cert, self.tls_key)
        return made
