"""Codes, files, and notices that were not believed: translation only."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import datetime
from typing import TypeVar

from lkmr.education.v1 import education_service_pb2 as pb
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_education.api import convert, outside_convert
from lkmr_education.api.base import Base
from lkmr_education.api.names import entry_in, kept_in, worker_in
from lkmr_education.domain.errors import CertificateNotFound, FileCut, FileMissing
from lkmr_education.domain.proposal import proposal_of
from lkmr_education.usecases.attach_file import attach_file
from lkmr_education.usecases.list_confirmations import list_confirmations
from lkmr_education.usecases.redeem_code import redeem_code
from lkmr_education.usecases.rights import check_own
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.grpc_server import Context, caller_of
from lkmr_servicekit.pagination import page_size_of, page_token_of, position_of

Portion = TypeVar("Portion", pb.ProposeCertificateRequest, pb.AttachCertificateFileRequest)
MAX_FILE = 10 * 1024**2


class OutsideMethods(Base):
    """Methods about what comes from the portal."""

    async def RedeemCode(self, request: pb.RedeemCodeRequest, _: Context) -> JsonDocument:
        worker, parts = worker_in(request.parent), self.parts
        check_own(caller_of(), worker, "C")
        said = await redeem_code(
            request.code,
            account=await self.account(worker),
            portal=parts.portal,
            new_uow=parts.new_uow,
            clock=parts.clock,
        )
        return convert.document(outside_convert.redeemed_json(said))

    async def ListConfirmations(
        self, request: pb.ListConfirmationsRequest, _: Context
    ) -> JsonDocument:
        found, token = await list_confirmations(
            page_size=page_size_of(request.page_size),
            page_token=request.page_token,
            staff=self.parts.staff,
            reader=self.parts.reader,
        )
        return convert.document(outside_convert.confirmations_json(found, token))

    async def DownloadCertificate(
        self, request: pb.DownloadCertificateRequest, _: Context
    ) -> AsyncIterator[pb.CertificatePortion]:
        worker, certificate = entry_in(request.name, "certificates", CertificateNotFound)
        await self.readable(worker)
        file = await self.parts.reader.file_of(worker, certificate)
        if file is None:
            raise FileMissing
        head = pb.CertificatePortion(media_type=file.media_type, size=file.size)
        async for part in self.parts.files.read(certificate, file):
            head.content = part
            yield head
            head = pb.CertificatePortion()

    async def ProposeCertificate(
        self, requests: AsyncIterator[pb.ProposeCertificateRequest], _: Context
    ) -> JsonDocument:
        head = await anext(requests)
        check_own(caller_of(), worker_in(head.name), "C")
        held = bytearray()
        async for part in _content(head, requests):
            held += part
            if len(held) > MAX_FILE:
                raise ServiceError("FILE_TOO_LARGE", Category.INVALID_ARGUMENT)
        content = bytes(held)
        await self.parts.scanner.scan(content)
        seen = await self.parts.texts.text_of(content)
        return convert.document(
            {
                "proposed": asdict(proposal_of(seen.text)),
                "read": bool(seen.text.strip()),
                "picture": seen.picture,
                "reads_pictures": self.parts.texts.reads_pictures,
            }
        )

    async def AttachCertificateFile(
        self, requests: AsyncIterator[pb.AttachCertificateFileRequest], _: Context
    ) -> JsonDocument:
        head = await anext(requests)
        worker, certificate = entry_in(head.name, "certificates", CertificateNotFound)
        check_own(caller_of(), worker, "C")
        await attach_file(
            worker,
            certificate,
            _content(head, requests),
            files=self.parts.files,
            new_uow=self.parts.new_uow,
        )
        present = await self.readable(worker)
        documents = (one.certificate for one in present.worker.studies)
        found = next(one for one in documents if one is not None and one.id == certificate)
        return convert.document(convert.certificate_item(found))

    async def ListKeptNotices(self, request: pb.ListKeptNoticesRequest, _: Context) -> JsonDocument:
        size = page_size_of(request.page_size)
        position = position_of(request.page_token, str, str)
        after = (datetime.fromisoformat(str(position[0])), str(position[1])) if position else None
        shelf = self.parts.shelf
        found = await shelf.page(resolved=request.resolved, size=size + 1, position=after)
        shown = found[:size]
        token = ""
        if len(found) > size:
            token = page_token_of(shown[-1].receive_time.isoformat(), shown[-1].id)
        waiting = await shelf.count_open()
        return convert.document(outside_convert.kept_json(shown, token, waiting))

    async def ReplayKeptNotice(
        self, request: pb.ReplayKeptNoticeRequest, _: Context
    ) -> JsonDocument:
        await self.parts.kept.replay(kept_in(request.name), caller=caller_of())
        return convert.document({})

    async def DismissKeptNotice(
        self, request: pb.DismissKeptNoticeRequest, _: Context
    ) -> JsonDocument:
        await self.parts.kept.dismiss(kept_in(request.name), caller=caller_of())
        return convert.document({})


async def _content(head: Portion, rest: AsyncIterator[Portion]) -> AsyncIterator[bytes]:
    """The bytes of a file. Raises FileCut when the stream ends before its last message."""
    yield head.content
    whole = head.last
    async for part in rest:
        yield part.content
        whole = part.last
    if not whole:
        raise FileCut
