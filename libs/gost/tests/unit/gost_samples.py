"""Vectors of a published kind, and the OpenSSL engine as an independent second opinion."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lkmr_gost import OpenSslSigner, PrivateKey, self_signed_certificate

XCHA = "1.2.643.2.2.36.0"
SECRET = 0x7A929ADE789BB9BE10ED359DD39A72C11B60961F49397EEE1D19CE9891EC3B28
POINT = (
    0xFD21C21AB0DC84C154F3D218E9040BEE64FFF48BDFF814B232295B09D0DF72E4,
    0x5026DEC9AC4F07061A2A01D7A2307E0659239A82A95862DF86041D1458E45049,
)
SPKI = bytes.fromhex(
    "3066301f06082a85030701010101301306072a85030202240006082a850307010102020343000440e472dfd0095b"
    "2932b214f8df8bf4ff64ee0b04e918d2f354c184dcb01ac221fd4950e458141d0486df6258a9829a2359067e30a2"
    "d7012a1a06074facc9de2650"
)
NONCE = 0x77105C9B20BCD3122823C8CF6FCC7B956DE33814E95B7FE64FED924594DCEAB3
AUTHORIZATION = (
    b"LKMR01fullname openid2026.01.15 09:30:00 +03000e2e6a1c-3c2f-4d0a-9b7e-1f2a3b4c5d6e"
    b"https://lkmr.example/auth/esia/callback"
)
AUTHORIZATION_DIGEST = "ba2c3dcf128bfbeb56b1902a2a084c2af9ac385a46e5918e5bfb7ab1fba84a34"
AUTHORIZATION_SECRET = (
    "5WajEBeL5vFrQ1sUqRcLike1BKbW-ke7eVr-uz2WSLx06TnGN6eaW3453BWXa--zJKzbdOL6jUNKug2p6_jejw"
)
EXCHANGE = (
    b"LKMR01fullname openid2026.01.15 09:31:10 +03005b1f6b9e-8d1c-4a57-a3a4-0c9d2e7f6a10"
    b"https://lkmr.example/auth/esia/callbackCODE"
)
EXCHANGE_DIGEST = "17a9d9808974588ad345ae556f36c8aae44aa2729268aad7020e29ef2593bfd7"
EXCHANGE_SECRET = (
    "03v91YsJ3JtsIKcYBF8IrrlYit2x2i-8KQupFNX8PUe3Tc0Aj-l1G0TWxyQ5mUfF12M46NkUfMvXnYTJWGhzwQ"
)

needs_engine = pytest.mark.skipif(
    not OpenSslSigner.available(),
    reason="no GOST engine of OpenSSL on this machine (Debian package libengine-gost-openssl)",
)


def openssl(*arguments: str, given: bytes = b"") -> bytes:
    done = subprocess.run(
        ["openssl", *arguments], input=given, capture_output=True, check=True, timeout=30
    )
    return done.stdout


def key_files(folder: Path, key: PrivateKey) -> tuple[Path, Path]:
    key_file, certificate_file = folder / "client.key", folder / "client.pem"
    key_file.write_bytes(key.to_pem())
    certificate_file.write_bytes(
        self_signed_certificate(
            key,
            common_name="LKMR01",
            not_before=datetime(2020, 1, 1, tzinfo=UTC),
            not_after=datetime(2049, 1, 1, tzinfo=UTC),
        )
    )
    return key_file, certificate_file
