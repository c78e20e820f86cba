"""Client of the part of `education` that brings in what others say: codes, files, notices."""

from collections.abc import AsyncIterator
from typing import TypeVar

from lkmr.education.v1 import education_service_pb2 as pb
from lkmr.education.v1.education_service_pb2_grpc import EducationServiceStub

from lkmr_servicekit.grpc_client import WRITE_SECONDS, Peer

STAFF_SECONDS = 10.0
FILE_SECONDS = 60.0
CODE_SECONDS = 4.5
PART = 64 * 1024
Portion = TypeVar("Portion", pb.ProposeCertificateRequest, pb.AttachCertificateFileRequest)


class EducationOutside:
    """Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._stub = EducationServiceStub(peer.channel)

    async def redeem(self, worker: str, code: str, token: str) -> bytes:
        """Give a code to the portal; its yes as JSON."""
        request = pb.RedeemCodeRequest(parent=f"workers/{worker}", code=code)
        made = await self._peer.call(
            self._stub.RedeemCode, request, timeout=CODE_SECONDS, token=token
        )
        return made.body

    async def check(self, worker: str, certificate: str, token: str) -> bytes:
        """Have the register asked about a document; the document as JSON."""
        request = pb.CheckCertificateRequest(name=f"workers/{worker}/certificates/{certificate}")
        made = await self._peer.call(
            self._stub.CheckCertificate, request, timeout=WRITE_SECONDS, token=token
        )
        return made.body

    async def file(
        self, worker: str, certificate: str, token: str
    ) -> AsyncIterator[pb.CertificatePortion]:
        """The file of a document, the first portion with kind and size."""
        request = pb.DownloadCertificateRequest(name=f"workers/{worker}/certificates/{certificate}")
        async for one in self._peer.stream(
            self._stub.DownloadCertificate, request, timeout=FILE_SECONDS, token=token
        ):
            yield one

    async def propose(self, worker: str, content: AsyncIterator[bytes], token: str) -> bytes:
        """Fields that the text of a file seems to name, as JSON."""
        made = await self._peer.send(
            self._stub.ProposeCertificate,
            _requests(pb.ProposeCertificateRequest, f"workers/{worker}", content),
            timeout=FILE_SECONDS,
            token=token,
        )
        return bytes(made.body)

    async def attach(
        self, worker: str, certificate: str, content: AsyncIterator[bytes], token: str
    ) -> bytes:
        """Keep the file of a document; the document as JSON."""
        made = await self._peer.send(
            self._stub.AttachCertificateFile,
            _requests(
                pb.AttachCertificateFileRequest,
                f"workers/{worker}/certificates/{certificate}",
                content,
            ),
            timeout=FILE_SECONDS,
            token=token,
        )
        return bytes(made.body)

    async def confirmations(
        self, token: str, *, page_size: int = 0, page_token: str = ""
    ) -> tuple[bytes, str]:
        """Documents for which the caller may vouch as JSON, with the ETag."""
        request = pb.ListConfirmationsRequest(page_size=page_size, page_token=page_token)
        made = await self._peer.call(
            self._stub.ListConfirmations, request, timeout=STAFF_SECONDS, token=token
        )
        return made.body, made.etag

    async def kept(
        self, token: str, *, resolved: bool = False, page_size: int = 0, page_token: str = ""
    ) -> tuple[bytes, str]:
        """Notices that were not believed as JSON, with the ETag."""
        request = pb.ListKeptNoticesRequest(
            resolved=resolved, page_size=page_size, page_token=page_token
        )
        made = await self._peer.call(self._stub.ListKeptNotices, request, token=token)
        return made.body, made.etag

    async def replay(self, notice: str, token: str) -> None:
        """Try a notice again."""
        request = pb.ReplayKeptNoticeRequest(name=f"keptNotices/{notice}")
        await self._peer.call(
            self._stub.ReplayKeptNotice, request, timeout=WRITE_SECONDS, token=token
        )

    async def dismiss(self, notice: str, token: str) -> None:
        """Close a notice without believing it."""
        request = pb.DismissKeptNoticeRequest(name=f"keptNotices/{notice}")
        await self._peer.call(
            self._stub.DismissKeptNotice, request, timeout=WRITE_SECONDS, token=token
        )


async def _requests(
    kind: type[Portion], name: str, content: AsyncIterator[bytes]
) -> AsyncIterator[Portion]:
    yield kind(name=name)
    async for piece in content:
        for start in range(0, len(piece), PART):
            yield kind(content=piece[start : start + PART])
    yield kind(last=True)
