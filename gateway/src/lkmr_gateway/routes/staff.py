"""The board of staff: who may work, until when, what hinders; as JSON, pages and files."""

import asyncio
from typing import Annotated
from urllib.parse import quote, urlencode

import orjson
from fastapi import APIRouter, Query, Request, Response

from lkmr_gateway import schemas_compliance as schemas
from lkmr_gateway.access import RULES
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange, Refused
from lkmr_gateway.gate import is_uuid
from lkmr_gateway.pages.views.compliance import StaffMemberView, StaffReportView, StaffView
from lkmr_gateway.pages.views.frame import Unavailable
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import problem
from lkmr_gateway.protection import FILE_POLICY
from lkmr_gateway.routes.accreditations import part, unread_count
from lkmr_gateway.routing import json_answer, router, signed_in, with_headers
from lkmr_gateway.schemas import NoQuery, read_query
from lkmr_servicekit.errors import Category, ServiceError

BOARD = "/api/v1/staff/compliance"
EXPORT = BOARD + "/export"
PAGE_SIZE = 25
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
}
_NAME = "Допуск сотрудников"


def api_routes(parts: Parts) -> APIRouter:
    """`/api/v1/staff/…`."""
    made = router(parts.gate, api=True)

    @made.get(BOARD, response_model=schemas.StaffBoard, summary="Допуск сотрудников")
    async def board(request: Request, _: Annotated[schemas.StaffPageQuery, Query()]) -> Response:
        exchange, entry = signed_in(request)
        asked = read_query(schemas.StaffPageQuery, exchange.query)
        body, etag = await parts.compliance.board(
            asked.filter(), entry.token, page_size=asked.page_size, page_token=asked.page_token
        )
        return json_answer(exchange, body, etag)

    @made.get(
        EXPORT,
        response_class=Response,
        responses={200: {"content": {kind: {} for kind in _TYPES.values()}}},
        summary="Допуск сотрудников файлом",
    )
    async def export(request: Request, _: Annotated[schemas.StaffFileQuery, Query()]) -> Response:
        exchange, entry = signed_in(request)
        asked = read_query(schemas.StaffFileQuery, exchange.query)
        async with parts.gate.heavy(entry):
            portions = [
                one
                async for one in parts.compliance.export(
                    asked.filter(), asked.format.upper(), entry.token
                )
            ]
        name = f"attachment; filename=\"staff.{asked.format}\"; filename*=UTF-8''"
        answer = Response(
            b"".join(portions),
            media_type=_TYPES[asked.format],
            headers={"content-disposition": f"{name}{quote(_NAME)}.{asked.format}"},
        )
        return with_headers(answer, FILE_POLICY)

    @made.get(
        BOARD + "/{worker}", response_model=schemas.StaffDetail, summary="Один сотрудник с расчётом"
    )
    async def member(request: Request, worker: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        body, etag = await read_member(parts, exchange, entry, worker)
        return json_answer(exchange, body, etag)

    @made.get(
        "/api/v1/staff/report",
        response_model=schemas.StaffReport,
        summary="Отчёт о соответствии нормативным требованиям (RPT-COMPL)",
    )
    async def report(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        body, etag = await parts.compliance.report(entry.token)
        return json_answer(exchange, body, etag)

    return made


def page_routes(parts: Parts) -> APIRouter:
    """`/staff`, `/staff/report`, `/staff/{worker}`."""
    made = router(parts.gate, api=False)

    @made.get("/staff")
    async def board_page(request: Request) -> Response:
        exchange, entry = signed_in(request)
        given = request.query_params
        asked = {name: given.get(name, "")[:300] for name in _FILTERS}
        if asked["admission"] not in _ADMISSIONS:
            asked["admission"] = ""
        page_token = given.get("page_token", "")
        found, unread = await asyncio.gather(
            part(_board(parts, entry, asked, page_token[:512])), unread_count(parts, entry)
        )
        board = orjson.loads(found[0]) if isinstance(found, tuple) else None
        kept = [(name, value) for name, value in asked.items() if value]
        token = board["next_page_token"] if board else ""
        onward = urlencode([*kept, ("page_token", token)])
        view = StaffView(
            board=board,
            asked=asked,
            query=f"&{urlencode(kept)}" if kept else "",
            next_href=f"/staff?{onward}" if token else "",
            first_href=f"/staff?{urlencode(kept)}" if page_token else "",
            can_export=bool(RULES["GET", EXPORT].scope_for(entry.roles)),
            fault=found if isinstance(found, Unavailable) else None,
        )
        return parts.composer.page(exchange, view, unread=unread)

    @made.get("/staff/report")
    async def report_page(request: Request) -> Response:
        exchange, entry = signed_in(request)
        (body, _), unread = await asyncio.gather(
            parts.compliance.report(entry.token), unread_count(parts, entry)
        )
        report = orjson.loads(body)
        names = (
            ("Срок закончился", "expired"),
            ("Нет действующей записи", "missing"),
            ("Отстают по часам", "behind"),
            ("Ждут ФИС ФРДО", "waiting_register"),
            ("Все нарушения", "violations"),
        )
        shown = report["organization"]["region"] == "" and report["counts"]["total"]
        tables = tuple((words, report[key]) for words, key in names) if shown else ()
        view = StaffReportView(made=report, tables=tables)
        return parts.composer.page(exchange, view, unread=unread)

    @made.get("/staff/{worker}")
    async def member_page(request: Request, worker: str) -> Response:
        exchange, entry = signed_in(request)
        (body, _), unread = await asyncio.gather(
            read_member(parts, exchange, entry, worker), unread_count(parts, entry)
        )
        may = RULES["GET", "/staff/{worker}/documents"].scope_for(entry.roles)
        href = f"/staff/{worker}/documents" if may else ""
        enters = RULES["GET", "/staff/{worker}/mentoring"].scope_for(entry.roles)
        view = StaffMemberView(
            made=orjson.loads(body),
            documents_href=href,
            mentoring_href=f"/staff/{worker}/mentoring" if enters else "",
            extract_href=f"/staff/{worker}/extract" if enters else "",
        )
        return parts.composer.page(exchange, view, unread=unread)

    return made


_FILTERS = ("family_name", "department", "specialty", "admission")
_ADMISSIONS = frozenset({"CAN_WORK", "EXPIRING", "CANNOT_WORK", "NOT_CHECKED", "BEHIND"})


async def _board(
    parts: Parts, entry: Entry, asked: dict[str, str], page_token: str
) -> tuple[bytes, bytes]:
    body, etag = await parts.compliance.board(
        asked, entry.token, page_size=PAGE_SIZE, page_token=page_token
    )
    return body, etag.encode()


async def read_member(
    parts: Parts, exchange: Exchange, entry: Entry, worker: str
) -> tuple[bytes, str]:
    """One member; a foreign or unknown one is journalled and looks the same."""
    if is_uuid(worker):
        try:
            return await parts.compliance.member(worker, entry.token)
        except ServiceError as fault:
            if fault.category is not Category.NOT_FOUND:
                raise
    target = f"workers/{worker}" if is_uuid(worker) else exchange.route
    await parts.gate.record(exchange, target, "STAFF_MEMBER_NOT_FOUND")
    raise Refused(problem("STAFF_MEMBER_NOT_FOUND"))
