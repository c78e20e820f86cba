"""Translation between the contract and the use cases; nothing else."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lkmr.accreditation.v1 import accreditation_service_pb2 as pb
from lkmr.accreditation.v1.accreditation_service_pb2_grpc import AccreditationServiceServicer
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_accreditation.api import convert
from lkmr_accreditation.domain.accreditation import term_of
from lkmr_accreditation.domain.errors import AccreditationNotFound
from lkmr_accreditation.domain.law import Law
from lkmr_accreditation.usecases.check_specialists import Question, check_specialists
from lkmr_accreditation.usecases.issue_extract import issue_extract
from lkmr_accreditation.usecases.law_book import LawBook
from lkmr_accreditation.usecases.list_accreditations import (
    Query,
    Refresh,
    list_accreditations,
    today_of,
)
from lkmr_accreditation.usecases.list_entry_changes import list_entry_changes
from lkmr_accreditation.usecases.ports import (
    IssuedExtract,
    Mentorships,
    Printer,
    Reader,
    Specialists,
    UnitOfWork,
)
from lkmr_accreditation.usecases.read_accreditation import find_entry, read_accreditation
from lkmr_accreditation.usecases.read_record import read_record, read_records
from lkmr_accreditation.usecases.verify_extract import verify_extract
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.grpc_server import Context, caller_of
from lkmr_servicekit.personal import Personal
from lkmr_servicekit.resource_names import ids_in, name_of


@dataclass(frozen=True, slots=True)
class Parts:
    """What the methods work with; made in `main`."""

    reader: Reader
    mentorships: Mentorships
    specialists: Specialists
    refresh: Refresh
    new_uow: Callable[[], UnitOfWork]
    printer: Printer
    seal_keys: Mapping[str, object]
    book: LawBook
    clock: Clock

    @property
    def law(self) -> Law:
        """The norms as they stand now."""
        return self.book.law

    async def issue(self, worker: str, accreditation: str, verify_origin: str) -> IssuedExtract:
        """The extract of an entry. Raises AccreditationNotFound, RegisterUnavailable."""
        return await issue_extract(
            worker,
            accreditation,
            verify_origin=verify_origin,
            reader=self.reader,
            refresh=self.refresh,
            new_uow=self.new_uow,
            printer=self.printer,
            law=self.law,
            clock=self.clock,
        )


class Servicer(AccreditationServiceServicer):
    """The accreditation service as its callers see it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def ListAccreditations(
        self, request: pb.ListAccreditationsRequest, _: Context
    ) -> JsonDocument:
        parts = self._parts
        query = Query(
            states=frozenset(request.states),
            specialty=request.specialty,
            order_by=request.order_by,
            page_size=request.page_size,
            page_token=request.page_token,
        )
        page = await list_accreditations(
            own_worker(request.parent),
            query,
            reader=parts.reader,
            refresh=parts.refresh,
            law=parts.law,
            clock=parts.clock,
        )
        return convert.page_to_document(page)

    async def ReadAccreditation(
        self, request: pb.ReadAccreditationRequest, _: Context
    ) -> JsonDocument:
        parts = self._parts
        worker, accreditation = _own_entry(request.name)
        detail = await read_accreditation(
            worker,
            accreditation,
            reader=parts.reader,
            refresh=parts.refresh,
            new_uow=parts.new_uow,
            law=parts.law,
            clock=parts.clock,
        )
        return convert.detail_to_document(detail)

    async def GetAccreditation(
        self, request: pb.GetAccreditationRequest, _: Context
    ) -> pb.Accreditation:
        parts = self._parts
        worker, accreditation = _entry_ids(request.name)
        stored = await parts.reader.find_worker(worker)
        if stored is None:
            raise AccreditationNotFound
        item = find_entry(stored, accreditation)
        term = term_of(item.entry, parts.law, today_of(stored, parts.clock.now()))
        return convert.entry_to_proto(worker, item, term)

    async def GetWorkerRecord(
        self, request: pb.GetWorkerRecordRequest, _: Context
    ) -> pb.WorkerRecord:
        parts = self._parts
        (worker,) = ids_in(request.name, "workers")
        found = await read_record(
            worker,
            reader=parts.reader,
            mentorships=parts.mentorships,
            refresh=parts.refresh,
            law=parts.law,
            clock=parts.clock,
        )
        return convert.record_to_proto(found)

    async def BatchGetWorkerRecords(
        self, request: pb.BatchGetWorkerRecordsRequest, _: Context
    ) -> pb.BatchGetWorkerRecordsResponse:
        parts = self._parts
        found = await read_records(
            [ids_in(name, "workers")[0] for name in request.names],
            reader=parts.reader,
            mentorships=parts.mentorships,
            law=parts.law,
            clock=parts.clock,
        )
        return pb.BatchGetWorkerRecordsResponse(
            records=[convert.record_to_proto(one) for one in found]
        )

    async def IssueExtract(self, request: pb.IssueExtractRequest, _: Context) -> pb.Extract:
        parts = self._parts
        worker, accreditation = _own_entry(request.name)
        made = await parts.issue(worker, accreditation, request.verify_origin)
        return convert.extract_to_proto(made)

    async def VerifyExtract(self, request: pb.VerifyExtractRequest, _: Context) -> JsonDocument:
        parts = self._parts
        verified = await verify_extract(
            request.code,
            reader=parts.reader,
            new_uow=parts.new_uow,
            law=parts.law,
            clock=parts.clock,
        )
        return convert.verified_to_document(verified)

    async def ListSealKeys(self, _: pb.ListSealKeysRequest, __: Context) -> JsonDocument:
        return convert.document(self._parts.seal_keys)

    async def CheckSpecialists(
        self, request: pb.CheckSpecialistsRequest, _: Context
    ) -> pb.CheckSpecialistsResponse:
        parts = self._parts
        answers = await check_specialists(
            [Question(Personal(one.snils), one.specialty, one.day) for one in request.queries],
            partner=request.partner,
            day_quota=request.day_quota,
            specialists=parts.specialists,
            new_uow=parts.new_uow,
            law=parts.law,
            clock=parts.clock,
        )
        return convert.answers_to_proto(answers)

    async def ListEntryChanges(
        self, request: pb.ListEntryChangesRequest, _: Context
    ) -> pb.ListEntryChangesResponse:
        changes, cursor = await list_entry_changes(
            request.cursor, request.page_size, new_uow=self._parts.new_uow
        )
        return convert.changes_to_proto(changes, cursor)

    async def GetRegisterSync(self, _: pb.GetRegisterSyncRequest, __: Context) -> pb.RegisterSync:
        async with self._parts.new_uow() as uow:
            state = await uow.sync.get()
        answer = pb.RegisterSync(loaded=state.loaded, total=state.total)
        if state.update_time is not None:
            answer.update_time.FromDatetime(state.update_time)
        return answer


def own_worker(parent: str) -> str:
    """The worker in a parent name. Permission before existence: only the caller's own."""
    (worker,) = ids_in(parent, "workers")
    if worker != caller_of().require_worker():
        raise ServiceError("NOT_OWN", Category.PERMISSION_DENIED)
    return worker


def _own_entry(name: str) -> tuple[str, str]:
    worker, accreditation = _entry_ids(name)
    own_worker(name_of(workers=worker))
    return worker, accreditation


def _entry_ids(name: str) -> tuple[str, str]:
    worker, accreditation = ids_in(name, "workers", "accreditations")
    for value in (worker, accreditation):
        try:
            uuid.UUID(value)
        except ValueError:
            raise AccreditationNotFound from None
    return worker, accreditation
