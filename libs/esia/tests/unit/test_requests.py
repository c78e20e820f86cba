import base64
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_esia import parse_esia_code
from lkmr_esia.requests import (
    authorization_string,
    client_credentials_string,
    code_exchange_string,
    decode_secret,
    encode_secret,
    format_timestamp,
    parse_timestamp,
    refresh_string,
    refresh_string_with_token,
    v1_string,
)

MOSCOW = timezone(timedelta(hours=3))
CALLBACK = "https://lkmr.example/auth/esia/callback"


def test_the_strings_stand_in_the_order_that_esia_checks() -> None:
    common = {"client_id": "C", "scope": "S", "timestamp": "T", "state": "U"}

    assert v1_string(**common) == "STCU"
    assert authorization_string(**common, redirect_uri="R", scope_org="O") == "CSOTUR"
    assert code_exchange_string(**common, redirect_uri="R", code="K") == "CSTURK"
    assert client_credentials_string(**common, redirect_uri="R") == "CSTUR"
    assert refresh_string(**common, redirect_uri="R", scope_org="O") == "CSOTUR"
    assert refresh_string_with_token(**common, refresh_token="F") == "CSTUF"


def test_the_reference_string_is_reproduced() -> None:
    string = authorization_string(
        client_id="LKMR01",
        scope="fullname openid",
        timestamp=format_timestamp(datetime(2026, 1, 15, 9, 30, tzinfo=MOSCOW)),
        state="0e2e6a1c-3c2f-4d0a-9b7e-1f2a3b4c5d6e",
        redirect_uri=CALLBACK,
    )

    assert string == (
        "LKMR01fullname openid2026.01.15 09:30:00 +0300"
        f"0e2e6a1c-3c2f-4d0a-9b7e-1f2a3b4c5d6e{CALLBACK}"
    )


def test_the_zone_of_a_timestamp_survives_a_url() -> None:
    text = format_timestamp(datetime(2026, 1, 15, 9, 30, tzinfo=MOSCOW))

    assert quote_plus(text) == "2026.01.15+09%3A30%3A00+%2B0300"


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        format_timestamp(datetime(2026, 1, 15))  # noqa: DTZ001 - the fault under test


@given(
    st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1)),  # noqa: DTZ001 - zone follows
    st.integers(-14 * 60, 14 * 60),
)
def test_a_timestamp_is_read_as_it_was_written(naive: datetime, minutes: int) -> None:
    moment = naive.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))

    assert parse_timestamp(format_timestamp(moment)) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026.01.15 09:30:00  0300",
        "2026-01-15 09:30:00 +0300",
        "2026.01.15 09:30:00 +03:00",
        "2026.13.15 09:30:00 +0300",
        "2026.01.15 09:30:00 +9900",
        "2026.01.15 09:30:00 Z",
    ],
)
def test_another_form_of_a_timestamp_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_timestamp(text)


@given(st.binary(max_size=100))
def test_every_spelling_of_a_secret_that_clients_use_is_read(signature: bytes) -> None:
    assert decode_secret(encode_secret(signature)) == signature
    assert decode_secret(base64.urlsafe_b64encode(signature).decode()) == signature
    assert decode_secret(base64.b64encode(signature).decode()) == signature


def test_a_raw_signature_is_86_signs_long() -> None:
    assert len(encode_secret(bytes(64))) == 86


@pytest.mark.parametrize("text", ["a", "аб", "!!!!", "A" * 60000])
def test_a_secret_that_is_not_base64_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="client_secret"):
        decode_secret(text)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("ESIA-007053: OAuthErrorEnum.clientSecretWrong", "ESIA-007053"),
        ('[{"code":"ESIA-005013","message":"SecurityErrorEnum.expiredToken"}]', "ESIA-005013"),
        (b"<html><body>ESIA-007008: \xd1\x81\xd0\xb1\xd0\xbe\xd0\xb9</body></html>", "ESIA-007008"),
        ("first ESIA-007011 then ESIA-007012", "ESIA-007011"),
        (b"\xff\xfeESIA-007004", "ESIA-007004"),
        ("ESIA-7004", None),
        ("ESIA-0070041", None),
        ("", None),
        (None, None),
    ],
)
def test_the_first_code_anywhere_in_an_answer_is_found(
    answer: str | bytes | None, code: str | None
) -> None:
    assert parse_esia_code(answer) == code


@given(st.text() | st.binary())
def test_any_answer_can_be_searched(answer: str | bytes) -> None:
    found = parse_esia_code(answer)

    assert found is None or found.startswith("ESIA-")


def test_utc_is_written_as_a_zone() -> None:
    assert format_timestamp(datetime(2026, 1, 15, tzinfo=UTC)).endswith(" +0000")
