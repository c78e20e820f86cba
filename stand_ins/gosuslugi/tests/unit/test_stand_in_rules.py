from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_gost import load_certificate
from lkmr_gosuslugi_stand_in import flows
from lkmr_gosuslugi_stand_in.accounts import Accounts, Locks, password_fits
from lkmr_gosuslugi_stand_in.clients import Client, ClientRecord
from lkmr_gosuslugi_stand_in.config import Settings, Switches
from lkmr_gosuslugi_stand_in.faults import FAULTS, EsiaFault, missing
from lkmr_gosuslugi_stand_in.pages import with_query
from lkmr_gosuslugi_stand_in.parameters import read_pairs
from lkmr_gosuslugi_stand_in.passwords import missing_classes
from lkmr_gosuslugi_stand_in.phones import esia_phone, masked_phone, normal_phone
from lkmr_gosuslugi_stand_in.scopes import granted_scope, names_of
from lkmr_gosuslugi_stand_in.sms import SmsSender
from lkmr_gosuslugi_stand_in.token_keys import TokenKeys
from lkmr_gosuslugi_stand_in.world import World
from lkmr_servicekit.clock import FakeClock
from lkmr_stand_in_kit.store import Store

NOW = datetime(2026, 1, 15, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    with Store(tmp_path / "state.sqlite3") as opened:
        yield opened


def test_a_personal_scope_is_bound_to_its_person_and_openid_is_not() -> None:
    assert granted_scope("fullname openid fullname", 5) == "fullname?oid=5 openid"
    assert granted_scope("http://esia.gosuslugi.ru/org_inf?org_oid=7", 5).endswith("?org_oid=7")
    assert names_of("http://esia.gosuslugi.ru/org_inf?org_oid=7 snils") == ("org_inf", "snils")


@pytest.mark.parametrize("code", sorted(FAULTS))
def test_every_fault_begins_with_its_code_in_all_languages(code: str) -> None:
    fault = EsiaFault(code)

    for language in ("en", "ru", "enum"):
        assert fault.description(language).startswith(f"ESIA-{code}: ")
    assert fault.error.replace("_", "").isalpha()


def test_missing_parameters_are_named_in_brackets() -> None:
    assert missing("state", "client_id").description("en").endswith("[state, client_id].")


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("https://cabinet.example/cb", True),
        ("https://CABINET.example:8443/cb?x=1", True),
        ("http://localhost:8080/auth/callback", True),
        ("http://localhost:8081/auth/callback", False),
        ("https://sub.cabinet.example/cb", False),
        ("https://cabinet.example.evil/cb", False),
        ("https://user@cabinet.example/cb", False),
        ("https://cabinet.example/cb#fragment", False),
        ("https://cabinet.example:port/cb", False),
        ("ftp://cabinet.example/cb", False),
        ("/cb", False),
        ("", False),
    ],
)
def test_only_registered_hosts_are_returned_to(address: str, fits: bool) -> None:  # noqa: FBT001 - a table
    client = Client("X", ClientRecord(redirect_domains=["cabinet.example", "localhost:8080"]))

    assert client.may_return_to(address) is fits


def test_lists_of_a_record_may_be_texts() -> None:
    record = ClientRecord(scopes="openid fullname", redirect_domains="a.example, b.example")

    assert record.scopes == ["openid", "fullname"]
    assert record.redirect_domains == ["a.example", "b.example"]


@pytest.mark.parametrize(
    "name",
    [
        "ivanova",
        "IVANOVA ",
        "ivanova@demo.example",
        "+79000000001",
        "8 (900) 000-00-01",
        "9000000001",
        "900-001-037 98",
        "90000103798",
    ],
)
def test_a_person_is_found_by_every_name(name: str, store: Store) -> None:
    found = Accounts(store).find(name)

    assert found is not None
    assert found.login == "ivanova"


@pytest.mark.parametrize("name", ["", " ", "nobody", "-", "+7", "0", "Иванова"])
def test_other_names_find_nobody(name: str, store: Store) -> None:
    assert Accounts(store).find(name) is None


def test_a_password_must_be_the_person_s_own(store: Store) -> None:
    person = Accounts(store).get("ivanova")

    assert password_fits(person, "Kabinet-2026!")
    assert not password_fits(person, "kabinet-2026!")
    assert not password_fits(None, "no such person")


def test_a_change_survives_a_restart_and_a_new_person_gets_a_number(store: Store) -> None:
    base = {"family_name": "Я", "given_name": "А", "gender": "M", "birth_date": "1990-01-01"}
    accounts = Accounts(store)
    first = accounts.change("first", base | {"snils": "900-001-037 98"})
    second = accounts.change("second", base | {"snils": "900-001-037 98"})

    first = accounts.change("first", {"esia_oid": 1000299999})

    again = Accounts(store)

    assert accounts.by_oid(1000299999) == again.get("first") == first
    assert first.esia_oid != second.esia_oid
    assert again.by_oid(second.esia_oid or 0) == second


def test_failures_lock_only_within_the_window(store: Store) -> None:
    locks, rule = Locks(store), Switches()
    for minute in range(0, 64, 16):
        assert locks.fail("x", NOW + timedelta(minutes=minute), rule) is None
    moment = NOW + timedelta(minutes=100)
    for _ in range(4):
        assert locks.fail("x", moment, rule) is None

    until = locks.fail("x", moment, rule)

    assert until == moment + timedelta(minutes=30)
    assert locks.locked_until("x", moment + timedelta(minutes=29)) == until
    assert locks.locked_until("x", moment + timedelta(minutes=31)) is None
    assert locks.locked_until("y", moment) is None


@pytest.mark.proves("F-103")
@given(st.text(max_size=30))
def test_a_password_is_taken_only_with_every_class(password: str) -> None:
    lacks = missing_classes(password)

    complete = (
        len(password) >= 8
        and password.lower() != password
        and any(sign.islower() for sign in password)
        and any(sign.isdigit() for sign in password)
    )
    if not lacks:
        assert complete
        assert not password.isalnum()


@pytest.mark.parametrize("kept", ["Aa1!Aa1!", "Пароль-2026"])
def test_a_password_with_every_class_is_taken(kept: str) -> None:
    assert missing_classes(kept) == []


def test_phones_are_written_in_the_forms_of_their_places() -> None:
    assert normal_phone("8 (900) 000-00-06") == "+79000000006"
    assert normal_phone("+1 202 555 01 23") is None
    assert normal_phone("٨٩٠٠٠٠٠٠٠٠٦") is None
    assert esia_phone("+79000000006") == "+7(900)0000006"
    assert masked_phone("+79000000006") == "+7 ••• •••-••-06"


@given(st.binary(max_size=200))
def test_any_bytes_are_parameters_or_007038(encoded: bytes) -> None:
    try:
        given_ = read_pairs(encoded)
    except EsiaFault as fault:
        assert fault.code == "007038"
    else:
        assert all(isinstance(value, str) for value in given_.values())


def test_repeated_names_are_noticed() -> None:
    given_ = read_pairs(b"scope=a&state=1&scope=b")

    assert given_.repeated == ["scope"]
    assert given_["scope"] == "a"


def test_an_address_with_a_query_gets_more_of_it() -> None:
    assert with_query("https://a/cb?x=1", {"code": "a b"}) == "https://a/cb?x=1&code=a+b"
    assert with_query("https://a/cb", {"code": "1"}) == "https://a/cb?code=1"


def test_token_keys_stay_the_same_and_keep_private_parts_private(tmp_path: Path) -> None:
    keys = TokenKeys(tmp_path / "keys", tmp_path / "public")
    again = TokenKeys(tmp_path / "keys", tmp_path / "public")

    assert again.of("RS256").hash == keys.of("RS256").hash
    assert again.of("GOST3410_2012_256").hash == keys.of("GOST3410_2012_256").hash
    published = sorted(file.name for file in (tmp_path / "public").iterdir())
    assert published == ["esia-gost-1.pem", "esia-rsa-1.pem"]
    for file in (tmp_path / "keys").glob("*.key"):
        assert file.stat().st_mode & 0o077 == 0
    for file in (tmp_path / "public").iterdir():
        assert load_certificate(file.read_bytes()).valid_at(NOW)


@pytest.fixture
async def world(store: Store, tmp_path: Path) -> World:
    async with SmsSender("") as sms:
        yield World(Settings(data_dir=tmp_path), store, FakeClock(NOW), sms)


def test_a_sign_in_belongs_to_its_browser_and_half_an_hour(world: World) -> None:
    flow = flows.begin(world, "browser", "http://localhost", None)

    assert flows.find(world, flow.id, "browser") == flow
    assert flows.find(world, flow.id, "another") is None
    world.change_switches({"clock_offset_seconds": 31 * 60})
    assert flows.find(world, flow.id, "browser") is None
    assert flows.forget_late(world) == 1


def test_a_code_is_kept_only_as_a_digest(world: World, store: Store) -> None:
    person = world.accounts.get("ivanova")
    assert person is not None
    flow, digits = flows.new_code(world, flows.begin(world, "b", "http://localhost", None), person)

    assert digits not in str(dict(store.documents("flow")))
    assert flows.try_code(world, flow, digits) == ("right", 2)
