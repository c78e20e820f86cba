"""Every channel of a running suite: TLS 1.3 or nothing, and no plain word where TLS is spoken."""

import asyncio
import json
import smtplib
import socket
import ssl
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from lkmr_rig.layout import PROGRAMS, SERVICES

from ..support.own_suite import apart, eventually, metrics_port
from ..support.visitor import Visitor

pytestmark = pytest.mark.journey
OLD = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2)


def protected(suite: Any) -> list[tuple[str, int]]:
    """Ports of our programs that must speak TLS, with the certificate to show there."""
    ports = suite.ports
    found = [("partner-demo", ports.partner()), ("gateway", ports.gateway_https())]
    found += [("gateway", ports.grpc(service)) for service in SERVICES]
    return [*found, ("gateway", ports.bridge_callback()), ("egisz-client", ports.egisz_mtls)]


def test_the_list_of_channels_is_whole(suite: Any) -> None:
    """A port of ours speaks TLS, tells metrics, or is the gateway's local convenience.

    Letters that come back begin in the clear, as all mail does, and are taken after STARTTLS only.
    """
    known = {port for _, port in protected(suite)} | {suite.ports.gateway_http()}
    known.add(suite.ports.bounces())
    known |= {metrics_port(suite, program) for program in PROGRAMS}
    listed = json.loads(suite.home.processes.read_text(encoding="utf-8"))

    for row in listed:
        if row["role"] in PROGRAMS:
            assert set(row["ports"]) <= known, row


@pytest.mark.proves("F-241", "F-254")
def test_tls_13_is_agreed_on_and_everything_older_is_refused(suite: Any) -> None:
    for name, port in protected(suite):
        assert apart(_agreed(suite, name, port, ssl.TLSVersion.TLSv1_3)) == "TLSv1.3", port
        for version in OLD:
            assert apart(_agreed(suite, name, port, version)) is None, (port, version)


def test_a_plain_request_gets_no_answer_on_a_protected_channel(suite: Any) -> None:
    for _, port in protected(suite):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
            plain.settimeout(2)
            plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            try:
                answer = plain.recv(64)
            except OSError:
                answer = b""
        assert b"200" not in answer, port


def test_letters_go_to_the_relay_encrypted(suite: Any, visitor: Callable[..., Visitor]) -> None:
    """Only notify asks the relay for TLS here, and it sends nothing without."""
    operator = visitor()
    operator.sign_in("volkov")
    fields = {"kind": "SERVICE", "title": "Новость", "text": "Текст.", "roles": ["SEC_ADMIN"]}

    made = operator.post("admin/notifications/announcements", {**fields, "urgent": True})

    assert made.status_code == 202, made.text

    def taken() -> list[str]:
        lines = suite.home.log("mailbox", 1).read_text(encoding="utf-8").splitlines()
        events = [json.loads(line) for line in lines if '"letter.taken"' in line]
        return [one["tls"] for one in events if one["tls"]]

    assert set(eventually(taken, 60, "a letter came to the relay by TLS")) == {"TLSv1.3"}


def test_a_report_of_a_letter_is_taken_encrypted_only(suite: Any) -> None:
    context = ssl.create_default_context(cafile=str(suite.home.tls() / "ca.pem"))
    with smtplib.SMTP("127.0.0.1", suite.ports.bounces(), timeout=10) as relay:
        relay.ehlo()
        assert relay.mail("")[0] == 530

        relay.starttls(context=context)

        relay.ehlo()
        assert relay.mail("")[0] == 250
        assert relay.rcpt("somebody@elsewhere.example")[0] == 550


async def _agreed(suite: Any, name: str, port: int, version: ssl.TLSVersion) -> str | None:
    """The version of the handshake, None when there was none."""
    folder = suite.home.tls()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    context.set_ciphers("ALL:@SECLEVEL=0")  # so that it is the server that refuses
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    pair = (folder / f"{name}.pem", folder / f"{name}.key")
    if not pair[0].is_file():
        pair = (folder / name / "cert.pem", folder / name / "key.pem")
    context.load_cert_chain(*pair)
    try:
        _, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=context, ssl_handshake_timeout=5
        )
    except (ssl.SSLError, OSError, TimeoutError):
        return None
    agreed: str = writer.get_extra_info("ssl_object").version()
    writer.close()
    return agreed
