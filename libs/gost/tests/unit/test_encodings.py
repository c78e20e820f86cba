from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import core
from cryptography import x509 as foreign_x509
from gost_samples import POINT, SECRET, SPKI, XCHA, key_files, needs_engine, openssl
from hypothesis import given
from hypothesis import strategies as st

from lkmr_gost import (
    PrivateKey,
    PublicKey,
    certificate_hash,
    generate_private_key,
    load_certificate,
    load_private_key,
    parse_public_key,
    self_signed_certificate,
)
from lkmr_gost.certificates import CertificateUnreadable
from lkmr_gost.curves import CURVES_BY_OID
from lkmr_gost.keys import KeyUnreadable


def test_the_reference_public_key_is_read() -> None:
    assert parse_public_key(SPKI) == PublicKey(XCHA, POINT)


@pytest.mark.parametrize("oid", sorted(CURVES_BY_OID))
def test_keys_survive_writing_and_reading(oid: str) -> None:
    key = generate_private_key(oid)

    assert load_private_key(key.to_pem()) == load_private_key(key.to_der()) == key
    assert parse_public_key(key.public_key.to_der()) == key.public_key


@pytest.mark.parametrize(
    "wrapped", [core.OctetString(SECRET.to_bytes(32, "little")), core.Integer(SECRET)]
)
def test_wrapped_secrets_are_read(wrapped: core.Asn1Value) -> None:
    plain = PrivateKey(XCHA, SECRET).to_der()
    head = plain[2:-34]
    body = head + core.OctetString(wrapped.dump()).dump()

    assert load_private_key(b"\x30" + bytes([len(body)]) + body) == PrivateKey(XCHA, SECRET)


@pytest.mark.parametrize("secret", [0, CURVES_BY_OID[XCHA].q])
def test_a_secret_out_of_range_is_refused(secret: int) -> None:
    with pytest.raises(KeyUnreadable):
        load_private_key(PrivateKey(XCHA, secret).to_der())


def test_a_point_outside_the_curve_is_refused() -> None:
    with pytest.raises(KeyUnreadable):
        parse_public_key(PublicKey(XCHA, (POINT[0], POINT[1] ^ 1)).to_der())


def test_a_point_of_small_order_is_refused() -> None:
    """tc26-256-A has cofactor 4: a point of the curve may lie outside the group."""
    oid = "1.2.643.7.1.2.1.1.1"
    curve = CURVES_BY_OID[oid]
    outside = next(
        (x, y)
        for x in range(1, 400)
        if pow(square := (x**3 + curve.a * x + curve.b) % curve.p, (curve.p - 1) // 2, curve.p) == 1
        for y in (_root(square, curve.p),)
        if not _in_group(oid, (x, y))
    )

    with pytest.raises(KeyUnreadable):
        parse_public_key(PublicKey(oid, outside).to_der())


def _root(square: int, p: int) -> int:
    """p = 2²⁵⁶ − 617 is 7 modulo 8, so the root is a plain power."""
    root = pow(square, (p + 1) // 4, p)
    assert root * root % p == square
    return root


def _in_group(oid: str, point: tuple[int, int]) -> bool:
    """Multiply by q by doubling and adding, apart from the code under test."""
    curve = CURVES_BY_OID[oid]
    total = None
    for bit in f"{curve.q:b}":
        total = _plain_sum(curve.p, curve.a, total, total)
        if bit == "1":
            total = _plain_sum(curve.p, curve.a, total, point)
    return total is None


def _plain_sum(
    p: int, a: int, first: tuple[int, int] | None, second: tuple[int, int] | None
) -> tuple[int, int] | None:
    if first is None or second is None:
        return second if first is None else first
    if first[0] == second[0] and (first[1] + second[1]) % p == 0:
        return None
    if first == second:
        slope = (3 * first[0] ** 2 + a) * pow(2 * first[1], -1, p)
    else:
        slope = (second[1] - first[1]) * pow(second[0] - first[0], -1, p)
    x = (slope * slope - first[0] - second[0]) % p
    return x, (slope * (first[0] - x) - first[1]) % p


@given(st.binary(max_size=120))
def test_noise_is_never_a_key_or_a_certificate(noise: bytes) -> None:
    with pytest.raises(KeyUnreadable):
        load_private_key(noise)
    with pytest.raises(KeyUnreadable):
        parse_public_key(noise)
    with pytest.raises(CertificateUnreadable):
        load_certificate(noise)


def test_the_hash_of_a_certificate_is_upper_case_streebog_of_the_der(tmp_path: Path) -> None:
    certificate = load_certificate(key_files(tmp_path, generate_private_key())[1].read_bytes())

    assert certificate.hash == certificate_hash(certificate.der)
    assert len(certificate.hash) == 64
    assert certificate.hash == certificate.hash.upper()


def test_a_self_signed_certificate_says_what_was_asked() -> None:
    key = generate_private_key()
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2051, 1, 1, tzinfo=UTC)

    pem = self_signed_certificate(key, common_name="ЕСИА стенд", not_before=start, not_after=end)

    certificate = load_certificate(pem)
    assert (certificate.key, certificate.not_before, certificate.not_after) == (
        key.public_key,
        start,
        end,
    )
    foreign = foreign_x509.load_pem_x509_certificate(pem)
    assert foreign.not_valid_after_utc == end
    assert "ЕСИА стенд" in foreign.subject.rfc4514_string()
    assert key.public_key.verify(foreign.tbs_certificate_bytes, foreign.signature)


@needs_engine
@pytest.mark.parametrize("oid", sorted(CURVES_BY_OID))
def test_openssl_accepts_our_certificate(oid: str, tmp_path: Path) -> None:
    _, file = key_files(tmp_path, generate_private_key(oid))

    verdict = openssl("verify", "-engine", "gost", "-check_ss_sig", "-CAfile", str(file), str(file))

    assert b": OK" in verdict


@needs_engine
@pytest.mark.parametrize("paramset", ["A", "B", "C", "XA", "XB", "TCA", "TCB", "TCC", "TCD"])
def test_keys_and_certificates_of_openssl_are_read(paramset: str, tmp_path: Path) -> None:
    key_file, file = tmp_path / "k.pem", tmp_path / "c.pem"
    openssl(
        *("req", "-engine", "gost", "-x509", "-newkey", "gost2012_256", "-nodes"),
        *("-pkeyopt", f"paramset:{paramset}", "-md_gost12_256", "-subj", "/CN=LKMR01"),
        *("-days", "10", "-keyout", str(key_file), "-out", str(file)),
    )

    key, certificate = load_private_key(key_file.read_bytes()), load_certificate(file.read_bytes())

    assert certificate.key == key.public_key
    assert load_certificate(certificate.der) == certificate
