"""The certified gateway («ЕСИА Шлюз») in front of this ESIA: plain OAuth 2 with a shared secret.

The module signs for its client and passes ESIA's own tokens through. Addresses and shapes are those
of clients that two integrators published; form and query are both taken.
"""

import hmac
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from lkmr_gosuslugi_stand_in import flows, grants, pages, person_data
from lkmr_gosuslugi_stand_in.authorization import AuthorizationRequest, check_scope
from lkmr_gosuslugi_stand_in.clients import Client
from lkmr_gosuslugi_stand_in.faults import EsiaFault, missing
from lkmr_gosuslugi_stand_in.grants import Grant
from lkmr_gosuslugi_stand_in.parameters import Parameters, read_form, read_pairs
from lkmr_gosuslugi_stand_in.routes_oauth import fault_page, fault_redirect
from lkmr_gosuslugi_stand_in.routes_rest import Reader, RestFault, fault_answer, grant_of
from lkmr_gosuslugi_stand_in.sign_in import continue_flow
from lkmr_gosuslugi_stand_in.token_endpoint import tokens_for
from lkmr_gosuslugi_stand_in.world import World
from lkmr_servicekit.telemetry import log

PROVIDER = "esia_oauth"
_ASKED = ("client_id", "response_type", "provider", "scope", "redirect_uri", "state")


def gateway_router(world: World) -> APIRouter:
    """`/auth/authorize`, `/auth/token`, `/auth/userinfo`, `/auth/logout`."""
    router = APIRouter(prefix="/auth")

    @router.get("/authorize")
    async def authorize(request: Request) -> Response:
        try:
            given = read_pairs(request.scope["query_string"])
            client = _returning_client(world, given)
        except EsiaFault as fault:
            log.info("gateway.refused", code=f"ESIA-{fault.code}", shown="page")
            return fault_page(world, request, fault)
        try:
            asked = _asked(client, given)
        except EsiaFault as fault:
            log.info("gateway.refused", code=f"ESIA-{fault.code}", shown="redirect")
            return fault_redirect(world, fault, given["redirect_uri"], given.get("state", ""))
        flow = flows.begin(world, pages.browser_of(request), pages.site_of(world, request), asked)
        answer = continue_flow(world, request, flow)
        pages.keep_browser(world, request, answer)
        return answer

    @router.post("/token")
    async def token(request: Request) -> Response:
        try:
            given = await _form_or_query(request)
            client = _client(world, given)
            _check_secret(client, given)
            grant = _grant(world, client, given)
        except EsiaFault as fault:
            log.info("gateway.refused", code=f"ESIA-{fault.code}", shown="token")
            text = fault.description(world.switches.error_language)
            status = 401 if fault.code == "008010" else 400
            return JSONResponse({"error": fault.error, "error_description": text}, status)
        return JSONResponse(tokens_for(world, grant))

    @router.post("/userinfo")
    async def userinfo(request: Request) -> Response:
        try:
            grant = grant_of(world, request)
            return JSONResponse({"info": _info(world, request, grant)})
        except RestFault as fault:
            return fault_answer(world, fault)

    @router.get("/logout")
    async def logout(request: Request) -> Response:
        given = read_pairs(request.scope["query_string"])
        grants.close_session(world, request.cookies.get(pages.SESSION_COOKIE))
        target = given.get("redirect_uri", "")
        client = world.clients.get(given.get("client_id", ""))
        inside = client is not None and target and client.may_return_to(target)
        answer = pages.redirect(target if inside else f"{pages.site_of(world, request)}/")
        answer.delete_cookie(pages.SESSION_COOKIE)
        return answer

    return router


def _client(world: World, given: Parameters) -> Client:
    """The system, when it may use the gateway. Raises EsiaFault."""
    if given.repeated:
        raise EsiaFault("007003")
    if not given.get("client_id"):
        raise missing("client_id")
    client = world.clients.get(given["client_id"])
    if client is None or not client.record.active or not client.record.gateway_secret:
        raise EsiaFault("007005")
    return client


def _returning_client(world: World, given: Parameters) -> Client:
    """The system, when the browser may be sent back to it. Raises EsiaFault."""
    client = _client(world, given)
    if not client.may_return_to(given.get("redirect_uri", "")):
        raise EsiaFault("007023")
    return client


def _check_secret(client: Client, given: Parameters) -> None:
    secret = client.record.gateway_secret.encode()
    if not hmac.compare_digest(secret, given.get("client_secret", "").encode()):
        raise EsiaFault("008010")


def _asked(client: Client, given: Parameters) -> AuthorizationRequest:
    if absent := [name for name in _ASKED if not given.get(name)]:
        raise missing(*absent)
    if given["response_type"] != "code":
        raise EsiaFault("007009")
    if given["provider"] != PROVIDER:
        raise EsiaFault("007003")
    check_scope(client, given["scope"])
    return AuthorizationRequest(
        generation="v2",
        client_id=client.client_id,
        redirect_uri=given["redirect_uri"],
        scope=given["scope"],
        scope_org="",
        state=given["state"],
        access_type="offline",
        person_filter=client.record.gateway_filter,
        code_challenge="",
        code_challenge_method="",
    )


def _grant(world: World, client: Client, given: Parameters) -> Grant:
    match given.get("grant_type"):
        case "authorization_code":
            known = grants.look_at(world, "code", given.get("code", ""))
            fits = known is not None and known.client_id == client.client_id
            if not fits or known.redirect_uri != given.get("redirect_uri"):  # type: ignore[union-attr] # fits
                raise EsiaFault("007011")
            taken = grants.take_code(world, given["code"])
        case "refresh_token":
            known = grants.look_at(world, "refresh", given.get("refresh_token", ""))
            if known is None or known.client_id != client.client_id:
                raise EsiaFault("007011")
            taken = grants.take_refresh(world, given["refresh_token"])
        case _:
            raise EsiaFault("007012")
    if taken is None or world.accounts.by_oid(taken.oid) is None:
        raise EsiaFault("007011")
    return taken


def _info(world: World, request: Request, grant: Grant) -> dict[str, Any]:
    """Everything that the scopes opened, collections embedded."""
    person = world.accounts.by_oid(grant.oid)
    if person is None:
        raise RestFault(401, "ESIA-005011", "invalidToken")
    reader = Reader(world, grant, pages.site_of(world, request))
    passport = world.accounts.passport(grant.oid)
    collections = {
        "contacts": person_data.contacts(person, reader.granted),
        "documents": person_data.documents(person, reader.granted, passport),
        "roles": person_data.roles(person) if reader.granted("usr_org") else [],
    }
    found = {name: person_data.collection(list(one)) for name, one in collections.items()}
    return {**person_data.person_json(person, reader.granted), **found, "requestId": str(uuid4())}


async def _form_or_query(request: Request) -> Parameters:
    query = read_pairs(request.scope["query_string"])
    form = await read_form(request) or Parameters([])
    return Parameters([*query.items(), *form.items()])
