"""The door for letters that come back: the relay brings them here by SMTP."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.settings import host_and_port
from lkmr_servicekit.telemetry import counter, log

MAX_REPORT = 256 * 1024
_bounces = counter("lkmr_bounces_total", "Letters that came back, by what became of them", ("end",))

Note = Callable[[str, bytes], Awaitable[str]]


class Door:
    """Takes reports addressed to our return paths and nothing else."""

    def __init__(self, domain: str, note: Note) -> None:
        self._ending, self._note = f"@{domain.lower()}", note

    async def handle_RCPT(  # noqa: N802 - the name and form of the library
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        """Only return paths that we made."""
        local, at, domain = address.lower().rpartition("@")
        if f"{at}{domain}" != self._ending or not local.startswith("bounce+"):
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - the name of the library
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Note each report; what is unreadable is taken and counted, so that it ends here."""
        try:
            for recipient in envelope.rcpt_tos:
                end = await self._note(recipient, cast("bytes", envelope.original_content))
                _bounces.labels(end).inc()
        except ServiceError as away:
            log.warning("bounce.not_noted", reason=away.reason)
            return "451 4.3.0 Try again later"
        return "250 2.0.0 OK"


@asynccontextmanager
async def bounce_door(
    listen: str, domain: str, note: Note, *, tls_dir: Path
) -> AsyncIterator[None]:
    """Listen until the block ends; nothing is taken before STARTTLS."""
    door, tls = Door(domain, note), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    tls.load_cert_chain(tls_dir / "cert.pem", tls_dir / "key.pem")
    options: dict[str, Any] = {"data_size_limit": MAX_REPORT, "timeout": 30, "ident": "lkmr"}
    host, port = host_and_port(listen)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(door, tls_context=tls, require_starttls=True, loop=loop, **options),
        host,
        port,
    )
    log.info("bounces.listen", port=port)
    try:
        yield
    finally:
        server.close()
