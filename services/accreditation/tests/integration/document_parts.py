"""The vault over PostgreSQL and a folder, with callers who may and may not."""

import hashlib
import io
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from lkmr.accreditation.v1 import document_service_pb2 as pb
from pypdf import PdfWriter

from lkmr_accreditation.api.document_servicer import DocumentServicer, Parts
from lkmr_accreditation.clients.inspector import ChildInspector
from lkmr_accreditation.clients.vault import DocumentVault
from lkmr_accreditation.domain.documents import Scan
from lkmr_accreditation.domain.errors import DocumentUnsafe
from lkmr_accreditation.domain.licences import LicenceRecord
from lkmr_accreditation.storage.board import PostgresStaff
from lkmr_accreditation.storage.reader import PostgresReader
from lkmr_accreditation.storage.shipped import shipped_book, shipped_catalogue
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.licences import LicenceChanges
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.files import FileVault, FolderStore
from lkmr_servicekit.identity import Caller, CallerKind, current_caller
from lkmr_servicekit.malware import ClamScanner

NewUow = Callable[[], AccreditationUnitOfWork]
ORGANIZATION = "1.2.643.5.1.13.13.12.2.77.90001"
FIELDS = {"kind": "MED_EXAM", "issue_date": "2026-03-01", "valid_until": "2027-03-01"}


def a_pdf(mark: str = "1") -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Title": mark})
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def a_caller(role: str, worker: str = "", subject: str = "p") -> Caller:
    return Caller(
        CallerKind.PERSON,
        subject,
        0,
        session="s",
        worker=worker,
        roles=(role,),
        organization_oid=ORGANIZATION,
        department="терапевтическое отделение",
    )


@dataclass
class Papers:
    """The servicer as a caller sees it."""

    servicer: DocumentServicer
    folder: Path
    worker: str = ""
    caller: Caller = field(default_factory=lambda: a_caller("DOCTOR"))

    def act_as(self, role: str, worker: str = "", subject: str = "p") -> None:
        self.caller = a_caller(role, worker, subject)

    async def upload(
        self,
        fields: dict[str, str] | None = None,
        content: bytes | None = None,
        *,
        file_name: str = "осмотр.pdf",
        document: str = "",
        etag: str = "",
        request_id: str = "",
        broken: bool = False,
        cut: bool = False,
    ) -> Any:
        current_caller.set(self.caller)
        target = f"/documents/{document}" if document else ""
        head = pb.UploadDocumentRequest(
            name=f"workers/{self.worker}{target}",
            fields=pb.DocumentFields(**(FIELDS if fields is None else fields)),
            file_name=file_name if content is not None else "",
            etag=etag,
            request_id=request_id,
        )
        made = await self.servicer.UploadDocument(
            _stream(head, content, broken=broken, cut=cut), None
        )  # type: ignore[arg-type]
        return orjson.loads(made.body)

    async def read(self, document: str) -> Any:
        current_caller.set(self.caller)
        request = pb.ReadDocumentRequest(name=f"workers/{self.worker}/documents/{document}")
        return orjson.loads((await self.servicer.ReadDocument(request, None)).body)  # type: ignore[arg-type]

    async def page(self, **asked: Any) -> Any:
        current_caller.set(self.caller)
        request = pb.ListDocumentsRequest(parent=f"workers/{self.worker}", **asked)
        return orjson.loads((await self.servicer.ListDocuments(request, None)).body)  # type: ignore[arg-type]

    async def download(self, document: str, version: int = 0) -> tuple[pb.DocumentChunk, bytes]:
        current_caller.set(self.caller)
        name = f"workers/{self.worker}/documents/{document}"
        request = pb.DownloadDocumentRequest(name=name, version=version)
        parts = [one async for one in self.servicer.DownloadDocument(request, None)]  # type: ignore[arg-type]
        return parts[0], b"".join(one.content for one in parts)

    async def decide(self, document: str, status: str, reason: str = "", etag: str = "v1U") -> Any:
        current_caller.set(self.caller)
        name = f"workers/{self.worker}/documents/{document}"
        request = pb.DecideDocumentRequest(name=name, status=status, reason=reason, etag=etag)
        return orjson.loads((await self.servicer.DecideDocument(request, None)).body)  # type: ignore[arg-type]

    async def archive(self, document: str, etag: str) -> Any:
        current_caller.set(self.caller)
        name = f"workers/{self.worker}/documents/{document}"
        request = pb.ArchiveDocumentRequest(name=name, etag=etag)
        return orjson.loads((await self.servicer.ArchiveDocument(request, None)).body)  # type: ignore[arg-type]

    def files(self) -> list[Path]:
        return [one for one in self.folder.rglob("*") if one.is_file()]


async def _stream(
    head: pb.UploadDocumentRequest, content: bytes | None, *, broken: bool, cut: bool
) -> AsyncIterator[pb.UploadDocumentRequest]:
    yield head
    whole = content or b""
    for start in range(0, len(whole), 1000):
        if broken and start > len(whole) // 2:
            raise ConnectionResetError
        yield pb.UploadDocumentRequest(content=whole[start : start + 1000])
    if not cut:
        yield pb.UploadDocumentRequest(last=True)


class NoRegister:
    """A licence register that nobody asks here."""

    async def of_organizations(self, oids: Sequence[str]) -> list[LicenceRecord]:
        raise AssertionError(oids)

    async def by_number(self, number: str) -> LicenceRecord | None:
        raise AssertionError(number)

    async def changes(self, cursor: str) -> LicenceChanges:
        raise AssertionError(cursor)


NO_REGISTER = NoRegister()


def made_papers(
    store: Database, keys: KeyRing, new_uow: NewUow, clock: FakeClock, folder: Path
) -> Papers:
    async def no_refresh(worker: str) -> None:
        raise AssertionError("the worker is stored")

    parts = Parts(
        reader=PostgresReader(store),
        staff=PostgresStaff(store, keys),
        refresh=no_refresh,
        new_uow=new_uow,
        vault=DocumentVault(FileVault(FolderStore(folder), keys)),
        inspector=ChildInspector(),
        scanner=ClamScanner("", said=Scan, unsafe=DocumentUnsafe),
        licences=NO_REGISTER,
        catalogue=shipped_catalogue(),
        book=shipped_book(),
        clock=clock,
    )
    return Papers(DocumentServicer(parts), folder)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
