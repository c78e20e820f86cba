"""Draws pages: the frame from the session, the inside from a view."""

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol, cast
from urllib.parse import quote

from starlette.responses import Response

from lkmr_gateway.access import RULES, Entrance
from lkmr_gateway.banners import banners_of
from lkmr_gateway.csrf import Csrf
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import LOGIN_COOKIE, Exchange
from lkmr_gateway.kept_form import kept_form
from lkmr_gateway.last_fault import remember
from lkmr_gateway.pages.render import render
from lkmr_gateway.pages.views.frame import (
    Banner,
    Chrome,
    ClosedView,
    ErrorView,
    Fault,
    Link,
    ProfileChoice,
    RefusedView,
    Section,
    SessionClock,
)
from lkmr_gateway.pages.views.step_up import StepUpView
from lkmr_gateway.portal import PortalPages
from lkmr_gateway.problems import Problem
from lkmr_gateway.return_to import HOME
from lkmr_gateway.roles import SECTIONS, WHOM_TO_ASK, role_word
from lkmr_servicekit.clock import MOSCOW, Clock

HTML = "text/html; charset=utf-8"
_MENU = (
    ("Главная", "/"),
    ("Документы и аккредитация", "/accreditations"),
    ("Обучение (НМО)", "/education"),
    ("Сообщения", "/messages"),
    ("Журнал безопасности", "/audit"),
    ("Сотрудники и роли", "/admin/people"),
    ("Запросы ролей", "/admin/requests"),
    ("Инциденты", "/admin/incidents"),
    ("Сведения портала НМО", "/education/kept-notices"),
    ("Рассылки", "/admin/announcements"),
    ("Обращения о данных", "/admin/data-requests"),
    ("Сеансы", "/admin/sessions"),
    ("Политики безопасности", "/admin/policies"),
    ("Адреса кабинета", "/admin/redirect-addresses"),
    ("Экстренный доступ", "/admin/emergency-access"),
)
_PARTS_OF = {
    "/accreditations": ("/compliance", "/staff", "/documents", "/licences", "/applications"),
    "/admin/announcements": ("/admin/deliveries", "/admin/dead-events"),
}
"""Pages that stand under another address than their section."""
BEGIN_APPLICATION = "/applications/new"
"""No page: what a link to begin an application stands for."""
_OF_A_WORKER = {"/compliance", "/education/plan", "/education/catalog", "/documents"}
_PASSING = frozenset({429, 503})
_LEAST_WAIT = 15  # seconds between attempts that a page makes by itself


class View(Protocol):
    """A view of `pages.views`."""

    template: str


class Composer:
    """Renders views for one exchange; `portal` is where browsers open Gosuslugi."""

    def __init__(self, csrf: Csrf, clock: Clock, portal: PortalPages) -> None:
        self._csrf, self._clock = csrf, clock
        self.portal = portal

    def moment(self) -> datetime:
        """The present moment in the zone that pages show."""
        return self._clock.now().astimezone(MOSCOW)

    def page(
        self,
        exchange: Exchange,
        view: object,
        *,
        status: int = 200,
        unread: int = 0,
        banner: Banner | None = None,
    ) -> Response:
        """An answer with a page."""
        body = self.draw(exchange, view, unread=unread, banner=banner)
        return Response(body, status, media_type=HTML)

    def draw(
        self,
        exchange: Exchange,
        view: object,
        *,
        unread: int = 0,
        banner: Banner | None = None,
    ) -> bytes:
        """A page in bytes."""
        chrome = self._chrome(exchange, unread)
        if banner is not None:
            chrome = replace(chrome, banners=(banner,))
        return render(cast("View", view).template, view, chrome=chrome)

    def fault(self, exchange: Exchange, problem: Problem) -> Fault:
        """A refusal in the words of the catalogue."""
        known = exchange.session.known() if exchange.session else {}
        person = cast("dict[str, str]", known.get("person", {}))
        return Fault(
            status=problem.status,
            code=problem.code,
            title=problem.entry.title,
            detail=problem.detail,
            instruction=problem.entry.instruction,
            time=self.moment(),
            trace_id=exchange.trace_id,
            account_number=person.get("account_number", ""),
            differing_fields=problem.differing_fields,
        )

    def fault_page(self, exchange: Exchange, problem: Problem) -> bytes:
        """The page of a refusal: of a sign-in, of a closed section, or any other."""
        fault = self.fault(exchange, problem)
        if problem.reason == "SECTION_CLOSED" and exchange.route:
            rule = RULES.get((exchange.method, exchange.route))
            section = rule.section if rule else ""
            words = tuple(role_word(role) for role in rule.open_to()) if rule and section else ()
            name = SECTIONS.get(section, "Раздел")
            closed = ClosedView(fault=fault, section=name, open_to=words, ask=WHOM_TO_ASK)
            return self.draw(exchange, closed)
        if problem.reason == "STEP_UP_REQUIRED" and exchange.session is not None:
            form = kept_form(exchange)
            back = "/" if exchange.method == "POST" else _path_of(exchange)
            return self.draw(
                exchange, StepUpView(return_to=back, action=form.action, kept=form.body)
            )
        if problem.entry.action == "sign_in" or exchange.path.startswith("/auth/"):
            exchange.set_cookies.append(remember(problem, self._clock.now()))
            return self.draw(exchange, self.refused(exchange, problem, fault))
        action = Link(label="На главную", href=HOME)
        return self.draw(exchange, ErrorView(fault=fault, action=action))

    def refused(self, exchange: Exchange, problem: Problem, fault: Fault) -> RefusedView:
        """A sign-in that was refused; one that only has to wait begins again by itself."""
        again = "/auth/login"
        begun = exchange.path == again and exchange.method == "GET"
        if begun and exchange.query:
            again += f"?{quote(exchange.query.decode('latin-1'), safe='/?=&%-_.~+:,')}"
        waits = begun and problem.status in _PASSING
        return RefusedView(
            fault=fault,
            retry_href=again,
            retry_seconds=max(problem.retry_after, _LEAST_WAIT) if waits else 0,
            portal=self.portal.link(problem.entry.portal),
        )

    def _chrome(self, exchange: Exchange, unread: int) -> Chrome:
        path = _path_of(exchange)
        plain = Chrome(
            now=self.moment(),
            nonce=exchange.nonce,
            path=quote(path, safe="/?=&%-_.~+:,"),
            csrf_token=self._sign_in_token(exchange),
        )
        entry = exchange.session
        if entry is None:
            return plain
        known = entry.known()
        return replace(
            plain,
            csrf_token=self._csrf.session_token(entry.csrf_seed),
            person=short_name(known["person"]),
            account_number=known["person"]["account_number"],
            organization=_organization(known),
            role=_role(entry, known),
            profiles=_profiles(entry, known),
            sections=_sections(exchange, entry),
            closed=_closed(entry.roles, is_worker=bool(entry.worker)),
            unread_count=unread,
            banners=banners_of(entry, known, self._clock.now()),
            session=SessionClock(
                idle_seconds=int(entry.idle),
                expire_time=entry.expire_time,
            ),
        )

    def _sign_in_token(self, exchange: Exchange) -> str:
        cookie = exchange.cookie(LOGIN_COOKIE)
        return self._csrf.sign_in_token(cookie) if cookie else ""


def _path_of(exchange: Exchange) -> str:
    return exchange.path + (f"?{exchange.query.decode('latin-1')}" if exchange.query else "")


def short_name(person: dict[str, str]) -> str:
    """«Петров И. А.»; a patronymic may be absent."""
    initials = [f"{person[part][0]}." for part in ("given_name", "patronymic") if person[part]]
    return " ".join((person["family_name"], *initials))


def profile_choice(
    *,
    name: str,
    organization: str,
    short: str,
    role: str,
    position: str,
    department: str,
    active: str = "",
) -> ProfileChoice:
    """A job as a choice."""
    return ProfileChoice(
        value=name,
        organization=organization,
        organization_short=short or organization,
        role=position or role_word(role),
        department=department,
        current=name == active,
    )


def _organization(known: dict[str, Any]) -> str:
    organization = known["organization"]
    return "" if organization is None else organization["short_name"] or organization["name"]


def _active_name(entry: Entry, known: dict[str, Any]) -> str:
    organization = known["organization"]
    return f"{organization['id']}/{entry.roles[0]}" if organization and entry.roles else ""


def _role(entry: Entry, known: dict[str, Any]) -> str:
    active = _active_name(entry, known)
    for one in known["profiles"]:
        if one["name"] == active and one["position"]:
            return str(one["position"])
    return role_word(entry.roles[0]) if entry.roles else role_word("WITHOUT_JOB")


def _profiles(entry: Entry, known: dict[str, Any]) -> tuple[ProfileChoice, ...]:
    active = _active_name(entry, known)
    return tuple(
        profile_choice(
            name=one["name"],
            organization=one["organization"]["name"],
            short=one["organization"]["short_name"],
            role=one["role"],
            position=one["position"],
            department=one["department"],
            active=active,
        )
        for one in known["profiles"]
    )


def _sections(exchange: Exchange, entry: Entry) -> tuple[Section, ...]:
    """Sections that exist and that the role may open."""
    made = []
    for label, href in _MENU:
        rule = RULES[("GET", href)]
        if rule.entrance is Entrance.SESSION and not rule.scope_for(entry.roles):
            continue
        here = _is_under(exchange.path, href, *_PARTS_OF.get(href, ()))
        made.append(Section(label=label, href=href, current=here))
    return tuple(made)


def _is_under(path: str, *places: str) -> bool:
    return any(
        path == place or (place != HOME and path.startswith(f"{place}/")) for place in places
    )


@lru_cache(maxsize=256)
def _closed(roles: tuple[str, ...], *, is_worker: bool) -> frozenset[str]:
    """Pages that these roles may not open, and those about the own work for who has none."""
    shut = {
        path
        for (method, path), rule in RULES.items()
        if method == "GET" and rule.entrance is Entrance.SESSION and not rule.scope_for(roles)
    }
    if not RULES["POST", "/applications"].scope_for(roles):
        shut.add(BEGIN_APPLICATION)
    return frozenset(shut if is_worker else shut | _OF_A_WORKER)
