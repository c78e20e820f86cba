"""Help with the browser itself: what a page found in it, and clearing what the site stored."""

from fastapi import APIRouter, Request, Response

from lkmr_gateway.body import fields_of
from lkmr_gateway.csrf import comes_from_us, token_fits
from lkmr_gateway.exchange import LOGIN_COOKIE, SESSION_COOKIE, Refused, cookie, exchange_of
from lkmr_gateway.last_fault import FAULT_COOKIE
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.routes.sign_in import PROBE_COOKIE, refused
from lkmr_gateway.routing import router, see_other
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.telemetry import log

FOUND = frozenset({"LKMR-AUTH-004", "LKMR-AUTH-005", "LKMR-AUTH-006", "LKMR-CONF-007"})
_STORED = (SESSION_COOKIE, LOGIN_COOKIE, FAULT_COOKIE)
_CLEAR = (b"clear-site-data", b'"cache", "cookies", "storage"')


def routes(parts: Parts) -> APIRouter:
    """`/help/found`, `/help/clear`, `/auth/no-cookie`."""
    made = router(parts.gate, api=False)

    @made.post("/help/found")
    async def found(request: Request) -> Response:
        """Count what only the browser could see; nothing is kept about who saw it."""
        exchange = exchange_of(request.scope)
        code = fields_of(exchange).get("code", "")
        if not comes_from_us(exchange) or code not in FOUND:
            raise Refused(problem("CSRF_REFUSED"))
        exchange.code = code
        return Response(status_code=204)

    @made.post("/help/clear")
    async def clear(request: Request) -> Response:
        """Forget everything that the site stored in this browser; an open session ends too."""
        exchange = exchange_of(request.scope)
        entry = exchange.session
        token = parts.csrf.session_token(entry.csrf_seed) if entry else ""
        given = fields_of(exchange).get("csrf_token", "")
        if not comes_from_us(exchange) or (entry and not token_fits(given, token)):
            raise Refused(problem("CSRF_REFUSED"))
        if entry is not None:
            try:
                await parts.auth.end(entry.key, exchange.origin, entry.token)
            except ServiceError as fault:
                log.warning("clear.session_not_ended", reason=fault.reason)
            parts.sessions.revoke(entry.key)
            parts.streams.end_session(entry.key, "LKMR-AUTH-002")
        gone = tuple(cookie(name, "", 0) for name in _STORED)
        return see_other("/help/sign-in?cleared=1", _CLEAR, *gone)

    @made.get("/auth/no-cookie")
    async def no_cookie(request: Request) -> Response:
        """The return from Gosuslugi found no attempt: because cookies are off, or it is over."""
        exchange = exchange_of(request.scope)
        kept = exchange.cookie(PROBE_COOKIE)
        refusal = problem("SIGN_IN_STATE_LOST" if kept else "COOKIES_OFF")
        exchange.set_cookies.append(cookie(PROBE_COOKIE, "", 0))
        return refused(parts, exchange, refusal)

    return made
