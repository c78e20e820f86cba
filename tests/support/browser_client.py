"""A browser without scripts: cookies, redirects, forms. Signs in as a person would.

For journeys and benchmarks that need no real browser. It knows the cabinet and the stand-ins only
by what is promised to outside checks: forms with `login`, `password`, `code`, `profile`.
"""

import re
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx2

SESSION_COOKIE = "__Host-lkmr"
USER_AGENT = "lkmr-checks/1.0 (Linux)"
MAX_STEPS = 20
CODE_SECONDS = 15.0
_CODE = re.compile(r"(?<!\d)\d{4,8}(?!\d)")


class SignInFailed(Exception):
    """The way in ended on a page that the person cannot get past."""


@dataclass(slots=True)
class Form:
    """A form of a page: where it goes and what it sends when nothing is typed."""

    action: str = ""
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """Names of everything that may be filled in or chosen."""
        return {*self.fields, *self.choices}


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""), given.get("method", "get").lower())
            self.found.append(self._open)
        elif self._open is not None and tag in {"input", "textarea", "button"}:
            self._take(self._open, tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None

    def _take(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        kind = "submit" if tag == "button" else given.get("type", "text").lower()
        if kind in {"submit", "image"}:
            if name:
                form.buttons.append((name, value))
        elif kind in {"radio", "checkbox"}:
            form.choices.setdefault(name, []).append(value or "on")
            if "checked" in given:
                form.fields[name] = value or "on"
        elif name and kind not in {"button", "reset", "file"}:
            form.fields[name] = value


@dataclass(frozen=True, slots=True)
class Page:
    """What the browser shows: the address after all redirects, the answer, its forms."""

    url: str
    status: int
    text: str
    forms: list[Form]

    def form_with(self, *names: str) -> Form | None:
        """The first form that has all these fields."""
        return next((form for form in self.forms if form.names.issuperset(names)), None)


class BrowserClient:
    """One browser. Cookies belong to a host name, whatever the port, as in every browser.

    `Secure` cookies go to `http://localhost` too: browsers take it for a safe place.
    """

    def __init__(self, *, user_agent: str = USER_AGENT) -> None:
        self.user_agent = user_agent
        self.cookies: dict[tuple[str, str], str] = {}
        self._http = httpx2.Client(trust_env=False, timeout=15, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def cookie(self, url: str, name: str = SESSION_COOKIE) -> str:
        """The value of a cookie for the host of a URL; empty when there is none."""
        return self.cookies.get((urlsplit(url).hostname or "", name), "")

    def request(
        self,
        method: str,
        url: str,
        *,
        data: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx2.Response:
        """One exchange with the cookies of the host; redirects are not followed."""
        host = urlsplit(url).hostname or ""
        held = "; ".join(
            f"{name}={value}" for (at, name), value in self.cookies.items() if at == host
        )
        sent = {"user-agent": self.user_agent, "accept": "text/html,*/*;q=0.8", **(headers or {})}
        if held:
            sent["cookie"] = held
        answer = self._http.request(method, url, data=data, headers=sent)
        self._http.cookies.clear()
        for line in answer.headers.get_list("set-cookie"):
            self._keep(host, line)
        return answer

    def open(self, url: str, *, method: str = "GET", data: dict[str, str] | None = None) -> Page:
        """Go to a page and follow redirects. Raises SignInFailed when they go in circles."""
        headers = {"origin": _origin(url)} if method == "POST" else {}
        for _ in range(MAX_STEPS):
            answer = self.request(method, url, data=data, headers=headers)
            if not answer.is_redirect:
                parser = _Forms()
                if "html" in answer.headers.get("content-type", ""):
                    parser.feed(answer.text)
                return Page(url, answer.status_code, answer.text, parser.found)
            url = urljoin(url, answer.headers["location"])
            if answer.status_code in {301, 302, 303}:
                method, data, headers = "GET", None, {}
        raise SignInFailed(f"redirects without end at {url}")

    def submit(self, page: Page, form: Form, **typed: str) -> Page:
        """Fill in and send a form; its first named button is the one that is pressed."""
        data = {**form.fields, **dict(form.buttons[:1]), **typed}
        target = urljoin(page.url, form.action or page.url)
        if form.method == "post":
            return self.open(target, method="POST", data=data)
        return self.open(str(httpx2.URL(target, params=data)))

    def _keep(self, host: str, line: str) -> None:
        pair, *attributes = line.split(";")
        name, _, value = pair.strip().partition("=")
        words = {word.strip().partition("=")[0].lower(): word for word in attributes}
        gone = words.get("max-age", "").strip().lower() == "max-age=0" or not value
        if gone:
            self.cookies.pop((host, name), None)
        else:
            self.cookies[(host, name)] = value.strip('"')


@dataclass(slots=True)
class Mailbox:
    """What the mailbox stand-in received."""

    url: str

    def messages(self, to: str) -> list[dict[str, str]]:
        """Messages to an address or telephone, newest first."""
        answer = httpx2.get(f"{self.url}/api/messages", params={"to": to}, trust_env=False)
        answer.raise_for_status()
        found: list[dict[str, str]] = answer.json()
        return found

    def code(self, to: str, *, known: int, seconds: float = CODE_SECONDS) -> str:
        """The code in the first message that came after `known` ones. Raises SignInFailed."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.messages(to)
            if len(found) > known and (code := _CODE.search(found[0]["text"])):
                return code[0]
            time.sleep(0.05)
        raise SignInFailed("no code came")


def sign_in(
    browser: BrowserClient,
    cabinet: str,
    mailbox: str,
    *,
    login: str,
    password: str,
    phone: str,
    profile: str = "",
) -> Page:
    """From the sign-in address to the page behind it, whatever is asked on the way.

    Codes are read from the mailbox by `phone`; `profile` is `<organisation id>/<ROLE>`, the first
    one when it is empty. Raises SignInFailed with the address of the page that was the end.
    """
    box = Mailbox(mailbox)
    known = len(box.messages(phone))
    page = browser.open(f"{cabinet}/auth/login?return_to=/")
    for _ in range(MAX_STEPS):
        if browser.cookie(cabinet) and urlsplit(page.url).path in {"", "/"}:
            return page
        if (form := page.form_with("password")) is not None:
            known = len(box.messages(phone))
            page = browser.submit(page, form, login=login, password=password)
        elif (form := page.form_with("code")) is not None:
            code = box.code(phone, known=known)
            known = len(box.messages(phone))
            page = browser.submit(page, form, code=code)
        elif (form := page.form_with("profile")) is not None:
            chosen = profile or form.choices["profile"][0]
            page = browser.submit(page, form, profile=chosen)
        elif page.status < 400 and not page.url.startswith(cabinet) and page.forms:
            page = browser.submit(page, page.forms[0])
        else:
            break
    parts = urlsplit(page.url)
    raise SignInFailed(f"status {page.status} at {parts.netloc}{parts.path}")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
