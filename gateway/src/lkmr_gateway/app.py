"""The whole app: the edge, a plain dispatcher for the hot routes, FastAPI for the rest."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from lkmr_gateway.access import Rule, check_routes, rule_of
from lkmr_gateway.exchange import App, Exchange, Receive, Refused, Scope, Send, exchange_of
from lkmr_gateway.gate import Gate
from lkmr_gateway.pages.assets import PREFIX, assets, serve_asset
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.routes import access as beyond_matrix
from lkmr_gateway.routes import (
    access_pages,
    account,
    accreditations,
    activation,
    administration,
    administration_pages,
    application_pages,
    applications,
    browser_help,
    compliance,
    data_requests,
    document_pages,
    documents,
    drafts,
    education,
    education_ahead,
    education_ahead_pages,
    education_outside,
    education_outside_pages,
    education_pages,
    education_reports,
    erasures,
    events,
    front,
    health,
    incident_pages,
    incidents,
    journal,
    messages,
    notice_pages,
    notifications,
    passkeys,
    preferences,
    profile,
    public,
    reduced,
    security,
    security_admin_pages,
    self_check,
    sign_in,
    sign_in_steps,
    staff,
    staff_form_pages,
    step_up,
    step_up_otherwise,
    verify,
)
from lkmr_gateway.routing import JSON, router

Hot = Callable[[Exchange, Scope, Receive, Send], Awaitable[None]]
STATIC = "/static/{path:path}"
OPENAPI = "/api/openapi.json"


class Described(FastAPI):
    """FastAPI without its own layers: faults go out to the edge, which alone answers them."""

    def build_middleware_stack(self) -> ASGIApp:
        return AsyncExitStackMiddleware(self.router)


class Dispatcher:
    """Hot routes and static files before everything else."""

    def __init__(self, hot: dict[str, Hot], rest: App, gate: Gate) -> None:
        self._hot: dict[str, tuple[Rule, Hot]] = {
            path: (rule_of("GET", path), handler) for path, handler in hot.items()
        }
        self._rest, self._gate = rest, gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "GET":
            path = scope["path"]
            found = self._hot.get(path)
            if found is not None:
                exchange = exchange_of(scope)
                exchange.route = path
                await self._gate.admit(exchange, found[0])
                await found[1](exchange, scope, receive, send)
                return
            if path.startswith(PREFIX):
                exchange_of(scope).route = STATIC
                if path not in assets()[1]:
                    raise Refused(problem("PAGE_NOT_FOUND"))
                await serve_asset(scope, receive, send)
                return
        await self._rest(scope, receive, send)


def application(parts: Parts) -> Dispatcher:
    """The app without its edge. Raises LookupError when a route declares no rule."""
    reads = accreditations.AccreditationReads(parts)
    inbox = messages.MessageReads(parts)
    judged = compliance.ComplianceReads(parts)
    ends = security.SessionEnds(parts)
    papers = documents.DocumentActs(parts)
    studies = education.EducationActs(parts)
    applying = applications.ApplicationActs(parts)
    hot: dict[str, Hot] = {
        accreditations.LIST: reads.serve,
        "/api/v1/session": account.Account(parts).serve,
        events.EVENTS: parts.streams.serve,
    }
    described = Described(
        title="Кабинет медицинского работника",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    for made in (
        health.routes(parts),
        sign_in.routes(parts),
        sign_in_steps.routes(parts),
        activation.routes(parts),
        reduced.routes(parts),
        account.routes(parts),
        account.api_routes(parts),
        accreditations.api_routes(parts, reads),
        accreditations.page_routes(parts, reads),
        education.api_routes(parts, studies),
        education_ahead.api_routes(parts, studies),
        education_ahead_pages.routes(parts, studies),
        education_outside.api_routes(parts, studies),
        education_outside_pages.routes(parts, studies),
        education_reports.api_routes(parts, studies),
        education_reports.page_routes(parts, studies),
        education_pages.routes(parts, studies),
        documents.api_routes(parts, papers),
        documents.staff_routes(parts, papers),
        document_pages.routes(parts, papers),
        document_pages.staff_routes(parts, papers),
        compliance.api_routes(parts, judged),
        compliance.page_routes(parts, judged),
        applications.api_routes(parts, applying),
        application_pages.routes(parts, applying, reads),
        staff_form_pages.routes(parts, applying),
        staff.api_routes(parts),
        staff.page_routes(parts),
        messages.api_routes(parts, inbox),
        messages.page_routes(parts, inbox),
        notifications.api_routes(parts),
        notifications.page_routes(parts),
        notice_pages.page_routes(parts),
        preferences.api_routes(parts),
        preferences.page_routes(parts),
        security.api_routes(parts, ends),
        security.page_routes(parts, ends),
        profile.api_routes(parts),
        profile.page_routes(parts),
        step_up.api_routes(parts),
        step_up.page_routes(parts, described),
        step_up_otherwise.api_routes(parts),
        step_up_otherwise.page_routes(parts, described),
        passkeys.api_routes(parts),
        passkeys.page_routes(parts),
        journal.api_routes(parts),
        journal.page_routes(parts),
        administration.api_routes(parts),
        incidents.api_routes(parts),
        administration_pages.page_routes(parts),
        incident_pages.page_routes(parts),
        data_requests.api_routes(parts),
        data_requests.page_routes(parts),
        erasures.api_routes(parts),
        erasures.page_routes(parts),
        drafts.api_routes(parts),
        drafts.page_routes(parts),
        beyond_matrix.api_routes(parts),
        access_pages.page_routes(parts),
        security_admin_pages.page_routes(parts),
        events.api_routes(parts),
        front.routes(parts, reads, inbox, judged),
        public.routes(parts),
        verify.routes(parts),
        browser_help.routes(parts),
        self_check.routes(parts),
        _openapi(parts, described),
    ):
        described.router.routes.extend(made.routes)
    check_routes([*routes_of(described), ("GET", STATIC)])
    return Dispatcher(hot, described, parts.gate)


def routes_of(app: FastAPI) -> list[tuple[str, str]]:
    """All routes as method and path. Raises LookupError for one that the gate does not guard."""
    found = []
    for route in app.routes:
        if not isinstance(route, APIRoute):
            raise LookupError(f"an unguarded route: {route}")  # noqa: TRY004 - the start refuses it
        found += [(method, route.path) for method in route.methods or ()]
    return found


def _openapi(parts: Parts, described: FastAPI) -> Any:
    made = router(parts.gate, api=False)
    kept: list[bytes] = []

    @made.get(OPENAPI)
    async def openapi(_: Request) -> Response:
        if not kept:
            kept.append(orjson.dumps(described.openapi()))
        return Response(kept[0], media_type=JSON)

    return made
