"""«Не получается войти?»: one cause and one action, out of what the cabinet can see."""

from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter, Request, Response

from lkmr_gateway.browsers import too_old
from lkmr_gateway.device import device_words
from lkmr_gateway.exchange import Exchange, exchange_of
from lkmr_gateway.last_fault import last_fault
from lkmr_gateway.pages.views.frame import SystemCondition, SystemState
from lkmr_gateway.pages.views.sign_in import AccountCheck, Cause, SelfCheckView
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import Entry, by_reason, catalogue
from lkmr_gateway.routing import router
from lkmr_gateway.systems import GOSUSLUGI, SIGN_IN, WORKER_REGISTER

# What a system that is away means for whoever wants to enter, by its name on the page.
_OUTAGES: dict[tuple[str, SystemCondition], str] = {
    (GOSUSLUGI, "DOWN"): "ESIA_UNAVAILABLE",
    (GOSUSLUGI, "MAINTENANCE"): "ESIA_MAINTENANCE",
    (GOSUSLUGI, "OVERLOADED"): "ESIA_OVERLOADED",
    (SIGN_IN, "DOWN"): "SIGN_IN_UNAVAILABLE",
    (WORKER_REGISTER, "DOWN"): "IDENTITY_CHECK_UNAVAILABLE",
}
_PASSING = frozenset(_OUTAGES.values())
_UNCONFIRMED, _ONE_FACTOR = "LKMR-AUTH-017", "LKMR-AUTH-018"
_UNBOUND = frozenset({"LKMR-AUTH-011", "LKMR-AUTH-012", "LKMR-AUTH-023", "LKMR-IDENT-006"})
# Refusals of steps that only a confirmed account with a second factor reaches.
_BEYOND = ("LKMR-IDENT-", "LKMR-AUTH-011", "LKMR-AUTH-012", "LKMR-AUTH-026")


def routes(parts: Parts) -> APIRouter:
    """`/help/sign-in`."""
    made = router(parts.gate, api=False)
    portal = parts.composer.portal

    @made.get("/help/sign-in")
    async def self_check(request: Request, cleared: str = "") -> Response:
        exchange = exchange_of(request.scope)
        look = await parts.systems.look()
        last = last_fault(exchange, parts.clock.now())
        cause = find_cause(exchange, last, look.systems)
        code = last[0].code if last else ""
        if cause is not None:
            cause = replace(cause, portal=portal.link(catalogue()[cause.code].portal))
        view = SelfCheckView(
            systems=look.systems,
            check_time=look.check_time,
            tls_version="TLS 1.3" if exchange.origin.startswith("https:") else "",
            browser=device_words(exchange.user_agent),
            cause=cause,
            account=account_checks(code),
            recovery_href=portal.href("recovery"),
            support_href=portal.href("support"),
            profile_href=portal.href("profile"),
            cleared=bool(cleared),
        )
        return parts.composer.page(exchange, view)

    return made


def find_cause(
    exchange: Exchange, last: tuple[Entry, datetime] | None, systems: tuple[SystemState, ...]
) -> Cause | None:
    """The one cause: an old browser, else the last refusal, else a system that is away."""
    if browser := too_old(exchange.user_agent):
        entry = by_reason("BROWSER_TOO_OLD")
        if entry is not None:
            return _cause(entry, detail=entry.detail_with.format(browser=browser))
    outage = _outage(systems)
    if last is None:
        return _cause(outage) if outage else None
    entry, moment = last
    if _PASSING.isdisjoint(entry.reasons):
        return _cause(entry, moment=moment)
    if outage is not None:
        return _cause(outage)
    return _cause(entry, moment=moment, over=True)


def _outage(systems: tuple[SystemState, ...]) -> Entry | None:
    for one in systems:
        if reason := _OUTAGES.get((one.name, one.condition)):
            return by_reason(reason)
    return None


def _cause(
    entry: Entry, *, detail: str = "", moment: datetime | None = None, over: bool = False
) -> Cause:
    return Cause(
        code=entry.code,
        title=entry.title,
        detail=detail or entry.detail,
        instruction=entry.instruction,
        time=moment,
        over=over,
    )


def account_checks(code: str) -> tuple[AccountCheck, ...]:
    """What the last refusal tells about the account; nothing is known without one."""
    beyond = code.startswith(_BEYOND)
    level = AccountCheck(
        name="Учётная запись Госуслуг",
        hint="Нужна подтверждённая. Её видно только после входа",
    )
    factor = AccountCheck(
        name="Вход с подтверждением",
        hint="Нужен код из SMS или приложения. Его видно только после входа",
    )
    binding = AccountCheck(name="Связь с организацией", hint="Проверим, когда вход завершится")
    if code == _UNCONFIRMED:
        level = replace(level, hint="Портал сообщил, что она не подтверждена", good=False)
    elif code == _ONE_FACTOR or beyond:
        level = replace(level, hint="Подтверждённая", good=True)
    if code == _ONE_FACTOR:
        factor = replace(factor, hint="Портал сообщил, что вошли только по паролю", good=False)
    elif beyond:
        factor = replace(factor, hint="Включён", good=True)
    if code in _UNBOUND:
        binding = replace(binding, hint=catalogue()[code].title.rstrip("."), good=False)
    return level, factor, binding
