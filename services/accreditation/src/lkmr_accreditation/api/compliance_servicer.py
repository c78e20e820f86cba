"""Translation between the contract of compliance and the use cases; nothing else."""

import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date

from lkmr.accreditation.v1 import compliance_service_pb2 as pb
from lkmr.accreditation.v1.compliance_service_pb2_grpc import ComplianceServiceServicer
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_accreditation.api import compliance_json as json
from lkmr_accreditation.api.convert import document
from lkmr_accreditation.api.servicer import own_worker
from lkmr_accreditation.domain.errors import StaffMemberNotFound
from lkmr_accreditation.domain.law import Norm, known_changes
from lkmr_accreditation.usecases.export_staff import Sheets, export_staff
from lkmr_accreditation.usecases.law_book import LawBook
from lkmr_accreditation.usecases.list_accreditations import Refresh
from lkmr_accreditation.usecases.ports import Reader
from lkmr_accreditation.usecases.read_compliance import (
    ComplianceParts,
    Course,
    Hours,
    StepReader,
    TraitReader,
    read_compliance,
    simulate_compliance,
)
from lkmr_accreditation.usecases.read_lapses import read_lapses
from lkmr_accreditation.usecases.staff import (
    Scope,
    StaffFilter,
    StaffReader,
    list_staff,
    staff_board,
    staff_member,
)
from lkmr_accreditation.usecases.staff_report import staff_report
from lkmr_servicekit.clock import MOSCOW, Clock, day_in
from lkmr_servicekit.errors import Category, FieldFault, ServiceError
from lkmr_servicekit.grpc_server import Context, caller_of
from lkmr_servicekit.pagination import page_size_of, page_token_of, position_of
from lkmr_servicekit.resource_names import ids_in, name_of

CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Parts:
    """What the methods work with; made in `main`."""

    reader: Reader
    traits: TraitReader
    steps: StepReader | None
    staff: StaffReader
    hours: Hours | None
    refresh: Refresh
    sheets: Sheets
    fill_hours: Callable[[str], None]
    book: LawBook
    clock: Clock

    def of_now(self) -> ComplianceParts:
        """What judging works with, under the law that holds now."""
        return ComplianceParts(
            reader=self.reader,
            traits=self.traits,
            steps=self.steps,
            hours=self.hours,
            refresh=self.refresh,
            registry=self.book.registry,
            clock=self.clock,
        )


class ComplianceServicer(ComplianceServiceServicer):
    """Compliance as its callers see it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def ReadCompliance(self, request: pb.ReadComplianceRequest, _: Context) -> JsonDocument:
        made = await read_compliance(own_worker(request.name), self._compliance_parts())
        return json.compliance_to_document(made, self._parts.book.law)

    async def SimulateCompliance(
        self, request: pb.SimulateComplianceRequest, _: Context
    ) -> JsonDocument:
        today = day_in(MOSCOW, self._parts.clock.now())
        courses = [_course(one, number, today) for number, one in enumerate(request.courses)]
        made = await simulate_compliance(
            own_worker(request.name), courses, self._compliance_parts()
        )
        return json.simulated_to_document(made, self._parts.book.law)

    async def ReadStaffBoard(self, request: pb.ReadStaffBoardRequest, _: Context) -> JsonDocument:
        board = await staff_board(
            caller_of(),
            _filter(request.filter),
            page_size=request.page_size,
            page_token=request.page_token,
            reader=self._parts.staff,
            clock=self._parts.clock,
        )
        self._fill(board.scope)
        return json.board_to_document(board)

    async def ReadStaffMember(self, request: pb.ReadStaffMemberRequest, _: Context) -> JsonDocument:
        worker = _member_id(request.name)
        parts = self._parts
        row = await staff_member(caller_of(), worker, reader=parts.staff)
        made = await read_compliance(worker, self._compliance_parts())
        member = json.row_json(row, made.report.today)
        return document({"member": member, **json.compliance_json(made, parts.book.law)})

    async def ReadStaffReport(self, _: pb.ReadStaffReportRequest, __: Context) -> JsonDocument:
        parts = self._parts
        made = await staff_report(
            caller_of(), reader=parts.staff, law=parts.book.law, clock=parts.clock
        )
        self._fill(made.scope)
        return document(json.report_json(made, parts.book.registry.catalogue))

    async def ExportStaff(
        self, request: pb.ExportStaffRequest, _: Context
    ) -> AsyncIterator[pb.FileChunk]:
        parts = self._parts
        content = await export_staff(
            caller_of(),
            _filter(request.filter),
            request.format,
            reader=parts.staff,
            sheets=parts.sheets,
            law=parts.book.law,
            clock=parts.clock,
        )
        for start in range(0, len(content), CHUNK):
            yield pb.FileChunk(content=content[start : start + CHUNK])

    async def ListStaff(self, request: pb.ListStaffRequest, _: Context) -> pb.ListStaffResponse:
        found, token = await list_staff(
            caller_of(),
            organization_oid=request.organization_oid,
            department=request.department,
            workers=[_member_id(one) for one in request.workers],
            page_size=request.page_size,
            page_token=request.page_token,
            reader=self._parts.staff,
        )
        members = [
            pb.StaffMember(
                worker=name_of(workers=one.worker),
                organization_oid=one.organization_oid,
                organization_name=one.organization_name,
                family_name=one.name.family_name,
                given_name=one.name.given_name,
                patronymic=one.name.patronymic,
                jobs=[pb.StaffJob(**job) for job in one.jobs],
            )
            for one in found
        ]
        return pb.ListStaffResponse(members=members, next_page_token=token)

    async def ListLawChanges(self, request: pb.ListLawChangesRequest, _: Context) -> JsonDocument:
        today = day_in(MOSCOW, self._parts.clock.now())
        size, position = page_size_of(request.page_size), position_of(request.page_token, str)
        changes = list(known_changes(self._parts.book.law.changes, today))
        if position:
            names = [one.id for one in changes]
            after = names.index(str(position[0])) + 1 if position[0] in names else len(names)
            changes = changes[after:]
        token = page_token_of(changes[size - 1].id) if len(changes) > size else ""
        items = [json.change_json(one, today) for one in changes[:size]]
        return document({"items": items, "next_page_token": token})

    async def ListLapses(self, request: pb.ListLapsesRequest, _: Context) -> pb.ListLapsesResponse:
        (worker,) = ids_in(request.worker, "workers")
        found = await read_lapses(worker, request.min_version, self._compliance_parts())
        return pb.ListLapsesResponse(
            lapses=[
                pb.Lapse(
                    organization_oid=one.organization_oid,
                    specialty=one.specialty,
                    end_date=one.end_date.isoformat() if one.end_date else "",
                )
                for one in found
            ]
        )

    async def CountOpenApplications(
        self, request: pb.CountOpenApplicationsRequest, _: Context
    ) -> pb.CountOpenApplicationsResponse:
        (worker,) = ids_in(request.worker, "workers")
        steps = self._parts.steps
        return pb.CountOpenApplicationsResponse(
            count=await steps.count_open(worker) if steps is not None else 0
        )

    async def ListNorms(self, request: pb.ListNormsRequest, _: Context) -> pb.ListNormsResponse:
        day = _day(request.day, "day") or day_in(MOSCOW, self._parts.clock.now())
        norms = self._parts.book.law.in_force(day)
        return pb.ListNormsResponse(
            norms=[_norm(one) for one in norms if one.key.startswith(request.key_prefix)]
        )

    def _fill(self, scope: Scope) -> None:
        if scope.organization_oid:
            self._parts.fill_hours(scope.organization_oid)

    def _compliance_parts(self) -> ComplianceParts:
        return self._parts.of_now()


def _filter(given: pb.StaffFilter) -> StaffFilter:
    return StaffFilter(
        family_name=given.family_name,
        department=given.department,
        specialty=given.specialty,
        admission=given.admission,
    )


def _course(given: pb.Course, number: int, today: date) -> Course:
    return Course(
        title=given.title or "Курс",
        kind=given.kind,
        hours=given.hours,
        end_date=_day(given.end_date, f"courses.{number}.end_date") or today,
        specialty=given.specialty,
    )


def _day(text: str, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        fault = FieldFault(field, "DATE", "Дата пишется как 2026-11-30.")
        raise ServiceError("FIELDS_INVALID", Category.INVALID_ARGUMENT, fields=[fault]) from None


def _member_id(name: str) -> str:
    try:
        (worker,) = ids_in(name, "workers")
        return str(uuid.UUID(worker))
    except (ServiceError, ValueError):
        raise StaffMemberNotFound from None


def _norm(norm: Norm) -> pb.Norm:
    value = str(norm.value).lower() if isinstance(norm.value, bool) else str(norm.value)
    return pb.Norm(
        key=norm.key,
        value=value,
        source=norm.source,
        valid_from="" if norm.valid_from == date.min else norm.valid_from.isoformat(),
        valid_until="" if norm.valid_until == date.max else norm.valid_until.isoformat(),
    )
