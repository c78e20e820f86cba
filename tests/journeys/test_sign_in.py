"""Who gets in, who does not, and what they are told."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from ..support.visitor import Visitor

pytestmark = pytest.mark.journey
NewVisitor = Callable[..., Visitor]


@pytest.mark.proves("F-146", "F-147", "F-153")
def test_the_browser_goes_to_gosuslugi_with_a_signed_request_and_never_sees_a_token(
    visitor: NewVisitor,
) -> None:
    person = visitor()
    started = person.request("GET", "/auth/login?return_to=/accreditations")
    asked = parse_qs(urlsplit(started.headers["location"]).query)

    assert started.status_code == 302
    assert urlsplit(started.headers["location"]).path == "/aas/oauth2/v2/ac"
    assert {"client_id", "scope", "state", "client_secret", "client_certificate_hash"} <= set(asked)

    person.sign_in("ivanova")
    cookie = next(line for line in _set_cookies(person) if line.startswith("__Host-lkmr="))
    for word in ("HttpOnly", "Secure", "SameSite", "Path=/"):
        assert word.lower() in cookie.lower()
    assert "domain" not in cookie.lower()
    assert "eyJ" not in str(person.cookies)
    assert "eyJ" not in person.last.text


def _set_cookies(person: Visitor) -> list[str]:
    """Cookies of a fresh sign-in, as they were set."""
    seen: list[str] = []
    original = person.request

    def listening(method: str, path: str, **more: object) -> object:
        answer = original(method, path, **more)
        seen.extend(answer.headers.get_list("set-cookie"))
        return answer

    person.request = listening  # type: ignore[method-assign, assignment]
    person.cookies.clear()
    person.sign_in("ivanova")
    person.request = original  # type: ignore[method-assign]
    return seen


@pytest.mark.proves("F-230")
def test_a_repeat_entry_has_no_step_between_gosuslugi_and_home(visitor: NewVisitor) -> None:
    person = visitor()
    person.sign_in("orlova")
    home = urlsplit(person.base).netloc
    person.cookies.pop(home)

    page = person.open("/auth/login")

    assert page.status_code == 200
    assert urlsplit(person.at).netloc == home
    assert urlsplit(person.at).path == "/"
    assert person.api("session")["person"]["family_name"] == "Орлова"


def test_two_organisations_mean_a_choice_and_the_session_carries_it(visitor: NewVisitor) -> None:
    person = visitor()
    person.sign_in("petrov", profile="org-gp1/DOCTOR")

    session = person.api("session")

    assert session["organization"]["id"] == "org-gp1"
    assert session["roles"] == ["DOCTOR"]
    assert len(session["profiles"]) == 2
    assert session["assurance"] == "SIGNED_IN"


@pytest.mark.proves("F-160", "F-161", "F-162", "F-163", "F-166")
@pytest.mark.parametrize(
    ("login", "code"),
    [
        ("vasilev", "LKMR-IDENT-002"),
        ("solovyova", "LKMR-IDENT-003"),
        ("guseva", "LKMR-IDENT-006"),
        ("tikhonov", "LKMR-AUTH-017"),
    ],
)
def test_a_mismatch_is_named_without_any_value_of_the_registers(
    visitor: NewVisitor, login: str, code: str
) -> None:
    person = visitor()
    page = person.sign_in(login)

    assert code in page.text
    assert "1965-02-27" not in page.text
    assert "27.02.1965" not in page.text
    assert "7752210892007998" not in page.text
    assert person.request("GET", "/api/v1/session").status_code == 401


@pytest.mark.proves("F-170")
def test_after_a_correction_the_next_attempt_passes(visitor: NewVisitor) -> None:
    person = visitor()
    assert "LKMR-IDENT-002" in person.sign_in("vasilev").text
    person.control("egisz", "PATCH", "register/workers/90001762944", {"birth_date": "1965-02-28"})

    person.cookies.clear()
    person.sign_in("vasilev")

    assert person.api("session")["person"]["family_name"] == "Васильев"
    person.control("egisz", "PATCH", "register/workers/90001762944", {"birth_date": "1965-02-27"})


@pytest.mark.proves("F-042", "F-126", "F-253")
def test_without_a_second_factor_at_gosuslugi_the_cabinet_asks_its_own_code(
    visitor: NewVisitor,
) -> None:
    person = visitor()
    person.open("/auth/login")
    form = person.form_with("password")
    assert form is not None
    person.submit(form, login="novikov", password="Kabinet-2026!")
    while urlsplit(person.at).netloc != urlsplit(person.base).netloc:
        person.submit(person.consent_form())

    assert urlsplit(person.at).path == "/auth/code"
    assert person.request("GET", "/api/v1/session").status_code == 401
    stays_closed(person)
    person.open("/auth/code")
    code = person.form_with("code")
    assert code is not None
    wrong = person.submit(code, code="000000")
    assert "LKMR-CONF-001" in wrong.text
    stays_closed(person)
    person.open("/auth/code")
    code = person.form_with("code")
    assert code is not None
    right = person.code_for("+79000000015")
    person.submit(code, code=f" {right[:3]} {right[3:]} ")
    assert person.api("session")["person"]["family_name"] == "Новиков"
    for section in SECTIONS:
        assert person.request("GET", f"/api/v1/{section}").status_code == 200


SECTIONS = ("accreditations", "documents", "education/activities", "messages")


def stays_closed(person: Visitor) -> None:
    """No section shows anything, neither to programs nor as a page."""
    for section in SECTIONS:
        refused = person.request("GET", f"/api/v1/{section}")
        assert (refused.status_code, refused.json()["code"]) == (401, "LKMR-AUTH-002")
    for page in ("/accreditations", "/documents", "/education", "/messages"):
        assert person.request("GET", page).status_code in {303, 401}, page


def test_the_security_administrator_gets_in_while_the_worker_register_is_down(
    visitor: NewVisitor,
) -> None:
    person = visitor()
    down = {"system": "frmr", "availability": "down"}
    person.control("egisz", "PUT", "behaviour", down)
    try:
        person.sign_in("volkov")
        assert person.api("session")["roles"] == ["SEC_ADMIN"]
    finally:
        person.control("egisz", "PUT", "behaviour", {**down, "availability": "up"})


@pytest.mark.parametrize("login", ["morozov", "volkov", "nikitina", "egorov", "lebedeva"])
def test_people_without_a_medical_post_are_confirmed_by_their_binding(
    visitor: NewVisitor, login: str
) -> None:
    person = visitor()
    person.sign_in(login)

    assert person.api("session")["roles"] != []
    assert person.request("GET", "/api/v1/accreditations").status_code == 403


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"code": "x"},
        {"state": "x"},
        {"code": "x", "state": "00000000-0000-0000-0000-000000000000"},
        {"error": "access_denied", "state": "x"},
        {"error": "", "error_description": "ESIA-007004"},
        {"code": "x" * 4000, "state": "y" * 3000},
        {"code": "\x00\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "state": "й"},
    ],
)
def test_no_callback_gives_a_bare_code_or_a_fault_of_ours(
    visitor: NewVisitor, parameters: dict[str, str]
) -> None:
    person = visitor()
    for started in (False, True):
        if started:
            person.request("GET", "/auth/login")
        answer = person.open(f"/auth/callback?{urlencode(parameters)}")

        assert 400 <= answer.status_code < 500, answer.status_code
        assert re.search(r"LKMR-AUTH-\d{3}", answer.text)
        assert "Попробовать ещё раз" in answer.text or "Войти" in answer.text


def test_a_callback_longer_than_any_address_may_be_is_refused_with_a_code(
    visitor: NewVisitor,
) -> None:
    answer = visitor().request("GET", f"/auth/callback?code={'x' * 20_000}")

    assert answer.status_code == 431
    assert answer.json()["code"] == "LKMR-SYS-015"


def test_a_callback_works_once(visitor: NewVisitor) -> None:
    person = visitor()
    used: list[str] = []
    original = person.request

    def listening(method: str, path: str, **more: object) -> object:
        if "/auth/callback" in path:
            used.append(path)
        return original(method, path, **more)

    person.request = listening  # type: ignore[method-assign, assignment]
    person.sign_in("sidorova")
    person.request = original  # type: ignore[method-assign]
    again = visitor()
    repeated = again.open(used[0])

    assert "LKMR-AUTH-014" in repeated.text
    assert again.request("GET", "/api/v1/session").status_code == 401


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ({"availability": "down"}, "LKMR-AUTH-007"),
        ({"availability": "maintenance"}, "LKMR-AUTH-008"),
        ({"availability": "overloaded"}, "LKMR-AUTH-009"),
    ],
)
def test_gosuslugi_out_of_order_is_said_in_the_cabinet_and_passes_by_itself(
    visitor: NewVisitor, behaviour: dict[str, str], code: str
) -> None:
    person = visitor()
    person.control("gosuslugi", "PUT", "behaviour", behaviour)
    try:
        _eventually(lambda: code in person.open("/auth/login").text)
    finally:
        person.control("gosuslugi", "PUT", "behaviour", {"availability": "up"})
    _eventually(lambda: person.open("/auth/login").status_code == 200)

    person.sign_in("smirnova")
    assert person.api("session")["roles"] == ["HR"]


def _eventually(condition: Callable[[], bool], seconds: float = 15) -> None:
    import time

    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_signing_out_ends_the_session_everywhere(visitor: NewVisitor) -> None:
    person = visitor()
    person.sign_in("belova")
    cookies = {site: dict(jar) for site, jar in person.cookies.items()}
    token = person.api("session")["csrf_token"]

    person.request(
        "POST", "/auth/logout", data={"csrf_token": token}, headers={"origin": person.base}
    )

    person.cookies = cookies
    _eventually(lambda: person.request("GET", "/api/v1/session").status_code == 401)
