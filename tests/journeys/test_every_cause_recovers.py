"""Every cause of a refused sign-in: its code, its steps, and the way back in by following them."""

import re
import socket
import ssl
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from ..support.own_suite import eventually, rows
from ..support.visitor import PASSWORD, Visitor

pytestmark = [pytest.mark.journey, pytest.mark.proves("F-172", "F-191")]
NewVisitor = Callable[..., Visitor]
NEW_PASSWORD = "Drugoi-Parol-8"
OLD_CHROME = "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 Chrome/79.0.3945.88 Safari/537.36"


def is_in(person: Visitor) -> bool:
    return person.request("GET", "/api/v1/session").status_code == 200


def at_the_portal(person: Visitor, login: str, password: str) -> str:
    """The answer of the portal to a login and a password."""
    person.open("/auth/login")
    form = person.form_with("password")
    assert form is not None
    return person.submit(form, login=login, password=password).text


@pytest.mark.proves("F-173", "F-184")
def test_a_forgotten_password_is_replaced_at_the_portal_and_opens_the_cabinet(
    visitor: NewVisitor,
) -> None:
    person = visitor()
    page = at_the_portal(person, "ivanova", "Not-The-Password-1")
    assert "LKMR-AUTH-001" in page
    (link,) = set(re.findall(r'href="(/recovery)"', page))
    try:
        person.open(f"{person.suite.url('gosuslugi')}{link}")
        person.submit(person.forms()[0], login="ivanova")
        code = person.code_for("+79000000001")
        done = person.submit(person.forms()[0], code=code, password=NEW_PASSWORD)
        assert "Пароль изменён" in done.text
        again = visitor()
        again.sign_in("ivanova", password=NEW_PASSWORD)
        assert is_in(again)
    finally:
        person.control("gosuslugi", "PATCH", "people/ivanova", {"password": PASSWORD})


@pytest.mark.proves("F-175", "F-187")
def test_a_closed_account_is_opened_by_the_portal_s_support(visitor: NewVisitor) -> None:
    person = visitor()
    for _ in range(5):
        page = at_the_portal(person, "ivanova", "Not-The-Password-1")
    assert "LKMR-AUTH-003" in page
    assert "LKMR-AUTH-003" in at_the_portal(person, "ivanova", PASSWORD)

    person.open(f"{person.suite.url('gosuslugi')}/support")
    person.submit(person.forms()[0], login="ivanova")
    done = person.submit(person.forms()[0], code=person.code_for("+79000000001"))

    assert "Учётная запись открыта" in done.text
    again = visitor()
    again.sign_in("ivanova")
    assert is_in(again)


@pytest.mark.proves("F-174")
@pytest.mark.parametrize("end", ["active_time", "expire_time"])
def test_a_session_that_is_over_leads_back_to_the_same_page(visitor: NewVisitor, end: str) -> None:
    person = visitor()
    person.sign_in("ivanova")
    past = (
        f"UPDATE session SET {end} = statement_timestamp() - interval '1 hour'"  # noqa: S608
        " WHERE id = $1 RETURNING id"
    )
    (name,) = (one["name"] for one in person.api("sessions")["items"] if one["current"])
    assert rows(person.suite, "auth", past, name.rpartition("/")[2])
    pid = person.suite.kill("gateway")  # which would learn of the end within minutes
    person.suite.wait_restarted("gateway", after=pid)
    eventually(lambda: person.request("GET", "/readyz").status_code == 200, 20, "the gateway")
    refused = person.request("GET", "/api/v1/session")
    assert (refused.status_code, refused.json()["reason"]) == (401, "SESSION_EXPIRED")

    page = person.open("/accreditations")

    assert "LKMR-AUTH-002" in page.text
    (where,) = set(re.findall(r'href="(/auth/login\?return_to=[^"]+)"', page.text))
    person.open(where)
    assert urlsplit(person.at).path == "/accreditations"
    assert is_in(person)


@pytest.mark.proves("F-178")
def test_an_old_browser_is_told_to_be_renewed_and_old_tls_ends_at_the_handshake(
    visitor: NewVisitor,
) -> None:
    person = visitor()
    person.user_agent = OLD_CHROME
    refused = person.request("GET", "/auth/login")
    assert (refused.status_code, "LKMR-AUTH-006" in refused.text) == (426, True)
    context = ssl.create_default_context(cafile=str(person.suite.home.root / "tls" / "ca.pem"))
    address = ("127.0.0.1", person.suite.ports.gateway_https())
    with (
        socket.create_connection(address, timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as protected,
    ):
        assert protected.version() == "TLSv1.3"
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection(address, timeout=10) as plain,
        pytest.raises(ssl.SSLError),
    ):
        context.wrap_socket(plain, server_hostname="localhost")

    person.user_agent = Visitor.user_agent
    person.sign_in("ivanova")
    assert is_in(person)


@pytest.mark.proves("F-179", "F-180", "F-181", "F-188")
@pytest.mark.parametrize(
    ("behaviour", "code", "word"),
    [
        ({"availability": "down"}, "LKMR-AUTH-007", "недоступен"),
        ({"availability": "maintenance"}, "LKMR-AUTH-008", "плановые работы"),
        ({"availability": "overloaded", "delay_seconds": 9}, "LKMR-AUTH-009", "перегружен"),
    ],
)
def test_trouble_of_the_portal_is_told_apart_and_its_end_lets_in(
    visitor: NewVisitor, behaviour: dict[str, object], code: str, word: str
) -> None:
    person = visitor()
    person.control("gosuslugi", "PUT", "behaviour", behaviour)
    try:
        page = person.open("/auth/login?return_to=/accreditations")
        assert page.status_code in {429, 503}
        assert code in page.text
        (link,) = set(re.findall(r'href="(http[^"]+/status)"', page.text))
        assert word in person.open(link).text
    finally:
        person.control("gosuslugi", "PUT", "behaviour", {"availability": "up"})

    if code == "LKMR-AUTH-009":
        assert page.headers["retry-after"] == "9"
    person.sign_in("ivanova", return_to="/accreditations")
    assert urlsplit(person.at).path == "/accreditations"
    assert is_in(person)


@pytest.mark.proves("F-182")
def test_an_address_that_is_not_registered_stops_the_sign_in_until_it_is(
    visitor: NewVisitor,
) -> None:
    person = visitor()
    registered = person.control("gosuslugi", "GET", "clients/LKMR01")
    record = {name: value for name, value in registered.items() if name != "certificate_hashes"}
    person.control(
        "gosuslugi", "PUT", "clients/LKMR01", {**record, "redirect_domains": ["old.example"]}
    )
    try:
        page = person.open("/auth/login")
        assert page.status_code == 400
        assert "LKMR-AUTH-010" in page.text
        assert "ESIA-007023" in page.text
    finally:
        person.control("gosuslugi", "PUT", "clients/LKMR01", record)

    person.sign_in("ivanova")
    assert is_in(person)


@pytest.mark.proves("F-183")
def test_a_profile_of_another_organisation_is_refused_and_the_right_one_opens(
    visitor: NewVisitor,
) -> None:
    person = visitor()
    refused = person.sign_in("petrov", profile="org-gov/DOCTOR")
    assert "LKMR-AUTH-011" in refused.text
    assert not is_in(person)

    person.open("/auth/profile")
    form = person.form_with("profile")
    assert form is not None
    person.submit(form, profile="org-gp1/DOCTOR")
    assert person.api("session")["organization"]["id"] == "org-gp1"


def test_an_unconfirmed_account_is_confirmed_at_the_portal_and_lets_in(visitor: NewVisitor) -> None:
    person = visitor()
    page = person.sign_in("tikhonov")
    assert "LKMR-AUTH-017" in page.text
    assert "LKMR-AUTH-017" in person.open("/help/sign-in").text
    (link,) = set(re.findall(r'href="(http[^"]+/identity)"', page.text))
    try:
        person.open(link)
        done = person.submit(person.forms()[1], sample="good")
        assert "учётная запись подтверждённая" in done.text

        page = person.sign_in("tikhonov")

        assert "LKMR-AUTH-017" not in page.text
    finally:
        person.control("gosuslugi", "PATCH", "people/tikhonov", {"esia_level": "standard"})


def test_a_refused_consent_is_given_at_the_next_attempt(visitor: NewVisitor) -> None:
    person = visitor()
    phone = "+79000000001"
    person.open("/auth/login")
    form = person.form_with("password")
    assert form is not None
    person.submit(form, login="ivanova", password=PASSWORD)
    form = person.form_with("code")
    assert form is not None
    person.submit(form, code=person.code_for(phone))
    portal = person.suite.url("gosuslugi")
    if is_in(person):  # the consent of an earlier test lives on: take it back
        person.open(f"{portal}/profile")
        person.submit(next(one for one in person.forms() if "client_id" in one.fields))
        person.cookies.pop(urlsplit(person.base).netloc)
        person.open("/auth/login")
    deny = next(one for one in person.forms() if one.fields.get("decision") == "deny")
    assert "LKMR-AUTH-013" in person.submit(deny).text

    person.open("/auth/login")
    person.submit(person.consent_form())
    assert is_in(person)


@pytest.mark.proves("F-193", "F-199")
def test_a_code_typed_wrong_and_a_cookie_lost_on_the_way_are_told_apart_and_mended(
    visitor: NewVisitor,
) -> None:
    person = visitor()
    person.open("/auth/login")
    form = person.form_with("password")
    assert form is not None
    person.submit(form, login="novikov", password=PASSWORD)
    while urlsplit(person.at).netloc != urlsplit(person.base).netloc:
        person.submit(person.consent_form())
    form = person.form_with("code")
    assert form is not None
    right = person.code_for("+79000000015")

    assert "LKMR-CONF-008" in person.submit(form, code=right[:4]).text
    assert "LKMR-CONF-001" in person.submit(form, code=f"{(int(right) + 1) % 10**6:06d}").text
    jar = person.cookies[urlsplit(person.base).netloc]
    kept = jar.pop("__Host-lkmr-login")
    assert "LKMR-CONF-006" in person.submit(form, code=right).text
    jar["__Host-lkmr-login"] = kept
    person.submit(form, code=f" {right[:3]} {right[3:]} ")
    assert is_in(person)
