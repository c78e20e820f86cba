"""The pair of suites enters through a certified gateway: the same journey by another setting."""

from collections.abc import Callable
from urllib.parse import urlsplit

from ..support.visitor import Visitor


def test_the_sign_in_journey_passes_through_the_gateway_by_a_setting(
    visitor: Callable[..., Visitor],
) -> None:
    person = visitor()
    person.control("gosuslugi", "DELETE", "requests")
    started = person.request("GET", "/auth/login?return_to=/accreditations")
    assert urlsplit(started.headers["location"]).path == "/auth/authorize"
    assert "client_secret" not in started.headers["location"]

    page = person.sign_in("ivanova", return_to="/accreditations")

    assert urlsplit(person.at).path == "/accreditations"
    assert page.status_code == 200
    assert person.api("session")["person"]["family_name"] == "Иванова"
    asked = [one["path"] for one in person.control("gosuslugi", "GET", "requests")]
    assert {"/auth/authorize", "/auth/token", "/auth/userinfo"} <= set(asked)
    assert not [one for one in asked if one.startswith(("/aas/", "/rs/"))]


def test_an_unconfirmed_account_is_refused_through_the_gateway_too(
    visitor: Callable[..., Visitor],
) -> None:
    assert "LKMR-AUTH-017" in visitor().sign_in("tikhonov").text
