import base64
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.errors import ServiceError


def a_ring(folder: Path, *names: str, service: str = "auth") -> KeyRing:
    keys = {name: base64.b64encode(os.urandom(32)).decode() for name in names}
    index = base64.b64encode(b"i" * 32).decode()
    path = folder / "ring.keys"
    path.write_text(json.dumps({"active": names[0], "keys": keys, "index_key": index}))
    return KeyRing.from_file(service, path)


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    return a_ring(tmp_path_factory.mktemp("keys"), "k1", "k0")


def test_a_sealed_value_opens_in_its_place_only(ring: KeyRing) -> None:
    key = ring.new_data_key()
    sealed = key.seal(b"secret", "person", "names", "1")

    assert ring.data_key(key.wrapped).open(sealed, "person", "names", "1") == b"secret"
    for place in (("person", "names", "2"), ("person", "phone", "1"), ("person", "names")):
        with pytest.raises(ServiceError):
            key.open(sealed, *place)


@given(st.integers(0, 50), st.integers(1, 255))
def test_a_flipped_byte_is_found_wherever_it_is(ring: KeyRing, place: int, mask: int) -> None:
    key = ring.new_data_key()
    sealed = bytearray(key.seal(b"secret value", "t", "c", "1"))
    sealed[place % len(sealed)] ^= mask

    with pytest.raises(ServiceError):
        key.open(bytes(sealed), "t", "c", "1")


def test_a_data_key_of_another_service_does_not_open(tmp_path: Path) -> None:
    ours = a_ring(tmp_path, "k1")
    theirs = KeyRing("notify", "k1", ours.keys, ours.index_key)

    with pytest.raises(ServiceError):
        theirs.data_key(ours.new_data_key().wrapped)


def test_an_old_key_still_opens_and_an_unknown_one_is_named(ring: KeyRing) -> None:
    old = KeyRing("auth", "k0", ring.keys, ring.index_key).new_data_key()
    foreign = KeyRing("auth", "k9", {"k9": ring.keys["k1"]}, ring.index_key).new_data_key()

    assert ring.data_key(old.wrapped).id == old.id
    with pytest.raises(ServiceError, match="KEY_UNKNOWN"):
        ring.data_key(foreign.wrapped)


def test_an_index_is_equal_for_equal_values_of_one_column(ring: KeyRing) -> None:
    assert ring.index("person.snils", "1") == ring.index("person.snils", "1")
    assert ring.index("person.snils", "1") != ring.index("person.phone", "1")
