"""Rendering of HTML pages and the cookies that bind forms to a browser. No page has a script."""

import hmac
import re
import secrets
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lkmr_gosuslugi_stand_in.parameters import Parameters
from lkmr_gosuslugi_stand_in.world import World

SESSION_COOKIE, BROWSER_COOKIE = "ESIA_SESSION", "ESIA_BROWSER"
_HERE = Path(__file__).parent
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9a-fA-F:.]+\](:[0-9]{1,5})?")
STYLE = (_HERE / "static" / "portal.css").read_bytes()
_TEMPLATES = Environment(
    loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined
)


AnyResponse = TypeVar("AnyResponse", bound=Response)


class Problem:
    """What a page tells about a failed step: the public code, what happened, what to do."""

    def __init__(self, code: str, text: str, advice: str, status: int) -> None:
        self.code, self.text, self.advice, self.status = code, text, advice, status


def site_of(world: World, request: Request) -> str:
    """Our address as this caller wrote it, so that cookies and links stay on one name."""
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        return world.settings.base
    return f"{urlsplit(world.settings.base).scheme}://{host}"


def browser_of(request: Request) -> str:
    """The value that binds forms to this browser; a new one when it has none yet."""
    known = request.cookies.get(BROWSER_COOKIE, "")
    if known:
        return known
    if not hasattr(request.state, "new_browser"):
        request.state.new_browser = secrets.token_urlsafe(24)
    return str(request.state.new_browser)


def csrf_token(world: World, request: Request) -> str:
    return world.mac("csrf", browser_of(request))


def csrf_fits(world: World, request: Request, form: Parameters) -> bool:
    """Whether the form was made for this browser; never when it sent no cookie."""
    if not request.cookies.get(BROWSER_COOKIE):
        return False
    expected = csrf_token(world, request)
    return hmac.compare_digest(expected.encode(), form.get("csrf_token", "").encode())


def page(
    world: World,
    request: Request,
    template: str,
    *,
    status: int = 200,
    leads_to: str = "",
    **values: Any,
) -> HTMLResponse:
    """A page; `leads_to` is the foreign address to which its forms may end in a redirect."""
    text = _TEMPLATES.get_template(template).render(
        csrf_token=csrf_token(world, request), cabinet_url=world.settings.cabinet_url, **values
    )
    answer = HTMLResponse(text, status)
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self'{_origin(leads_to)}"
    )
    keep_browser(world, request, answer)
    return _hardened(answer)


def problem_page(
    world: World, request: Request, problem: Problem, *, title: str = "Не получилось"
) -> HTMLResponse:
    """A page that only tells what went wrong."""
    return page(world, request, "problem.html", status=problem.status, title=title, problem=problem)


def redirect(address: str, status: int = 302) -> Response:
    return _hardened(RedirectResponse(address, status))


def with_query(address: str, values: dict[str, str]) -> str:
    """Add parameters to an address that may have some."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(values)}"


def keep_browser(world: World, request: Request, answer: Response) -> None:
    """Give a new browser its cookie."""
    if not request.cookies.get(BROWSER_COOKIE):
        set_cookie(world, answer, BROWSER_COOKIE, browser_of(request))


def set_cookie(world: World, answer: Response, name: str, value: str) -> None:
    """A cookie of the browser's session, out of reach of scripts."""
    secure = world.settings.base.startswith("https")
    answer.set_cookie(name, value, path="/", httponly=True, samesite="lax", secure=secure)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _hardened(answer: AnyResponse) -> AnyResponse:
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer
