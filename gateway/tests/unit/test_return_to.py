"""After sign-in a person lands on a page of ours, whatever the link said."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lkmr_gateway.access import is_page
from lkmr_gateway.return_to import entrance, safe_return_to

_SIGNS = st.sampled_from([*"/\\?#%.:@;=&ab01 \t\n\x00", "%2f", "%5c", "%0d", "..", "//"])
_WILD = st.one_of(
    st.text(max_size=60),
    st.lists(_SIGNS, max_size=20).map("".join),
    st.lists(_SIGNS, max_size=12).map(lambda parts: "/accreditations" + "".join(parts)),
)


@given(_WILD)
@example("//evil.example")
@example("/\\evil.example")
@example("/%2fevil.example")
@example("/%5cevil.example")
@example("/accreditations/..//evil.example")
@example("/accreditations/%2e%2e/%2fevil")
@example("https://evil.example/accreditations")
@example("/accreditations?x=\r\nSet-Cookie: a")
@example("/accreditations?x=%0d%0a")
def test_every_address_becomes_a_page_of_ours(wanted: str) -> None:
    target = safe_return_to(wanted)

    assert target in {"/", wanted}
    assert target.startswith("/")
    assert not target.startswith("//")
    moved = urlsplit(urljoin("https://cabinet.example/auth/callback", target))
    assert (moved.scheme, moved.netloc) == ("https", "cabinet.example")
    assert is_page(moved.path)
    assert all(" " <= sign <= "~" for sign in target)


@pytest.mark.parametrize(
    "wanted",
    ["/", "/accreditations", "/accreditations?state=ACTIVE&page_token=a%3D", "/messages/1"],
)
def test_pages_are_returned_to(wanted: str) -> None:
    assert safe_return_to(wanted) == wanted


@pytest.mark.parametrize("wanted", ["", "/auth/logout", "/api/v1/session", "/x", "/a" * 300])
def test_everything_else_is_home(wanted: str) -> None:
    assert safe_return_to(wanted) == "/"


def test_the_front_page_remembers_what_was_asked_for() -> None:
    assert entrance("/messages?unread=true") == "/?return_to=/messages%3Funread%3Dtrue"
    assert entrance("/") == entrance("//evil") == "/"
