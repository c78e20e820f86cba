"""The journal: for auditors, and for everybody about the own data; as JSON, pages and files."""

import asyncio
import csv
import io
from collections.abc import Awaitable, Iterator
from datetime import date
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote, urlencode

import orjson
from fastapi import APIRouter, Query, Request, Response
from starlette.responses import StreamingResponse

from lkmr_gateway import items, schemas
from lkmr_gateway.access import RULES
from lkmr_gateway.body import wanted_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange, Refused
from lkmr_gateway.gate import is_uuid, request_id_of
from lkmr_gateway.pages.views.frame import Unavailable
from lkmr_gateway.pages.views.journal import AccessItem, AccessView, AuditItem, AuditView
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem, problem_of
from lkmr_gateway.protection import FILE_POLICY
from lkmr_gateway.roles import role_word
from lkmr_gateway.routes.accreditations import unread_count
from lkmr_gateway.routing import json_answer, router, see_other, signed_in, with_headers
from lkmr_gateway.schemas import AccessLogQuery, AuditQuery, NoQuery, read_query
from lkmr_servicekit.errors import ServiceError

EVENTS, ACCESS = "/api/v1/audit-events", "/api/v1/access-log"
EXPORT = f"{EVENTS}/export"
PAGE_SIZE, WHOLE = 50, 200
MOST_EXPORTED = 10_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FILTERS = ("operation", "result", "actor", "object")
_RESULTS = frozenset({"ALLOWED", "DENIED", "FAILED"})
_HEAD = ("Когда", "Кто", "Роль", "Организация", "Что", "Результат", "Зачем", "Автоматически")


def api_routes(parts: Parts) -> APIRouter:
    """`/api/v1/audit-events…`, `/api/v1/access-log…`."""
    made = router(parts.gate, api=True)

    @made.get(EVENTS, response_model=schemas.AuditPage, summary="Журнал безопасности")
    async def events(request: Request, _: Annotated[AuditQuery, Query()]) -> Response:
        exchange, entry = signed_in(request)
        body, etag = await parts.journal.events(read_query(AuditQuery, exchange.query), entry.token)
        return json_answer(exchange, body, etag)

    @made.get(EXPORT, response_class=Response, summary="Выгрузка журнала с подписью")
    async def export(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        async with parts.gate.heavy(entry):
            lines = parts.journal.export(entry.token)
            first = await anext(lines)  # a refusal must come before the answer begins

        async def body() -> Any:
            yield first
            async for one in lines:
                yield one

        name = _file_name("Журнал безопасности", "jsonl")
        answer = StreamingResponse(
            body(), media_type="application/octet-stream", headers={"content-disposition": name}
        )
        return with_headers(answer, FILE_POLICY)

    @made.get(ACCESS, response_model=schemas.AccessPage, summary="Кто смотрел мои данные")
    async def access_log(request: Request, _: Annotated[AccessLogQuery, Query()]) -> Response:
        exchange, entry = signed_in(request)
        asked = read_query(AccessLogQuery, exchange.query)
        body, etag = await parts.journal.access_log(
            entry.token,
            page_size=asked.page_size,
            page_token=asked.page_token,
            others_only=asked.others_only,
        )
        return json_answer(exchange, body, etag)

    @made.post(
        ACCESS + "/{entry}/dispute",
        response_model=schemas.AccessDispute,
        summary="Оспорить доступ",
        openapi_extra=schemas.json_body(schemas.DisputeText),
    )
    async def dispute(request: Request, entry: str) -> Response:
        exchange, session = signed_in(request)
        read_query(NoQuery, exchange.query)
        text = wanted_fields(exchange, "text")["text"]
        return Response(await _dispute(parts, exchange, session, entry, text), status_code=201)

    return made


def page_routes(parts: Parts) -> APIRouter:
    """`/audit`, `/access-log`, its form and its file."""
    made = router(parts.gate, api=False)

    @made.get("/audit")
    async def audit(request: Request) -> Response:
        exchange, entry = signed_in(request)
        asked = _filters(exchange)
        found, unread = await asyncio.gather(
            _page(parts.journal.events(asked, entry.token)), unread_count(parts, entry)
        )
        page = found if isinstance(found, dict) else {}
        named = {name: str(getattr(asked, name)) for name in _FILTERS}
        kept = [(name, value) for name, value in named.items() if value]
        view = AuditView(
            items=tuple(_audit_item(one) for one in page.get("items", ())),
            next_href=_onward("/audit", kept, page.get("next_page_token", "")),
            first_href=f"/audit?{urlencode(kept)}" if asked.page_token else "",
            may_export=bool(RULES["GET", EXPORT].scope_for(entry.roles)),
            archived_before=_day(page.get("archived_before")),
            fault=found if isinstance(found, Unavailable) else None,
            **named,
        )
        return parts.composer.page(exchange, view, unread=unread)

    @made.get("/access-log")
    async def access_log(
        request: Request, who: str = "", page_token: str = "", disputed: str = ""
    ) -> Response:
        exchange, entry = signed_in(request)
        others = who != "all"
        found, unread = await asyncio.gather(
            _page(
                parts.journal.access_log(
                    entry.token,
                    page_size=PAGE_SIZE,
                    page_token=page_token[:512],
                    others_only=others,
                )
            ),
            unread_count(parts, entry),
        )
        page = found if isinstance(found, dict) else {}
        kept = [] if others else [("who", "all")]
        first = f"/access-log?{urlencode(kept)}" if kept else "/access-log"
        view = AccessView(
            items=tuple(_access_item(one) for one in page.get("items", ())),
            others_only=others,
            next_href=_onward("/access-log", kept, page.get("next_page_token", "")),
            first_href=first if page_token else "",
            notice="Обращение принято" if disputed == "true" else "",
            archived_before=_day(page.get("archived_before")),
            fault=found if isinstance(found, Unavailable) else None,
        )
        return parts.composer.page(exchange, view, unread=unread)

    @made.post("/access-log/{entry}/dispute")
    async def dispute(request: Request, entry: str) -> Response:
        exchange, session = signed_in(request)
        text = wanted_fields(exchange, "text")["text"]
        await _dispute(parts, exchange, session, entry, text)
        return see_other("/access-log?disputed=true")

    @made.get("/access-log/export")
    async def export(request: Request) -> Response:
        _, entry = signed_in(request)
        async with parts.gate.heavy(entry):
            found = await _all_accesses(parts, entry)
        answer = Response(
            "\ufeff" + _as_csv(found),
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": _file_name("Кто смотрел мои данные", "csv")},
        )
        return with_headers(answer, FILE_POLICY)

    return made


def _filters(exchange: Exchange) -> AuditQuery:
    """What the form of the page asks for; what does not fit is left out, not refused."""
    given = dict(parse_qsl(exchange.query.decode("ascii", "replace"), max_num_fields=20))
    texts = {name: given.get(name, "").strip()[:100] for name in _FILTERS if name != "result"}
    result = given.get("result", "")
    return AuditQuery.model_validate(
        {
            **texts,
            "result": result if result in _RESULTS else "",
            "page_size": PAGE_SIZE,
            "page_token": given.get("page_token", "")[:512],
        }
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


async def _page(read: Awaitable[tuple[bytes, str]]) -> items.Json | Unavailable:
    try:
        body, _ = await read
    except ServiceError as fault:
        refusal = problem_of(fault)
        return Unavailable(text=f"{refusal.entry.title} {refusal.detail}", code=refusal.code)
    made: items.Json = orjson.loads(body)
    return made


async def _dispute(
    parts: Parts, exchange: Exchange, session: Entry, entry: str, text: str
) -> bytes:
    request_id = request_id_of(exchange)
    if not is_uuid(entry):
        await parts.gate.record(exchange, exchange.route, "ACCESS_ENTRY_NOT_FOUND")
        raise Refused(problem("ACCESS_ENTRY_NOT_FOUND"))
    made = await parts.journal.dispute(entry, text, request_id, session.token)
    moment = made.create_time.ToJsonString()
    return orjson.dumps({"name": made.name, "create_time": moment})


async def _all_accesses(parts: Parts, entry: Entry) -> list[items.Json]:
    found: list[items.Json] = []
    token = ""
    while len(found) < MOST_EXPORTED:
        body, _ = await parts.journal.access_log(entry.token, page_size=WHOLE, page_token=token)
        page = orjson.loads(body)
        found += page["items"]
        token = page["next_page_token"]
        if not token:
            break
    return found


def _as_csv(found: list[items.Json]) -> str:
    text = io.StringIO()
    rows = csv.writer(text, delimiter=";", lineterminator="\r\n")
    rows.writerow(_HEAD)
    rows.writerows([_harmless(cell) for cell in _cells(_access_item(one))] for one in found)
    return text.getvalue()


def _cells(item: AccessItem) -> Iterator[str]:
    yield item.time.strftime("%d.%m.%Y %H:%M:%S")
    yield item.who
    yield item.role
    yield item.organization
    yield item.title
    yield "выполнено" if item.allowed else "отказано"
    yield item.why
    yield "да" if item.automatic else "нет"


def _harmless(cell: str) -> str:
    """A cell that no table program takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _file_name(name: str, kind: str) -> str:
    return f"attachment; filename=\"export.{kind}\"; filename*=UTF-8''{quote(name)}.{kind}"


def _onward(path: str, kept: list[tuple[str, str]], token: str) -> str:
    return f"{path}?{urlencode([*kept, ('page_token', token)])}" if token else ""


def _audit_item(value: items.Json) -> AuditItem:
    kind, _, name = value["actor"].partition("/")
    return AuditItem(
        seq=value["seq"],
        time=items.moment(value["time"]),
        actor=value["actor"],
        account=value["actor_account"] or (name if kind != "persons" else ""),
        role=", ".join(role_word(role) for role in value["roles"]),
        organization=value["organization"],
        operation=value["operation"],
        title=value["title"],
        object=value["object"],
        result=value["result"],
        reason=value["reason"],
        purpose=value["purpose"],
        source=value["source"],
        trace_id=value["trace_id"],
    )


def _access_item(value: items.Json) -> AccessItem:
    actor, disputed = value["actor"], value["dispute"]
    own = actor["kind"] == "SELF"
    return AccessItem(
        id=value["id"],
        time=items.moment(value["time"]),
        who="Вы" if own else actor["name"] or "Неизвестно",
        own=own,
        automatic=value["automatic"],
        role=role_word(value["role"]) if value["role"] else "",
        organization=value["organization"],
        title=value["title"],
        allowed=value["result"] == "ALLOWED",
        why=value["purpose"] or value["basis"],
        dispute_time=items.moment(disputed["create_time"]) if disputed else None,
    )
