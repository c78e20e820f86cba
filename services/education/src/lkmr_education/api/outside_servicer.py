"""Codes, files, and notices that were not believed: translation only."""

from collections.abc import AsyncIterator
from datetime import datetime

from lkmr.education.v1 import education_service_pb2 as pb
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_education.api import convert, outside_convert
from lkmr_education.api.base import Base
from lkmr_education.api.names import entry_in, kept_in, worker_in
from lkmr_education.domain.errors import CertificateNotFound, FileMissing
from lkmr_education.usecases.list_confirmations import list_confirmations
from lkmr_education.usecases.redeem_code import redeem_code
from lkmr_education.usecases.rights import check_own
from lkmr_servicekit.grpc_server import Context, caller_of
from lkmr_servicekit.pagination import page_size_of, page_token_of, position_of


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
