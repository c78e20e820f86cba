"""OAuth endpoints of both generations, logout, and the published certificates."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from lkmr_gosuslugi_stand_in import flows, grants, pages
from lkmr_gosuslugi_stand_in.authorization import Generation, Returned, check_authorization
from lkmr_gosuslugi_stand_in.faults import EsiaFault, missing
from lkmr_gosuslugi_stand_in.parameters import Parameters, read_form, read_pairs
from lkmr_gosuslugi_stand_in.sign_in import continue_flow
from lkmr_gosuslugi_stand_in.token_endpoint import answer_token_request
from lkmr_gosuslugi_stand_in.world import World
from lkmr_servicekit.telemetry import log


def oauth_router(world: World) -> APIRouter:
    """`ac`, `te`, logout."""
    router = APIRouter()

    @router.api_route("/aas/oauth2/ac", methods=["GET", "POST"])
    async def authorize_v1(request: Request) -> Response:
        return await _authorize(world, "v1", request)

    @router.api_route("/aas/oauth2/v2/ac", methods=["GET", "POST"])
    async def authorize_v2(request: Request) -> Response:
        return await _authorize(world, "v2", request)

    @router.post("/aas/oauth2/te")
    async def tokens_v1(request: Request) -> Response:
        return await _tokens(world, "v1", request)

    @router.post("/aas/oauth2/v2/te")
    async def tokens_v2(request: Request) -> Response:
        return await _tokens(world, "v2", request)

    @router.post("/aas/oauth2/v3/te")
    async def tokens_v3(request: Request) -> Response:
        return await _tokens(world, "v2", request)

    @router.get("/idp/ext/Logout")
    async def logout(request: Request) -> Response:
        return _logout(world, request)

    @router.get("/public/esia.zip")
    async def certificates() -> Response:
        return Response(world.keys.archive(), media_type="application/zip")

    return router


async def _authorize(world: World, generation: Generation, request: Request) -> Response:
    try:
        given = read_pairs(request.scope["query_string"])
        if request.method == "POST":
            form = await read_form(request)
            given = form if form is not None else given
        asked = check_authorization(world, generation, given)
    except EsiaFault as fault:
        log.info("authorization.refused", code=f"ESIA-{fault.code}", shown="page")
        return fault_page(world, request, fault)
    except Returned as returned:
        log.info("authorization.refused", code=f"ESIA-{returned.fault.code}", shown="redirect")
        return fault_redirect(world, returned.fault, returned.redirect_uri, returned.state)
    flow = flows.begin(world, pages.browser_of(request), pages.site_of(world, request), asked)
    answer = continue_flow(world, request, flow)
    pages.keep_browser(world, request, answer)
    return answer


def fault_redirect(world: World, fault: EsiaFault, redirect_uri: str, state: str) -> Response:
    """Tell the client: `error`, `error_description` with the code, `state`."""
    values = {
        "error": fault.error,
        "error_description": fault.description(world.switches.error_language),
        "state": state,
    }
    return pages.redirect(pages.with_query(redirect_uri, values))


def fault_page(world: World, request: Request, fault: EsiaFault) -> Response:
    """A fault that must not be told by a redirect, because the target is not trusted."""
    foreign = fault.code == "007023"
    problem = pages.Problem(
        f"LKMR-AUTH-010, ESIA-{fault.code}" if foreign else f"ESIA-{fault.code}",
        fault.description("ru").partition(": ")[2],
        "Вернитесь на сайт системы и начните вход заново. Если ошибка повторится, сообщите код.",
        400,
    )
    return pages.problem_page(world, request, problem, title="Ошибка запроса системы")


async def _tokens(world: World, generation: Generation, request: Request) -> Response:
    given: Parameters | None = Parameters([])
    try:
        given = await read_form(request)
        if given is None:
            raise missing("state", "client_id")
        answer = answer_token_request(world, generation, request.url.path, given)
    except EsiaFault as fault:
        log.info("tokens.refused", code=f"ESIA-{fault.code}")
        body: dict[str, Any] = {
            "error": fault.error,
            "error_description": fault.description(world.switches.error_language),
        }
        if given and given.get("state"):
            body["state"] = given["state"]
        return JSONResponse(body, 400, {"Cache-Control": "no-store"})
    log.info("tokens.issued", client=given["client_id"], grant=given["grant_type"])
    return JSONResponse(answer, 200, {"Cache-Control": "no-store"})


def _logout(world: World, request: Request) -> Response:
    """End the session of ESIA and go back, if the system may be returned to."""
    grants.close_session(world, request.cookies.get(pages.SESSION_COOKIE))
    try:
        given = read_pairs(request.scope["query_string"])
        target = _logout_target(world, given) or f"{pages.site_of(world, request)}/"
        answer = pages.redirect(target)
    except EsiaFault as fault:
        answer = fault_page(world, request, fault)
    answer.delete_cookie(pages.SESSION_COOKIE, path="/")
    return answer


def _logout_target(world: World, given: Parameters) -> str:
    """Empty for our own front page."""
    target = given.get("redirect_url", "")
    if not target:
        return ""
    client = world.clients.get(given.get("client_id", ""))
    if client is None or not client.may_return_to(target):
        raise EsiaFault("007023")
    return target
