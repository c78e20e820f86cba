"""Reports for the regional health authority, for programs and as pages."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from lkmr_gateway import schemas_education_outside as outside
from lkmr_gateway.access import EDUCATION_REPORT_BUILD, EDUCATION_REPORT_SIGN
from lkmr_gateway.body import typed_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange
from lkmr_gateway.gate import request_id_of
from lkmr_gateway.openapi import body_of
from lkmr_gateway.pages.views.education_outside import ReportsView, ReportView
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import Problem
from lkmr_gateway.protection import FILE_POLICY
from lkmr_gateway.routes.accreditations import unread_count
from lkmr_gateway.routes.education import ROOT, EducationActs
from lkmr_gateway.routes.education_lists import PAGE_SIZE, Lists
from lkmr_gateway.routes.education_pages import form_fault, read, shown
from lkmr_gateway.routing import JSON, json_answer, router, see_other, signed_in, with_headers
from lkmr_gateway.schemas import NoQuery, PageQuery, read_query
from lkmr_servicekit.errors import ServiceError

REPORTS, PAGES = f"{ROOT}/reports", "/education/reports"
NEW = ("period_start", "period_end", "replaces")
_UNBUILT = frozenset({"QUEUED", "BUILDING"})
_NOTICES = {
    "accepted": "Отчёт принят в работу.",
    "built": "Отчёт построен и проверен.",
    "signed": "Отчёт подписан.",
    "sent": "Отчёт передаётся получателю.",
}


class FileQuery(NoQuery):
    """Form of the file, PDF when none is named."""

    format: Literal["XLSX", "CSV", "PDF", "xlsx", "csv", "pdf"] = "PDF"


def api_routes(parts: Parts, acts: EducationActs) -> APIRouter:
    """`/api/v1/education/reports…`."""
    made = router(parts.gate, api=True)
    backend = parts.education_reports

    @made.get(REPORTS, response_model=outside.ReportPage, summary="Отчёты об обучении")
    async def page(request: Request, _: Annotated[PageQuery, Query()]) -> Response:
        exchange, entry = signed_in(request)
        asked = read_query(PageQuery, exchange.query)
        found = await backend.page(
            entry.token, page_size=asked.page_size, page_token=asked.page_token
        )
        return json_answer(exchange, *found)

    @made.post(
        REPORTS,
        response_model=outside.Report,
        status_code=201,
        summary="Построить отчёт об обучении",
        openapi_extra=body_of(outside.NewReport),
    )
    async def build(request: Request) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        fields = typed_fields(exchange, *NEW)
        body = await backend.build(fields, request_id_of(exchange), entry.token)
        return Response(body, 201, media_type=JSON)

    @made.get(f"{REPORTS}/{{report}}", response_model=outside.Report, summary="Отчёт об обучении")
    async def one(request: Request, report: str) -> Response:
        exchange, entry = signed_in(request)
        read_query(NoQuery, exchange.query)
        await acts.check(exchange, report)
        return json_answer(exchange, *await backend.one(report, entry.token))

    @made.get(f"{REPORTS}/{{report}}/file", response_class=Response, summary="Отчёт файлом")
    async def file(request: Request, report: str, _: Annotated[FileQuery, Query()]) -> Response:
        exchange, entry = signed_in(request)
        asked = read_query(FileQuery, exchange.query)
        await acts.check(exchange, report)
        return await report_file(parts, entry, report, asked.format)

    @made.post(
        f"{REPORTS}/{{report}}/sign", response_model=outside.Report, summary="Подписать отчёт"
    )
    async def sign(request: Request, report: str) -> Response:
        exchange, entry = signed_in(request)
        await _bare(exchange, acts, report)
        return Response(await backend.sign(report, entry.token), media_type=JSON)

    @made.post(
        f"{REPORTS}/{{report}}/send", response_model=outside.Report, summary="Отправить отчёт"
    )
    async def send(request: Request, report: str) -> Response:
        exchange, entry = signed_in(request)
        await _bare(exchange, acts, report)
        return Response(await backend.send(report, entry.token), media_type=JSON)

    return made


async def report_file(parts: Parts, entry: Entry, report: str, form: str) -> Response:
    """A report as a download."""
    made = await parts.education_reports.file(report, form.upper(), entry.token)
    headers = {"content-disposition": f'attachment; filename="{made.file_name}"'}
    return with_headers(Response(made.content, 200, headers, made.media_type), FILE_POLICY)


async def _bare(exchange: Exchange, acts: EducationActs, report: str) -> None:
    """A command without fields."""
    read_query(NoQuery, exchange.query)
    typed_fields(exchange)
    await acts.check(exchange, report)


class ReportPages:
    """Draws the list of reports and one report."""

    def __init__(self, parts: Parts) -> None:
        self._parts, self._lists = parts, Lists(parts)

    async def page(
        self,
        exchange: Exchange,
        entry: Entry,
        *,
        page_token: str = "",
        typed: Mapping[str, str] | None = None,
        fault: Problem | None = None,
    ) -> Response:
        """The list with the form of a new one."""
        found = await self._lists.listed(
            entry,
            self._parts.education_reports.page(
                entry.token, page_size=PAGE_SIZE, page_token=page_token
            ),
            PAGES,
            page_token,
        )
        view = ReportsView(
            items=found.items,
            may_build=bool(EDUCATION_REPORT_BUILD.scope_for(entry.roles)),
            next_href=found.next_href,
            first_href=found.first_href,
            typed=typed or {},
            fault=form_fault(fault),
            away=found.away,
        )
        return self._lists.drawn(exchange, view, found.unread, fault)

    async def one(
        self,
        exchange: Exchange,
        entry: Entry,
        report: str,
        *,
        notice: str = "",
        fault: Problem | None = None,
    ) -> Response:
        """One report with its figures and what may be done with it."""
        (body, etag), unread = await asyncio.gather(
            self._parts.education_reports.one(report, entry.token),
            unread_count(self._parts, entry),
        )
        view = ReportView(
            item=read((body, etag.encode())),
            may_build=bool(EDUCATION_REPORT_BUILD.scope_for(entry.roles)),
            may_sign=bool(EDUCATION_REPORT_SIGN.scope_for(entry.roles)),
            notice=notice,
            fault=form_fault(fault),
        )
        return self._lists.drawn(exchange, view, unread, fault)


def page_routes(parts: Parts, acts: EducationActs) -> APIRouter:
    """`/education/reports…`."""
    made, pages = router(parts.gate, api=False), ReportPages(parts)
    backend = parts.education_reports

    @made.get(PAGES)
    async def page(request: Request, page_token: str = "") -> Response:
        exchange, entry = signed_in(request)
        return await pages.page(exchange, entry, page_token=page_token[:512])

    @made.post(PAGES)
    async def build(request: Request) -> Response:
        exchange, entry = signed_in(request)
        typed = typed_fields(exchange, *NEW)
        try:
            body = await backend.build(typed, request_id_of(exchange), entry.token)
        except ServiceError as fault:
            return await pages.page(exchange, entry, typed=typed, fault=shown(fault))
        made: Any = read((body, b""))
        done = "accepted" if made["state"] in _UNBUILT else "built"
        return see_other(f"{PAGES}/{made['id']}?done={done}")

    @made.get(f"{PAGES}/{{report}}")
    async def one(request: Request, report: str, done: str = "") -> Response:
        exchange, entry = signed_in(request)
        await acts.check(exchange, report)
        return await pages.one(exchange, entry, report, notice=_NOTICES.get(done, ""))

    @made.get(f"{PAGES}/{{report}}/file")
    async def file(request: Request, report: str) -> Response:
        exchange, entry = signed_in(request)
        asked = read_query(FileQuery, exchange.query)
        await acts.check(exchange, report)
        return await report_file(parts, entry, report, asked.format)

    @made.post(f"{PAGES}/{{report}}/sign")
    async def sign(request: Request, report: str) -> Response:
        exchange, entry = signed_in(request)
        await _bare(exchange, acts, report)
        try:
            await backend.sign(report, entry.token)
        except ServiceError as fault:
            return await pages.one(exchange, entry, report, fault=shown(fault))
        return see_other(f"{PAGES}/{report}?done=signed")

    @made.post(f"{PAGES}/{{report}}/send")
    async def send(request: Request, report: str) -> Response:
        exchange, entry = signed_in(request)
        await _bare(exchange, acts, report)
        try:
            await backend.send(report, entry.token)
        except ServiceError as fault:
            return await pages.one(exchange, entry, report, fault=shown(fault))
        return see_other(f"{PAGES}/{report}?done=sent")

    return made
