"""Reports for the regional health authority: translation only."""

from datetime import datetime
from typing import Any

import orjson
from lkmr.education.v1 import education_service_pb2 as pb
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_education.api import convert
from lkmr_education.api.base import Base, body_of
from lkmr_education.api.convert import moment
from lkmr_education.api.names import report_in
from lkmr_education.domain.errors import FilterInvalid, ReportNotFound, ReportStepNotAllowed
from lkmr_education.domain.report import REPORT_WORDS, UNBUILT, Report
from lkmr_education.usecases.build_reports import Wanted
from lkmr_education.usecases.reports import ask_to_send, sign_report
from lkmr_servicekit.grpc_server import Context, caller_of
from lkmr_servicekit.pagination import page_size_of, page_token_of, position_of


class ReportMethods(Base):
    """Methods about reports of the caller's organisation."""

    async def ListReports(self, request: pb.ListReportsRequest, _: Context) -> JsonDocument:
        size = page_size_of(request.page_size)
        position = position_of(request.page_token, str, str)
        after = (datetime.fromisoformat(str(position[0])), str(position[1])) if position else None
        found = await self.parts.reports.page(
            caller_of().organization_oid, size=size + 1, position=after
        )
        shown, token = found[:size], ""
        if len(found) > size:
            token = page_token_of(shown[-1].create_time.isoformat(), shown[-1].id)
        return convert.document(
            {"items": [report_item(one) for one in shown], "next_page_token": token}
        )

    async def ReadReport(self, request: pb.ReadReportRequest, _: Context) -> JsonDocument:
        return await self._shown(report_in(request.name))

    async def BuildReport(self, request: pb.BuildReportRequest, _: Context) -> JsonDocument:
        parts = self.parts
        made = await parts.builder.accept(
            Wanted(
                period_start=request.period_start,
                period_end=request.period_end,
                replaces=report_in(request.replaces) if request.replaces else "",
            ),
            caller=caller_of(),
            request_id=request.request_id,
            body=body_of(request),
        )
        return await self._shown(made)

    async def SignReport(self, request: pb.SignReportRequest, _: Context) -> JsonDocument:
        identity, parts = report_in(request.name), self.parts
        await sign_report(
            identity,
            caller=caller_of(),
            signer=parts.signer,
            new_uow=parts.new_uow,
            clock=parts.clock,
        )
        return await self._shown(identity)

    async def SendReport(self, request: pb.SendReportRequest, _: Context) -> JsonDocument:
        identity, parts = report_in(request.name), self.parts
        await ask_to_send(identity, caller=caller_of(), new_uow=parts.new_uow, clock=parts.clock)
        return await self._shown(identity)

    async def DownloadReport(self, request: pb.DownloadReportRequest, _: Context) -> pb.ReportFile:
        form = request.format.strip().upper()
        printer = self.parts.printer
        if form not in printer.media:
            raise FilterInvalid(field="format", value=request.format[:40])
        report = await self._report(report_in(request.name))
        if report.state in UNBUILT:
            raise ReportStepNotAllowed(state=report.state.value)
        return pb.ReportFile(
            content=await printer.make(report, form),
            media_type=printer.media[form],
            file_name=printer.name(report, form),
        )

    async def _report(self, identity: str) -> Report:
        report = await self.parts.reports.find(caller_of().organization_oid, identity)
        if report is None:
            raise ReportNotFound
        return report

    async def _shown(self, identity: str) -> JsonDocument:
        report = await self._report(identity)
        content = orjson.loads(report.content) if report.content else None
        return convert.document(report_item(report) | {"content": content})


def report_item(one: Report) -> dict[str, Any]:
    """A report with its state; the figures stand in `content` of a single one."""
    return {
        "id": one.id,
        "organization": {"oid": one.organization_oid, "name": one.organization_name},
        "period_start": one.period.start,
        "period_end": one.period.end,
        "version": one.version,
        "replaces": one.replaces or None,
        "state": one.state,
        "state_label": REPORT_WORDS[one.state],
        "progress": {"done": one.staff_done, "total": one.staff_total}
        if one.state in UNBUILT
        else None,
        "send_asked": one.send_asked,
        "errors": [{"row": fault.row, "message": fault.message} for fault in one.errors],
        "number": one.number,
        "reason": one.reason,
        "receipt": orjson.loads(one.receipt) if one.receipt else None,
        "create_time": moment(one.create_time),
        "sign_time": moment(one.sign_time) if one.sign_time else None,
        "update_time": moment(one.update_time),
    }
