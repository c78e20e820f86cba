import gostcrypto
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkmr_gost import streebog256
from lkmr_gost.streebog import digest_in_python


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"abc", "4e2919cf137ed41ec4fb6270c61826cc4fffb660341e0af3688cd0626d23b481"),
        (  # ГОСТ Р 34.11-2012, А.1, in order of memory
            b"012345678901234567890123456789012345678901234567890123456789012",
            "9d151eefd8590b89daa6ba6cb74af9275dd051026bb149a452fd84e5e57b5500",
        ),
    ],
)
def test_published_messages_have_their_published_digests(message: bytes, expected: str) -> None:
    assert streebog256(message).hex() == expected
    assert digest_in_python(message).hex() == expected


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_compiled_python_and_foreign_hash_agree(message: bytes) -> None:
    foreign = bytes(gostcrypto.gosthash.new("streebog256", data=bytearray(message)).digest())

    assert streebog256(message) == digest_in_python(message) == foreign


@pytest.mark.parametrize("length", [63, 64, 65, 127, 128, 4000])
def test_lengths_around_the_block_agree(length: int) -> None:
    message = bytes(range(256)) * 16

    assert digest_in_python(message[:length]) == streebog256(message[:length])
