from datetime import UTC, datetime
from pathlib import Path

import pytest
from gost_samples import key_files, needs_engine, openssl
from hypothesis import given, settings
from hypothesis import strategies as st

from lkmr_gost import (
    SoftwareSigner,
    generate_private_key,
    load_certificate,
    self_signed_certificate,
)
from lkmr_gost.cms import CmsRefused, sign_detached, verify_signed

MESSAGE = b"openid fullname2026.01.15 09:30:00 +0300LKMR01state"
KEY = generate_private_key()
CERTIFICATE = load_certificate(
    self_signed_certificate(
        KEY,
        common_name="LKMR01",
        not_before=datetime(2020, 1, 1, tzinfo=UTC),
        not_after=datetime(2049, 1, 1, tzinfo=UTC),
    )
)
SIGNER = SoftwareSigner(KEY, CERTIFICATE.der)
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
BARE = sign_detached(MESSAGE, SIGNER)
WITH_ATTRIBUTES = sign_detached(MESSAGE, SIGNER, sign_time=NOON)


@pytest.mark.parametrize("container", [BARE, WITH_ATTRIBUTES], ids=["bare", "attributes"])
def test_own_containers_are_accepted_for_their_message_only(container: bytes) -> None:
    verify_signed(container, MESSAGE, CERTIFICATE)

    with pytest.raises(CmsRefused):
        verify_signed(container, MESSAGE + b" ", CERTIFICATE)


@pytest.mark.parametrize("container", [BARE, WITH_ATTRIBUTES], ids=["bare", "attributes"])
def test_the_signer_must_be_the_registered_certificate(container: bytes, tmp_path: Path) -> None:
    other = load_certificate(key_files(tmp_path, generate_private_key())[1].read_bytes())

    with pytest.raises(CmsRefused):
        verify_signed(container, MESSAGE, other)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(WITH_ATTRIBUTES) - 1), st.integers(1, 255))
def test_a_changed_byte_never_makes_another_message_acceptable(place: int, change: int) -> None:
    mangled = bytearray(WITH_ATTRIBUTES)
    mangled[place] ^= change

    with pytest.raises(CmsRefused):
        verify_signed(bytes(mangled), b"another message", CERTIFICATE)


@given(st.binary(max_size=200))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(CmsRefused):
        verify_signed(noise, MESSAGE, CERTIFICATE)


@needs_engine
@pytest.mark.parametrize(
    "options", [("-noattr",), (), ("-nodetach",)], ids=["noattr", "attributes", "attached"]
)
@pytest.mark.parametrize("command", ["smime", "cms"])
def test_containers_of_openssl_are_accepted(
    command: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    key_file, file = key_files(tmp_path, generate_private_key())
    signing = ("-sign", "-engine", "gost", "-binary", "-outform", "DER", "-md", "md_gost12_256")
    files = ("-signer", str(file), "-inkey", str(key_file))

    container = openssl(command, *signing, *files, *options, given=MESSAGE)

    certificate = load_certificate(file.read_bytes())
    verify_signed(container, MESSAGE, certificate)
    with pytest.raises(CmsRefused):
        verify_signed(container, b"another message", certificate)


@needs_engine
@pytest.mark.parametrize("container", [BARE, WITH_ATTRIBUTES], ids=["bare", "attributes"])
def test_openssl_accepts_our_containers(container: bytes, tmp_path: Path) -> None:
    (tmp_path / "c.der").write_bytes(container)
    (tmp_path / "content").write_bytes(MESSAGE)

    checked = openssl(
        *("cms", "-verify", "-engine", "gost", "-noverify", "-binary", "-inform", "DER"),
        *("-in", str(tmp_path / "c.der"), "-content", str(tmp_path / "content")),
    )

    assert checked == MESSAGE


def test_rsa_containers_are_accepted_for_an_rsa_certificate(tmp_path: Path) -> None:
    key_file, file = tmp_path / "k.pem", tmp_path / "c.pem"
    openssl(
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=OLD01", "-days", "10"),
        *("-keyout", str(key_file), "-out", str(file)),
    )
    container = openssl(
        *("smime", "-sign", "-binary", "-outform", "DER", "-md", "sha256", "-noattr"),
        *("-signer", str(file), "-inkey", str(key_file)),
        given=MESSAGE,
    )

    verify_signed(container, MESSAGE, load_certificate(file.read_bytes()))
    with pytest.raises(CmsRefused):
        verify_signed(container, b"another message", load_certificate(file.read_bytes()))
