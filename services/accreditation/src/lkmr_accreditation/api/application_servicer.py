"""Translation between the contract of applications and the use cases; nothing else."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from google.protobuf.message import Message
from lkmr.accreditation.v1 import accreditation_service_pb2 as extract_pb
from lkmr.accreditation.v1 import application_service_pb2 as pb
from lkmr.accreditation.v1.application_service_pb2_grpc import ApplicationServiceServicer
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_accreditation.api import application_json as json
from lkmr_accreditation.api.convert import document, extract_to_proto
from lkmr_accreditation.api.servicer import own_worker
from lkmr_accreditation.domain.errors import (
    ApplicationNotFound,
    FormUnknown,
    StaffMemberNotFound,
)
from lkmr_accreditation.usecases.advance_application import advance_application
from lkmr_accreditation.usecases.application_parts import ApplicationParts
from lkmr_accreditation.usecases.application_ports import Signer, Stored
from lkmr_accreditation.usecases.ask_extract import (
    StaffExtracts,
    ask_extract,
    issue_staff_extract,
)
from lkmr_accreditation.usecases.create_application import create_application
from lkmr_accreditation.usecases.decide_application import decide_application
from lkmr_accreditation.usecases.former_worker import check_former
from lkmr_accreditation.usecases.read_applications import (
    list_applications,
    list_staff_applications,
    read_application,
    read_staff_application,
)
from lkmr_accreditation.usecases.record_mentoring import record_mentoring
from lkmr_accreditation.usecases.save_draft import save_draft
from lkmr_accreditation.usecases.staff import Scope, StaffReader
from lkmr_servicekit.grpc_server import Context, caller_of
from lkmr_servicekit.resource_names import ids_in, name_of


@dataclass(frozen=True, slots=True)
class Parts:
    """What the methods work with; made in `main`."""

    applications: ApplicationParts
    signer: Signer
    staff: StaffReader
    extracts: StaffExtracts


class ApplicationServicer(ApplicationServiceServicer):
    """Applications as their callers see them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def ListForms(self, _: pb.ListFormsRequest, __: Context) -> JsonDocument:
        forms = self._parts.applications.forms.all.values()
        return document({"items": [json.form_json(one) for one in forms]})

    async def ListApplications(
        self, request: pb.ListApplicationsRequest, _: Context
    ) -> JsonDocument:
        parts, worker = self._parts.applications, own_worker(request.parent)
        await check_former(caller_of(), worker, parts)
        found, token = await list_applications(
            worker,
            page_size=request.page_size,
            page_token=request.page_token,
            parts=parts,
        )
        items = [json.item_json(one, parts.forms) for one in found]
        return document({"items": items, "next_page_token": token})

    async def ReadApplication(self, request: pb.ReadApplicationRequest, _: Context) -> JsonDocument:
        return await self._one(*await self._own(request.name))

    async def CreateApplication(
        self, request: pb.CreateApplicationRequest, _: Context
    ) -> JsonDocument:
        worker = own_worker(request.parent)
        made = await create_application(
            worker,
            form=request.form,
            specialty=request.specialty,
            answers=dict(request.answers),
            caller=caller_of(),
            request_id=request.request_id,
            body=_body(request),
            parts=self._parts.applications,
        )
        return await self._one(worker, made)

    async def UpdateApplication(
        self, request: pb.UpdateApplicationRequest, _: Context
    ) -> JsonDocument:
        worker, application = await self._own(request.name)
        await save_draft(
            application,
            worker=worker,
            answers=dict(request.answers),
            version=request.version,
            parts=self._parts.applications,
        )
        return await self._one(worker, application)

    async def AdvanceApplication(
        self, request: pb.AdvanceApplicationRequest, _: Context
    ) -> JsonDocument:
        worker, application = await self._own(request.name)
        await advance_application(
            application,
            request.act,
            worker=worker,
            reason=request.reason,
            version=request.version,
            caller=caller_of(),
            request_id=request.request_id,
            body=_body(request),
            parts=self._parts.applications,
        )
        if request.act == "DELETE":
            return document({"id": application, "state": "DELETED"})
        return await self._one(worker, application)

    async def ListStaffApplications(
        self, request: pb.ListStaffApplicationsRequest, _: Context
    ) -> JsonDocument:
        parts, caller = self._parts.applications, caller_of()
        found, token = await list_staff_applications(
            caller, page_size=request.page_size, page_token=request.page_token, parts=parts
        )
        names = await self._names(caller.organization_oid, found)
        items = [
            json.staff_item_json(one, parts.forms, names[one.application.worker]) for one in found
        ]
        return document({"items": items, "next_page_token": token})

    async def ReadStaffApplication(
        self, request: pb.ReadStaffApplicationRequest, _: Context
    ) -> JsonDocument:
        return await self._staff_one(_staff_id(request.name))

    async def CreateStaffApplication(
        self, request: pb.CreateStaffApplicationRequest, _: Context
    ) -> JsonDocument:
        (worker,) = ids_in(request.parent, "workers")
        begin = _STAFF_FORMS.get(request.form)
        if begin is None:
            raise FormUnknown
        made = await begin(
            _member(worker),
            specialty=request.specialty,
            answers=dict(request.answers),
            caller=caller_of(),
            request_id=request.request_id,
            body=_body(request),
            staff=self._parts.staff,
            parts=self._parts.applications,
        )
        return await self._staff_one(made)

    async def IssueStaffExtract(
        self, request: pb.IssueStaffExtractRequest, _: Context
    ) -> extract_pb.Extract:
        made = await issue_staff_extract(
            _staff_id(request.name),
            caller=caller_of(),
            verify_origin=request.verify_origin,
            by=self._parts.extracts,
        )
        return extract_to_proto(made)

    async def DecideApplication(
        self, request: pb.DecideApplicationRequest, _: Context
    ) -> JsonDocument:
        application = _staff_id(request.name)
        await decide_application(
            application,
            request.act,
            reason=request.reason,
            version=request.version,
            caller=caller_of(),
            request_id=request.request_id,
            body=_body(request),
            signer=self._parts.signer,
            parts=self._parts.applications,
        )
        return await self._staff_one(application)

    async def _own(self, name: str) -> tuple[str, str]:
        worker, application = ids_in(name, "workers", "applications")
        own_worker(name_of(workers=worker))
        await check_former(caller_of(), worker, self._parts.applications)
        return worker, _uuid(application)

    async def _one(self, worker: str, application: str) -> JsonDocument:
        parts = self._parts.applications
        detail = await read_application(application, worker=worker, parts=parts)
        made = document(json.detail_json(detail, parts.forms))
        return JsonDocument(body=made.body, etag=str(detail.stored.application.version))

    async def _staff_one(self, application: str) -> JsonDocument:
        parts, caller = self._parts.applications, caller_of()
        stored = await read_staff_application(caller, application, parts=parts)
        names = await self._names(caller.organization_oid, [stored])
        name = names[stored.application.worker]
        return document(json.staff_detail_json(stored, parts.forms, name))

    async def _names(self, oid: str, found: Sequence[Stored]) -> dict[str, str]:
        workers = [one.application.worker for one in found]
        if not workers:
            return {}
        scope = Scope(kind="g", organization_oid=oid)
        members = await self._parts.staff.members(scope, workers, "", len(workers))
        known = {one.worker: one.name.short for one in members}
        return {one: known.get(one, "Сотрудник") for one in workers}


_STAFF_FORMS = {"F3": ask_extract, "F8": record_mentoring}


def _member(worker: str) -> str:
    try:
        return str(uuid.UUID(worker))
    except ValueError:
        raise StaffMemberNotFound from None


def _staff_id(name: str) -> str:
    (application,) = ids_in(name, "applications")
    return _uuid(application)


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise ApplicationNotFound from None


def _body(request: Message) -> bytes:
    return request.SerializeToString(deterministic=True)
