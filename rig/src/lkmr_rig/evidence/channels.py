"""Which protocol the ports of a running suite really agree on."""

import socket
import ssl
import warnings
from pathlib import Path

from lkmr_rig.evidence.fact import Fact, absent, fact
from lkmr_rig.layout import LOOPBACK, SERVICES, Home, Ports

NEWEST, OLD = ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2
_SECONDS = 5


def channels(home: Home, ports: Ports, instances: int) -> Fact:
    """Ask each protected port for TLS 1.3 and for TLS 1.2, which it must refuse."""
    rows = []
    for name, certificate, port in _protected(ports, instances):
        newest, old = (_agreed(home, certificate, port, one) for one in (NEWEST, OLD))
        rows.append({"name": name, "port": port, "agreed": newest, "tls_1_2": old})
    if not any(row["agreed"] for row in rows):
        return absent("система остановлена, протокол портов не проверялся")
    weak = [
        f"{row['name']} ({row['port']}): TLS 1.3 — {row['agreed'] or 'нет'},"
        f" TLS 1.2 — {row['tls_1_2'] or 'отказ'}"
        for row in rows
        if row["agreed"] != "TLSv1.3" or row["tls_1_2"] is not None
    ]
    lines = [f"{row['name']}: {row['agreed'] or 'не отвечает'}" for row in rows]
    return fact([*lines, "PostgreSQL и NATS одной машины говорят открыто внутри неё"], rows, weak)


def _protected(ports: Ports, instances: int) -> list[tuple[str, str, int]]:
    found = []
    for number in range(1, instances + 1):
        found.append((f"gateway-{number}", "gateway", ports.gateway_https(number)))
        found.append((f"partner-{number}", "partner-demo", ports.partner(number)))
        found += [(f"{one}-{number}", "gateway", ports.grpc(one, number)) for one in SERVICES]
    return found


def _agreed(home: Home, certificate: str, port: int, version: ssl.TLSVersion) -> str | None:
    """The version that was agreed on; None when there was no handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # it is asked, not trusted
    context.set_alpn_protocols(["h2", "http/1.1"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    context.load_cert_chain(*_pair(home, certificate))
    try:
        with (
            socket.create_connection((LOOPBACK, port), timeout=_SECONDS) as plain,
            context.wrap_socket(plain) as wrapped,
        ):
            return wrapped.version()
    except OSError:
        return None


def _pair(home: Home, certificate: str) -> tuple[Path, Path]:
    pair = home.tls() / f"{certificate}.pem", home.tls() / f"{certificate}.key"
    folder = home.root / "tls" / certificate
    return pair if pair[0].is_file() else (folder / "cert.pem", folder / "key.pem")
