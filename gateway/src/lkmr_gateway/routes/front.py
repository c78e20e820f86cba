"""The front page: sign-in without a session, «Главная» with one."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway import items
from lkmr_gateway.access import RULES
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import SESSION_COOKIE, Exchange, cookie, exchange_of
from lkmr_gateway.pages.views.accreditation import AccreditationItem
from lkmr_gateway.pages.views.frame import Banner, Section, Task, Unavailable
from lkmr_gateway.pages.views.home import HomeView
from lkmr_gateway.pages.views.inbox import MessageItem
from lkmr_gateway.pages.views.sign_in import SignInView
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import Problem, by_reason
from lkmr_gateway.return_to import HOME, safe_return_to
from lkmr_gateway.routes.accreditations import ALL, AccreditationReads, part, unread_count
from lkmr_gateway.routes.compliance import ComplianceReads
from lkmr_gateway.routes.messages import MessageReads
from lkmr_gateway.routing import router, with_headers

NEWEST = 5
_ENDED = {"idle": "SESSION_EXPIRED", "expired": "SESSION_EXPIRED", "revoked": "SESSION_REVOKED"}
_AWAY = {"DOWN", "MAINTENANCE", "OVERLOADED"}
_PAST = {"EXPIRED", "ANNULLED"}


def routes(
    parts: Parts, reads: AccreditationReads, messages: MessageReads, judged: ComplianceReads
) -> APIRouter:
    """`/`."""
    made = router(parts.gate, api=False)

    @made.get("/")
    async def front(request: Request, return_to: str = "", ended: str = "") -> Response:
        exchange = exchange_of(request.scope)
        if exchange.session is not None:
            return await home(exchange, exchange.session)
        return await sign_in(exchange, return_to, ended)

    async def sign_in(exchange: Exchange, return_to: str, ended: str) -> Response:
        look = await parts.systems.look()
        target = safe_return_to(return_to)
        notice, code = _notice(exchange.session_fault, ended)
        view = SignInView(
            systems=look.systems,
            check_time=look.check_time,
            return_to="" if target == HOME else target,
            notice=notice,
            notice_code=code,
            reduced_open=look.systems[0].condition in _AWAY,
        )
        answer = parts.composer.page(exchange, view)
        over = exchange.session_fault is not None and exchange.session_fault.status != 503  # noqa: PLR2004 - away is not over
        return with_headers(answer, cookie(SESSION_COOKIE, "", 0)) if over else answer

    async def home(exchange: Exchange, entry: Entry) -> Response:
        allowed = bool(RULES[("GET", "/accreditations")].scope_for(entry.roles) and entry.worker)
        found, compliance, inbox, unread = await asyncio.gather(
            part(reads.page(entry, b"page_size=%d" % ALL)) if allowed else _nothing(),
            part(judged.own(entry)) if allowed else _nothing(),
            part(messages.page(entry, NEWEST, "", unread=False)),
            unread_count(parts, entry),
        )
        entries = _accreditations(found) if allowed else None
        person = entry.known()["person"]
        names = (person["given_name"], person["patronymic"])
        view = HomeView(
            greeting_name=" ".join(name for name in names if name),
            tasks=_with_compliance(_tasks(entries or (), parts), compliance, entry),
            compliance=orjson.loads(compliance[0]) if isinstance(compliance, tuple) else None,
            more_sections=_more_sections(entry),
            accreditations=entries,
            accreditations_fault=found if isinstance(found, Unavailable) else None,
            messages=_messages(inbox),
            messages_fault=inbox if isinstance(inbox, Unavailable) else None,
        )
        return parts.composer.page(exchange, view, unread=unread)

    return made


async def _nothing() -> None:
    return None


def _notice(fault: Problem | None, ended: str) -> tuple[Banner | None, str]:
    """Why a session is over: what `auth` says, else what the page said when it left."""
    entry = fault.entry if fault else by_reason(_ENDED.get(ended, ""))
    if entry is None:
        return None, ""
    return Banner(tone="info", title=entry.title, text=" ".join(entry.instruction)), entry.code


def _accreditations(found: object) -> tuple[AccreditationItem, ...]:
    if not isinstance(found, tuple):
        return ()
    return tuple(items.accreditation_item(one) for one in orjson.loads(found[0])["items"])


def _messages(found: object) -> tuple[MessageItem, ...]:
    if not isinstance(found, tuple):
        return ()
    return tuple(items.message_item(one) for one in orjson.loads(found[0])["items"])


def _tasks(entries: tuple[AccreditationItem, ...], parts: Parts) -> tuple[Task, ...]:
    """«Требует действий»: entries whose term ends, the nearest first.

    An ended entry asks for nothing when a newer one covers the same specialty.
    """
    covered = {one.specialty for one in entries if one.state not in {*_PAST, "EXPIRING"}}
    today = parts.composer.moment().date()
    made = []
    for one in entries:
        if one.specialty in covered or one.expire_date is None:
            continue
        if one.state == "EXPIRING":
            after = one.expire_date + timedelta(days=1)
            why = f"С {after:%d.%m.%Y} без новой записи работать по специальности нельзя."
            title = f"Аккредитация истекает: {one.specialty}"
        elif one.state == "EXPIRED" and (today - one.expire_date).days <= 5 * 366:
            why = "Без новой записи работать по специальности нельзя."
            title = f"Срок аккредитации закончился: {one.specialty}"
        else:
            continue
        made.append(
            Task(title=title, href=one.href, why=why, action="Открыть", due=one.expire_date)
        )
    return tuple(sorted(made, key=lambda task: task.due or today))


_APPLICATIONS = "/applications"
_OWN_ACTION = frozenset({"APPLICATION", "R-ACC-01", "R-ACC-03"})


def _with_compliance(tasks: tuple[Task, ...], found: object, entry: Entry) -> tuple[Task, ...]:
    """The same rows and what compliance asks for besides, by deadline.

    While an application may be sent, a term that ends leads there and not to its record.
    """
    if not isinstance(found, tuple):
        return tasks
    report = orjson.loads(found[0])
    asked = any(one["what"] == "APPLICATION" for one in report["missing"])
    if asked and RULES["GET", _APPLICATIONS].scope_for(entry.roles):
        tasks = tuple(replace(one, href=_APPLICATIONS, action="Подать заявление") for one in tasks)
    made = list(tasks)
    for one in report["missing"]:
        if one["what"] in _OWN_ACTION or one["what"].startswith("HOURS"):
            continue
        why = one["todo"] or "Без этого следующую аккредитацию не получить."
        due = items.day(one["deadline"])
        made.append(Task(title=one["text"], href="/compliance", why=why, action="Открыть", due=due))
    hours = [one for one in report["missing"] if one["amount"]]
    if hours:
        made.append(
            Task(
                title=f"Не хватает {sum(one['amount'] for one in hours)} ч обучения",
                href="/compliance",
                why="; ".join(one["text"] for one in hours) + ".",
                action="Что делать",
                due=items.day(hours[0]["deadline"]),
            )
        )
    return tuple(sorted(made, key=lambda task: task.due or date.max))


def _more_sections(entry: Entry) -> tuple[Section, ...]:
    """Pages of allowed sections that stand beside the menu."""
    made = (
        ("Файлы документов", "/documents"),
        ("Заявления", "/applications"),
        ("Допуск сотрудников", "/staff"),
        ("Изменения законодательства", "/law-changes"),
    )
    return tuple(
        Section(label=label, href=href)
        for label, href in made
        if RULES["GET", href].scope_for(entry.roles)
    )
