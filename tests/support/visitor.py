"""A browser without a screen: follows links, posts forms, keeps cookies, reads sent codes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpx2

PASSWORD = "Kabinet-2026!"
_MAX_STEPS = 25


@dataclass
class Form:
    """A form of a page with what it would send."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._open)
        name = given.get("name")
        if self._open is None or not name or tag not in {"input", "button"}:
            return
        if given.get("type") == "radio":
            self._open.choices.setdefault(name, []).append(given.get("value", ""))
        elif tag == "input":
            self._open.fields[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


class Visitor:
    """One person at one browser. `suite` gives addresses by `url(role, instance)`."""

    user_agent = "Mozilla/5.0 (X11; Linux x86_64) Firefox/131.0"

    def __init__(self, suite: Any, *, instance: int = 1) -> None:
        self.suite, self.base = suite, suite.url("gateway", instance)
        self._client = httpx2.Client(timeout=20, follow_redirects=False)
        self.cookies: dict[str, dict[str, str]] = {}
        self.last: httpx2.Response
        self.at = self.base

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def request(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """One request with the cookies of the site; redirects are not followed."""
        address = urljoin(self.at if path.startswith("?") else self.base, path)
        site = urlsplit(address).netloc
        jar = self.cookies.setdefault(site, {})
        headers = {"user-agent": self.user_agent}
        if "/api/" not in path:
            headers["accept"] = "text/html,application/xhtml+xml,*/*;q=0.8"
        if jar:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        headers |= more.pop("headers", {})
        answer = self._client.request(method, address, headers=headers, **more)
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.split(";")[0]
            if not value or re.search(r"(?i)max-age=0\b", line):
                jar.pop(name.strip(), None)
            else:
                jar[name.strip()] = value
        self.last = answer
        return answer

    def cookie_header(self) -> str:
        """The cookies of the cabinet as a browser sends them."""
        jar = self.cookies.get(urlsplit(self.base).netloc, {})
        return "; ".join(f"{name}={value}" for name, value in jar.items())

    def open(self, path: str) -> httpx2.Response:
        """GET and follow redirects to the page where they end."""
        answer = self.request("GET", path)
        return self._follow(answer, urljoin(self.base, path))

    def submit(self, form: Form, **values: str) -> httpx2.Response:
        """Send a form and follow redirects."""
        address = urljoin(self.at, form.action)
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(self.at))
        data = {**form.fields, **values}
        answer = self.request("POST", address, data=data, headers={"origin": origin})
        return self._follow(answer, address)

    def forms(self) -> list[Form]:
        """The forms of the page that was opened last."""
        parser = _Forms()
        parser.feed(self.last.text)
        return parser.forms

    def form_with(self, name: str) -> Form | None:
        """The form of the present page that has a field or a choice of this name."""
        for form in self.forms():
            if name in form.fields or name in form.choices:
                return form
        return None

    def consent_form(self) -> Form:
        """The form that lets the cabinet have the data, on the page of Gosuslugi."""
        forms = self.forms()
        return next((one for one in forms if one.fields.get("decision") == "grant"), forms[-1])

    def sign_in(
        self,
        login: str,
        *,
        password: str = PASSWORD,
        profile: str = "",
        return_to: str = "/",
        phone: str = "",
    ) -> httpx2.Response:
        """The whole way from the link of the cabinet to the page where it ends.

        `phone` is that of a person who is not of the demo set.
        """
        phone = phone or self._phone_of(login)
        self.open(f"/auth/login?return_to={return_to}")
        for _ in range(10):
            if form := self.form_with("password"):
                self.submit(form, login=login, password=password)
            elif form := self.form_with("code"):
                self.submit(form, code=self.code_for(phone))
            elif form := self.form_with("profile"):
                self.submit(form, profile=profile or form.choices["profile"][0])
            elif urlsplit(self.at).netloc != urlsplit(self.base).netloc and self.forms():
                self.submit(self.consent_form())
            else:
                return self.last
        raise AssertionError(f"the sign-in does not end: {self.at}")

    def code_for(self, phone: str) -> str:
        """The newest code that was sent to a telephone."""
        for message in self.messages(phone):
            if found := re.search(r"\b\d{6}\b", message["text"]):
                return found.group()
        raise AssertionError("no code was sent")

    def messages(self, to: str) -> list[dict[str, str]]:
        """What the mailbox holds for an address or a telephone, newest first."""
        answer = self._client.get(f"{self.suite.url('mailbox')}/api/messages", params={"to": to})
        found: list[dict[str, str]] = answer.json()
        return found

    def api(self, path: str, **more: Any) -> Any:
        """JSON of the cabinet's API. Raises AssertionError unless the answer is 200."""
        answer = self.request("GET", f"/api/v1/{path}", **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: object = None, **headers: str) -> httpx2.Response:
        """POST to the API with the CSRF token of the session."""
        token = self.api("session")["csrf_token"]
        given = {"x-csrf-token": token, **headers}
        return self.request("POST", f"/api/v1/{path}", json=body or {}, headers=given)

    def step_up(self, login: str) -> None:
        """Give a fresh second factor; the session goes on under a new id."""
        assert self.post("step-up/code").status_code == 200, self.last.text
        code = self.code_for(self._phone_of(login))
        confirmed = self.post("step-up/confirm", {"code": code})
        assert confirmed.status_code in {200, 204}, confirmed.text

    def control(
        self, stand_in: str, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> Any:
        """Steer a stand-in."""
        address = f"{self.suite.url(stand_in)}/_control/{path}"
        answer = self._client.request(method, address, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def _follow(self, answer: httpx2.Response, address: str) -> httpx2.Response:
        for _ in range(_MAX_STEPS):
            if answer.status_code not in {301, 302, 303, 307, 308}:
                self.at = address
                return answer
            address = urljoin(address, answer.headers["location"])
            answer = self.request("GET", address)
        raise AssertionError(f"too many redirects: {address}")

    def _phone_of(self, login: str) -> str:
        from lkmr_stand_in_kit.people import load_people

        for person in load_people().people:
            if person.login == login:
                return str(person.phone)
        return ""
