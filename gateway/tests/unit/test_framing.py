"""Frames of server-sent events, CSRF tokens and bodies: nothing breaks out of its place."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_gateway.body import fields_of, read_json, wanted_fields
from lkmr_gateway.csrf import Csrf, comes_from_us, token_fits
from lkmr_gateway.device import device_key, device_words
from lkmr_gateway.exchange import Exchange, Refused
from lkmr_gateway.sse import frame

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def an_exchange(body: bytes = b"", **headers: str) -> Exchange:
    scope = {
        "method": "POST",
        "path": headers.pop("path", "/messages"),
        "query_string": b"",
        "scheme": "https",
    }
    named = {k.replace("_", "-").encode(): v.encode() for k, v in headers.items()}
    made = Exchange(scope, {b"host": b"cabinet.example", **named}, "127.0.0.1")
    made.body = body
    return made


@given(_JSON)
def test_one_event_is_one_frame_whatever_it_carries(value: object) -> None:
    made = frame("message", orjson.dumps(value), "id-1")

    assert made.count(b"\n\n") == 1
    assert made.endswith(b"\n\n")
    lines = made.decode().split("\n")[:-2]
    assert lines[0] == "id: id-1"
    assert lines[1] == "event: message"
    data = "\n".join(line.removeprefix("data: ") for line in lines[2:])
    assert json.loads(data) == value


@given(st.binary(max_size=80))
def test_bytes_that_are_no_json_are_refused_and_nothing_else_happens(body: bytes) -> None:
    try:
        read_json(body)
    except Refused as refusal:
        assert refusal.problem.status == 400


@given(_JSON)
def test_json_is_read_as_it_is(value: object) -> None:
    assert read_json(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 2}}',
        b"[" * 40 + b"]" * 40,
        b"{" + b",".join(b'"%d": 1' % n for n in range(1001)) + b"}",
        b'{"a": NaN}',
        b"[" * 100_000,
        b"",
    ],
)
def test_json_beyond_its_limits_is_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        read_json(body)


def test_a_form_is_read_for_pages_and_not_for_the_api() -> None:
    kind = "application/x-www-form-urlencoded; charset=utf-8"
    form = an_exchange(b"code=12+34&csrf_token=t", content_type=kind)

    assert wanted_fields(form, "code") == {"code": "12 34"}
    with pytest.raises(Refused):
        fields_of(an_exchange(b"code=1", content_type=kind, path="/api/v1/x"))


@pytest.mark.parametrize(
    "body", [b"a", b"a=1&a=2", b"a=%FF", b"&".join([b"a%d=1" % n for n in range(70)])]
)
def test_a_form_that_is_malformed_is_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        fields_of(an_exchange(body, content_type="application/x-www-form-urlencoded"))


def test_fields_that_nobody_asked_for_are_named() -> None:
    exchange = an_exchange(b'{"code": "1", "more": "2"}', content_type="application/json")

    with pytest.raises(Refused) as refusal:
        wanted_fields(exchange, "code")

    assert [one.field for one in refusal.value.problem.errors] == ["more"]


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, True),
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "same-origin", "origin": "https://evil.example"}, True),
        ({"sec_fetch_site": "same-site"}, False),
        ({"sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": "none"}, False),
        ({"origin": "https://cabinet.example"}, True),
        ({"origin": "http://cabinet.example"}, False),
        ({"origin": "null"}, False),
    ],
)
def test_a_write_comes_from_a_page_of_ours(headers: dict[str, str], ours: bool) -> None:  # noqa: FBT001 - a case
    assert comes_from_us(an_exchange(**headers)) is ours


def test_tokens_differ_by_session_purpose_and_key() -> None:
    one, other = Csrf("a"), Csrf("b")
    made = {
        one.session_token(b"s"),
        one.session_token(b"t"),
        other.session_token(b"s"),
        one.sign_in_token(b"s"),
    }

    assert len(made) == 4
    assert one.session_token(b"s") == Csrf("a").session_token(b"s")
    assert not token_fits("\udcff", one.session_token(b"s"))
    assert not token_fits("", one.session_token(b"s"))


def test_a_device_is_known_by_family_and_platform() -> None:
    chrome = (
        b"Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/128.0.0.0 Safari/537.36"
    )

    assert device_key(chrome) == device_key(chrome.replace(b"128", b"129")) == "chrome;windows"
    assert device_key(chrome.replace(b"Windows NT", b"Linux")) == "chrome;linux"
    assert device_key(b"python-httpx/0.27") == "python-httpx;"
    assert device_key(b"") == "unnamed;"
    assert device_words(chrome.decode()) == "Chrome 128"
    assert device_words("curl/8") == ""


@given(st.text(max_size=60))
def test_no_cookie_text_becomes_anything_but_itself_or_nothing(text: str) -> None:
    exchange = an_exchange()
    raw = b"__Host-lkmr=" + text.encode("utf-8", "surrogatepass")
    exchange.headers[b"cookie"] = raw

    found = exchange.cookie(b"__Host-lkmr")

    assert found == b"" or b"__Host-lkmr=" + found in raw.replace(b" ", b"")
    exchange.headers[b"cookie"] = b"__Host-lkmr=a; __Host-lkmr=b"
    assert exchange.cookie(b"__Host-lkmr") == b""
