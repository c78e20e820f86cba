import base64
from pathlib import Path

import gostcrypto
import pytest
from gost_samples import (
    AUTHORIZATION,
    AUTHORIZATION_DIGEST,
    AUTHORIZATION_SECRET,
    EXCHANGE,
    EXCHANGE_DIGEST,
    EXCHANGE_SECRET,
    NONCE,
    POINT,
    SECRET,
    SPKI,
    XCHA,
    key_files,
    needs_engine,
    openssl,
)
from hypothesis import given, settings
from hypothesis import strategies as st

import lkmr_gost.keys as keys_module
import lkmr_gost.signing as signing_module
from lkmr_gost import (
    CertificateVerifier,
    OpenSslSigner,
    PrivateKey,
    PublicKey,
    SigningImpossible,
    SoftwareSigner,
    best_signer,
    generate_private_key,
    load_certificate,
    self_test,
    streebog256,
)
from lkmr_gost.curves import CURVES_BY_OID, multiply


def decoded(secret: str) -> bytes:
    return base64.urlsafe_b64decode(secret + "==")


@pytest.mark.parametrize("oid", sorted(CURVES_BY_OID))
def test_each_base_point_lies_on_its_curve_and_has_order_q(oid: str) -> None:
    curve = CURVES_BY_OID[oid]

    assert curve.holds(curve.base)
    assert multiply(curve, curve.base, curve.q) is None


def test_the_reference_secret_has_its_point_and_encoding() -> None:
    public = PrivateKey(XCHA, SECRET).public_key

    assert public == PublicKey(XCHA, POINT)
    assert public.to_der() == SPKI


def test_the_reference_nonce_gives_the_reference_signature(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keys_module.secrets, "randbelow", lambda _: NONCE - 1)

    assert streebog256(AUTHORIZATION).hex() == AUTHORIZATION_DIGEST
    assert PrivateKey(XCHA, SECRET).sign(AUTHORIZATION) == decoded(AUTHORIZATION_SECRET)


@pytest.mark.parametrize(
    ("message", "digest", "secret"),
    [
        (AUTHORIZATION, AUTHORIZATION_DIGEST, AUTHORIZATION_SECRET),
        (EXCHANGE, EXCHANGE_DIGEST, EXCHANGE_SECRET),
    ],
)
def test_reference_signatures_are_accepted(message: bytes, digest: str, secret: str) -> None:
    assert streebog256(message).hex() == digest
    assert PublicKey(XCHA, POINT).verify(message, decoded(secret))


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 511), st.binary(max_size=80))
def test_one_changed_bit_or_another_message_is_refused(bit: int, other: bytes) -> None:
    signature = bytearray(decoded(EXCHANGE_SECRET))
    signature[bit // 8] ^= 1 << bit % 8

    assert not PublicKey(XCHA, POINT).verify(EXCHANGE, bytes(signature))
    assert not PublicKey(XCHA, POINT).verify(EXCHANGE + b"!" + other, decoded(EXCHANGE_SECRET))


@pytest.mark.parametrize("length", [0, 63, 65, 128])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    assert not PublicKey(XCHA, POINT).verify(EXCHANGE, bytes(length))


@pytest.mark.parametrize(("s", "r"), [(0, 1), (1, 0), (2**256 - 1, 1), (1, 2**256 - 1)])
def test_halves_out_of_range_are_refused(s: int, r: int) -> None:
    signature = s.to_bytes(32, "big") + r.to_bytes(32, "big")

    assert not PublicKey(XCHA, POINT).verify(EXCHANGE, signature)


@pytest.mark.parametrize("oid", sorted(CURVES_BY_OID))
def test_own_signatures_are_accepted_on_every_curve(oid: str) -> None:
    key = generate_private_key(oid)

    assert key.public_key.verify(b"message", key.sign(b"message"))


def test_a_foreign_implementation_accepts_ours_and_we_accept_its() -> None:
    """gostcrypto swaps the halves of the signature and the bytes of the digest."""
    foreign = gostcrypto.gostsignature.new(
        gostcrypto.gostsignature.MODE_256,
        gostcrypto.gostsignature.CURVES_R_1323565_1_024_2019[
            "id-tc26-gost-3410-2012-256-paramSetB"
        ],
    )
    digest = bytearray(streebog256(EXCHANGE)[::-1])
    ours = PrivateKey(XCHA, SECRET).sign(EXCHANGE)
    octets = b"".join(part.to_bytes(32, "big") for part in POINT)

    assert foreign.verify(bytearray(octets), digest, bytearray(ours[32:] + ours[:32]))
    theirs = bytes(foreign.sign(bytearray(SECRET.to_bytes(32, "big")), digest))
    assert PublicKey(XCHA, POINT).verify(EXCHANGE, theirs[32:] + theirs[:32])


@needs_engine
@pytest.mark.parametrize("oid", sorted(CURVES_BY_OID))
def test_openssl_and_python_accept_each_other(oid: str, tmp_path: Path) -> None:
    key = generate_private_key(oid)
    key_file, certificate_file = key_files(tmp_path, key)
    certificate = load_certificate(certificate_file.read_bytes())
    engine = OpenSslSigner.from_files(key_file, certificate_file)
    (tmp_path / "public.pem").write_bytes(
        openssl("x509", "-engine", "gost", "-in", str(certificate_file), "-pubkey", "-noout")
    )
    (tmp_path / "signature").write_bytes(key.sign(b"message"))

    assert CertificateVerifier().verify(b"message", engine.sign(b"message"), certificate)
    verdict = openssl(
        *("dgst", "-engine", "gost", "-md_gost12_256", "-verify", str(tmp_path / "public.pem")),
        *("-signature", str(tmp_path / "signature")),
        given=b"message",
    )
    assert b"Verified OK" in verdict


@needs_engine
def test_the_engine_is_taken_where_the_machine_has_it(tmp_path: Path) -> None:
    signer = best_signer(*key_files(tmp_path, generate_private_key()))

    assert isinstance(signer, OpenSslSigner)


def test_without_the_engine_python_signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing_module, "_engine_answers", lambda: False)

    signer = best_signer(*key_files(tmp_path, generate_private_key()))

    assert isinstance(signer, SoftwareSigner)
    assert self_test(signer).is_gost


def test_a_key_of_another_certificate_is_refused_at_start(tmp_path: Path) -> None:
    key_file, certificate_file = key_files(tmp_path, generate_private_key())
    key_file.write_bytes(generate_private_key().to_pem())

    with pytest.raises(SigningImpossible):
        best_signer(key_file, certificate_file)


def test_a_missing_key_is_an_explained_failure(tmp_path: Path) -> None:
    key_file, certificate_file = key_files(tmp_path, generate_private_key())
    signer = OpenSslSigner.from_files(key_file, certificate_file)
    key_file.unlink()

    with pytest.raises(SigningImpossible):
        signer.sign(b"message")


def test_printing_a_private_key_shows_no_secret() -> None:
    key = PrivateKey(XCHA, SECRET)

    assert str(SECRET) not in f"{key} {key!r} {SoftwareSigner(key, b'')!r}"
