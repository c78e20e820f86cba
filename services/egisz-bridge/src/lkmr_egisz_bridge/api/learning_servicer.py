"""The world of learning by gRPC: convert, call, convert back."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from lkmr.egisz_bridge.v1 import learning_service_pb2 as pb
from lkmr.egisz_bridge.v1 import learning_service_pb2_grpc as rpc
from lkmr.egisz_bridge.v1.egisz_bridge_service_pb2 import WorkerCard

from lkmr_egisz_bridge.usecases.check_document import check_document
from lkmr_egisz_bridge.usecases.ports import (
    CyclePeriod,
    DocumentRegister,
    LearningPortal,
    WorkerRegister,
)
from lkmr_servicekit.grpc_server import Context
from lkmr_servicekit.resource_names import ids_in

NOTICES, NOTICE_BYTES = 1000, 512 * 1024
"""Most notices of a message, which the reader takes in one transaction, and most bytes of it: an
unreadable notice may have 64 KiB, and a message of ours ends at 1 MiB."""
PROGRAMMES = 250
FILE_PORTION = 64 * 1024


@dataclass(slots=True)
class LearningServicer(rpc.LearningServiceServicer):
    """The contract `LearningService`."""

    workers: WorkerRegister[WorkerCard]
    portal: LearningPortal[pb.StudyNotice, pb.CatalogueProgramme, pb.RedeemedCode]
    documents: DocumentRegister[WorkerCard, pb.StudyDocument, pb.DocumentCheck]

    async def StreamStudyNotices(
        self, request: pb.StreamStudyNoticesRequest, _: Context
    ) -> AsyncIterator[pb.StudyNoticeBatch]:
        before = request.cursor
        async for notices, cursor in self.portal.notices(before):
            parts = list(portions(notices))
            for part in parts[:-1]:
                yield pb.StudyNoticeBatch(notices=part, cursor=before)
            yield pb.StudyNoticeBatch(notices=parts[-1], cursor=cursor)
            before = cursor

    async def StreamProgrammes(
        self, request: pb.StreamProgrammesRequest, _: Context
    ) -> AsyncIterator[pb.ProgrammeBatch]:
        async for programmes, edition in self.portal.programmes(request.known_edition):
            for start in range(0, len(programmes), PROGRAMMES):
                part = programmes[start : start + PROGRAMMES]
                yield pb.ProgrammeBatch(programmes=part, edition=edition)

    async def CheckDocument(self, request: pb.CheckDocumentRequest, _: Context) -> pb.DocumentCheck:
        (worker,) = ids_in(request.worker, "workers")
        return await check_document(
            worker, request.document, workers=self.workers, documents=self.documents
        )

    async def RedeemCode(self, request: pb.RedeemCodeRequest, _: Context) -> pb.RedeemedCode:
        (worker,) = ids_in(request.worker, "workers")
        cycles = [
            CyclePeriod(one.specialty, one.start_date, one.end_date) for one in request.cycles
        ]
        return await self.portal.redeem(worker, request.code, cycles)

    async def DownloadStudyFile(
        self, request: pb.DownloadStudyFileRequest, _: Context
    ) -> AsyncIterator[pb.FilePortion]:
        content = await self.portal.file(request.file)
        for start in range(0, len(content), FILE_PORTION):
            yield pb.FilePortion(content=content[start : start + FILE_PORTION])


def portions(notices: Sequence[pb.StudyNotice]) -> Iterator[list[pb.StudyNotice]]:
    """Notices cut into messages, in their order; one empty portion when there are none."""
    part: list[pb.StudyNotice] = []
    size = 0
    for one in notices:
        length = one.ByteSize()
        if part and (len(part) == NOTICES or size + length > NOTICE_BYTES):
            yield part
            part, size = [], 0
        part.append(one)
        size += length
    yield part
