"""Composition of the stand-in: routes over one world, behind the behaviour switches."""

from fastapi import FastAPI, Request
from fastapi.responses import Response

from lkmr_gosuslugi_stand_in import pages
from lkmr_gosuslugi_stand_in.pages import Problem
from lkmr_gosuslugi_stand_in.routes_app import app_control_router, app_router
from lkmr_gosuslugi_stand_in.routes_control import people_and_clients_router
from lkmr_gosuslugi_stand_in.routes_gateway import gateway_router
from lkmr_gosuslugi_stand_in.routes_identity import identity_router
from lkmr_gosuslugi_stand_in.routes_login import login_router
from lkmr_gosuslugi_stand_in.routes_oauth import oauth_router
from lkmr_gosuslugi_stand_in.routes_portal import portal_router
from lkmr_gosuslugi_stand_in.routes_recovery import recovery_router
from lkmr_gosuslugi_stand_in.routes_registration import (
    registration_mail_router,
    registration_router,
)
from lkmr_gosuslugi_stand_in.routes_rest import rest_router
from lkmr_gosuslugi_stand_in.world import World
from lkmr_stand_in_kit.control import App, BehaviourMiddleware, control_router

_NOT_FOUND = Problem("404", "Такой страницы нет.", "Проверьте адрес или вернитесь на главную.", 404)


def build_app(world: World) -> App:
    """The ASGI application; the status page answers whatever the behaviour is."""
    app = FastAPI(title="ESIA stand-in", docs_url=None, redoc_url=None, redirect_slashes=False)
    for router in (
        people_and_clients_router(world),  # before the common part: its journal hides secrets
        app_control_router(world),
        control_router(world.control),
        oauth_router(world),
        gateway_router(world),
        login_router(world),
        rest_router(world),
        portal_router(world),
        app_router(world),
        registration_router(world),
        registration_mail_router(world),
        identity_router(world),
        recovery_router(world),
    ):
        app.include_router(router)

    @app.exception_handler(404)
    async def not_found(request: Request, fault: Exception) -> Response:
        if request.url.path.startswith(("/_control", "/rs", "/aas", "/.well-known", "/app/api")):
            detail = getattr(fault, "detail", "Not Found")
            return Response(f'{{"detail":"{detail}"}}', 404, media_type="application/json")
        return pages.problem_page(world, request, _NOT_FOUND, title="Страница не найдена")

    return BehaviourMiddleware(app, world.control, exempt=("/status", "/static/"))
