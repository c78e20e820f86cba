"""Translation between the contract of documents and the use cases; nothing else."""

import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date

from lkmr.accreditation.v1 import document_service_pb2 as pb
from lkmr.accreditation.v1.document_service_pb2_grpc import DocumentServiceServicer
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_accreditation.api import document_json as json
from lkmr_accreditation.domain.document_draft import Typed
from lkmr_accreditation.domain.documents import Catalogue
from lkmr_accreditation.domain.errors import DocumentCut, DocumentNotFound, StaffMemberNotFound
from lkmr_accreditation.usecases.document_ports import Inspector, Scanner, Vault
from lkmr_accreditation.usecases.document_rights import View, view_of
from lkmr_accreditation.usecases.documents import (
    Query,
    archive_document,
    decide_document,
    list_documents,
    open_file,
    read_document,
)
from lkmr_accreditation.usecases.law_book import LawBook
from lkmr_accreditation.usecases.licences import LicenceRegister, list_licences
from lkmr_accreditation.usecases.list_accreditations import Refresh, today_of
from lkmr_accreditation.usecases.ports import Reader, UnitOfWork
from lkmr_accreditation.usecases.staff import StaffReader
from lkmr_accreditation.usecases.upload_document import Upload, Uploading, upload_document
from lkmr_servicekit.audit import about
from lkmr_servicekit.clock import MOSCOW, Clock, day_in
from lkmr_servicekit.grpc_server import Context, caller_of
from lkmr_servicekit.resource_names import ids_in, name_of


@dataclass(frozen=True, slots=True)
class Parts:
    """What the methods work with; made in `main`."""

    reader: Reader
    staff: StaffReader
    refresh: Refresh
    new_uow: Callable[[], UnitOfWork]
    vault: Vault
    inspector: Inspector
    scanner: Scanner
    licences: LicenceRegister
    catalogue: Catalogue
    book: LawBook
    clock: Clock


class DocumentServicer(DocumentServiceServicer):
    """The vault of documents as its callers see it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def ListDocuments(self, request: pb.ListDocumentsRequest, _: Context) -> JsonDocument:
        parts, worker = self._parts, _worker_in(request.parent)
        page = await list_documents(
            worker,
            Query(
                states=frozenset(request.states),
                kinds=frozenset(request.kinds),
                page_size=request.page_size,
                page_token=request.page_token,
            ),
            view=await self._view(worker, "R"),
            new_uow=parts.new_uow,
            catalogue=parts.catalogue,
            today=await self._today(worker),
        )
        return json.page_to_document(page)

    async def ListDocumentKinds(self, _: pb.ListDocumentKindsRequest, __: Context) -> JsonDocument:
        return json.kinds_to_document(self._parts.catalogue)

    async def ListLicences(self, _: pb.ListLicencesRequest, __: Context) -> JsonDocument:
        parts = self._parts
        known = await list_licences(
            caller_of(),
            reader=parts.reader,
            register=parts.licences,
            new_uow=parts.new_uow,
            clock=parts.clock,
        )
        return json.licences_to_document(known)

    async def ReadDocument(self, request: pb.ReadDocumentRequest, _: Context) -> JsonDocument:
        worker, document = _document_in(request.name)
        return await self._one(worker, document, await self._view(worker, "R"))

    async def UploadDocument(
        self, requests: AsyncIterator[pb.UploadDocumentRequest], _: Context
    ) -> JsonDocument:
        head = await anext(requests)
        worker, document = _target_in(head.name)
        view = await self._view(worker, "U" if document else "C")
        if document:  # a hidden one looks like an unknown one
            await self._one(worker, document, view)
        made = await upload_document(
            Upload(
                worker=worker,
                document=document,
                typed=_typed(head.fields),
                file_name=head.file_name,
                etag=_seen(head.etag),
                request_id=head.request_id,
                body=_body(head),
            ),
            _content(head, requests),
            caller=caller_of(),
            parts=self._uploading(),
        )
        about(name_of(workers=worker, documents=made))
        return await self._one(worker, made, await self._view(worker, "R"))

    async def DownloadDocument(
        self, request: pb.DownloadDocumentRequest, _: Context
    ) -> AsyncIterator[pb.DocumentChunk]:
        worker, document = _document_in(request.name)
        parts = self._parts
        file, content = await open_file(
            worker,
            document,
            request.version,
            view=await self._view(worker, "R"),
            new_uow=parts.new_uow,
            vault=parts.vault,
        )
        yield pb.DocumentChunk(
            media_type=file.media_type,
            file_name=file.label,
            size=file.size,
            sha256=file.sha256.hex(),
        )
        async for part in content:
            yield pb.DocumentChunk(content=part)

    async def DecideDocument(self, request: pb.DecideDocumentRequest, _: Context) -> JsonDocument:
        worker, document = _document_in(request.name)
        view = await self._view(worker, "A")
        await decide_document(
            worker,
            document,
            status=request.status,
            reason=request.reason,
            etag=_seen(request.etag),
            caller=caller_of(),
            view=view,
            request_id=request.request_id,
            body=_body(request),
            new_uow=self._parts.new_uow,
            clock=self._parts.clock,
        )
        return await self._one(worker, document, view)

    async def ArchiveDocument(self, request: pb.ArchiveDocumentRequest, _: Context) -> JsonDocument:
        worker, document = _document_in(request.name)
        view = await self._view(worker, "U")
        await archive_document(
            worker,
            document,
            etag=_seen(request.etag),
            caller=caller_of(),
            view=view,
            request_id=request.request_id,
            body=_body(request),
            new_uow=self._parts.new_uow,
        )
        return await self._one(worker, document, view)

    async def _one(self, worker: str, document: str, view: View) -> JsonDocument:
        item, versions = await read_document(
            worker,
            document,
            view=view,
            new_uow=self._parts.new_uow,
            catalogue=self._parts.catalogue,
            today=await self._today(worker),
        )
        return json.detail_to_document(item, versions, own=view.own)

    async def _view(self, worker: str, operation: str) -> View:
        return await view_of(caller_of(), worker, operation, staff=self._parts.staff)

    async def _today(self, worker: str) -> date:
        stored, now = await self._parts.reader.find_worker(worker), self._parts.clock.now()
        return today_of(stored, now) if stored is not None else day_in(MOSCOW, now)

    async def _known(self, worker: str) -> None:
        """Documents belong to workers of the register. Raises WorkerUnknown."""
        parts = self._parts
        if await parts.reader.find_worker(worker) is None:
            await parts.refresh(worker)

    def _uploading(self) -> Uploading:
        parts = self._parts
        return Uploading(
            new_uow=parts.new_uow,
            known=self._known,
            vault=parts.vault,
            inspector=parts.inspector,
            scanner=parts.scanner,
            catalogue=parts.catalogue,
            law=parts.book.law,
            clock=parts.clock,
        )


async def _content(
    head: pb.UploadDocumentRequest, rest: AsyncIterator[pb.UploadDocumentRequest]
) -> AsyncIterator[bytes]:
    """The bytes of the file. Raises DocumentCut when the stream ends before its last message."""
    yield head.content
    whole = head.last
    async for part in rest:
        yield part.content
        whole = part.last
    if not whole:
        raise DocumentCut


def _seen(etag: str) -> str:
    """The mark of the document in the etag of an answer about it."""
    return etag.strip('"').partition("-")[0]


def _typed(fields: pb.DocumentFields) -> Typed:
    return Typed(**{name: getattr(fields, name) for name in Typed.__slots__})


def _body(request: object) -> bytes:
    """What a repeat must be equal to; of an upload its first message, without the file."""
    return request.SerializeToString(deterministic=True)  # type: ignore[attr-defined, no-any-return]  # protobuf


def _worker_in(name: str) -> str:
    (worker,) = ids_in(name, "workers")
    if not _is_id(worker):
        raise StaffMemberNotFound
    return worker


def _document_in(name: str) -> tuple[str, str]:
    worker, document = ids_in(name, "workers", "documents")
    if not _is_id(worker) or not _is_id(document):
        raise DocumentNotFound
    return worker, document


def _target_in(name: str) -> tuple[str, str]:
    """Worker and document of an upload; no document for a new one."""
    return _document_in(name) if "/documents/" in name else (_worker_in(name), "")


def _is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
