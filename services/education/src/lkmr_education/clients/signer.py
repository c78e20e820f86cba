"""The signature of the organisation by GOST; the key is loaded when it is first needed."""

import asyncio
from pathlib import Path

from lkmr_education.domain.errors import SigningUnavailable
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.telemetry import log


class GostReportSigner:
    """The port `ReportSigner`. In production the adapter of certified hardware stands here."""

    def __init__(self, key_file: Path, certificate_file: Path, clock: Clock) -> None:
        self._key, self._certificate, self._clock = key_file, certificate_file, clock

    async def sign(self, content: bytes) -> tuple[bytes, bytes]:
        """A detached CMS with the time of signing, and the certificate (DER)."""
        return await asyncio.to_thread(self._sign, content)

    def _sign(self, content: bytes) -> tuple[bytes, bytes]:
        from lkmr_gost import SigningImpossible, best_signer  # noqa: PLC0415 - only who signs pays
        from lkmr_gost.certificates import CertificateUnreadable  # noqa: PLC0415 - same
        from lkmr_gost.cms import sign_detached  # noqa: PLC0415 - same
        from lkmr_gost.keys import KeyUnreadable  # noqa: PLC0415 - same

        try:
            signer = best_signer(self._key, self._certificate)
            container = sign_detached(content, signer, sign_time=self._clock.now())
        except (OSError, SigningImpossible, CertificateUnreadable, KeyUnreadable) as fault:
            log.error("report.not_signed", kind=type(fault).__name__)
            raise SigningUnavailable from fault
        return container, signer.certificate
