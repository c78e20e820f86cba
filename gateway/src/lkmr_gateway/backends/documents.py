"""Client of the vault of documents in `accreditation`; files pass through in portions."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from lkmr.accreditation.v1 import document_service_pb2 as pb
from lkmr.accreditation.v1.document_service_pb2_grpc import DocumentServiceStub

from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.grpc_client import WRITE_SECONDS, Peer

LICENCE_SECONDS = 5.0  # the first time the licence register is asked
UPLOAD_SECONDS, DOWNLOAD_SECONDS, PART = 60.0, 60.0, 64 * 1024


@dataclass(frozen=True, slots=True)
class Sent:
    """A file on its way out."""

    media_type: str
    file_name: str
    size: int
    sha256: str
    content: AsyncIterator[bytes]


class Documents:
    """The vault as the gateway needs it. Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self._stub = DocumentServiceStub(peer.channel)

    async def page(
        self,
        worker: str,
        token: str,
        *,
        states: Sequence[str] = (),
        kinds: Sequence[str] = (),
        page_size: int = 0,
        page_token: str = "",
    ) -> tuple[bytes, str]:
        """A page of documents as JSON, with the ETag."""
        request = pb.ListDocumentsRequest(
            parent=f"workers/{worker}",
            states=states,
            kinds=kinds,
            page_size=page_size,
            page_token=page_token,
        )
        made = await self.peer.call(self._stub.ListDocuments, request, token=token)
        return made.body, made.etag

    async def kinds(self, token: str) -> tuple[bytes, str]:
        """Kinds with what must be typed, as JSON, with the ETag."""
        request = pb.ListDocumentKindsRequest()
        made = await self.peer.call(self._stub.ListDocumentKinds, request, token=token)
        return made.body, made.etag

    async def licences(self, token: str) -> tuple[bytes, str]:
        """Licences of the caller's organisations as JSON, with the ETag."""
        request = pb.ListLicencesRequest()
        made = await self.peer.call(
            self._stub.ListLicences, request, timeout=LICENCE_SECONDS, token=token
        )
        return made.body, made.etag

    async def read(self, name: str, token: str) -> tuple[bytes, str]:
        """One document with its versions as JSON, with the ETag."""
        request = pb.ReadDocumentRequest(name=name)
        made = await self.peer.call(self._stub.ReadDocument, request, token=token)
        return made.body, made.etag

    async def upload(
        self,
        name: str,
        fields: Mapping[str, str],
        token: str,
        *,
        file_name: str,
        content: AsyncIterator[bytes] | None,
        etag: str,
        request_id: str,
    ) -> bytes:
        """A new document (`name` of the worker) or version (`name` of the document); as JSON."""
        head = pb.UploadDocumentRequest(
            name=name,
            fields=pb.DocumentFields(**fields),
            file_name=file_name,
            etag=etag,
            request_id=request_id,
        )
        made = await self.peer.send(
            self._stub.UploadDocument,
            _requests(head, content),
            timeout=UPLOAD_SECONDS,
            token=token,
        )
        return bytes(made.body)

    async def download(self, name: str, version: int, token: str) -> Sent:
        """The file of a version (0: the present one); it was checked before its first byte."""
        request = pb.DownloadDocumentRequest(name=name, version=version)
        parts = self.peer.stream(
            self._stub.DownloadDocument, request, timeout=DOWNLOAD_SECONDS, token=token
        )
        head = await anext(parts, None)
        if head is None:
            raise ServiceError("INTERNAL", Category.INTERNAL)
        return Sent(head.media_type, head.file_name, head.size, head.sha256, _bytes(parts))

    async def decide(
        self, name: str, fields: Mapping[str, str], etag: str, request_id: str, token: str
    ) -> bytes:
        """The word of the personnel office; the document as JSON."""
        request = pb.DecideDocumentRequest(name=name, etag=etag, request_id=request_id, **fields)
        made = await self.peer.call(
            self._stub.DecideDocument, request, timeout=WRITE_SECONDS, token=token
        )
        return bytes(made.body)

    async def archive(self, name: str, etag: str, request_id: str, token: str) -> bytes:
        """Put a document aside; it as JSON."""
        request = pb.ArchiveDocumentRequest(name=name, etag=etag, request_id=request_id)
        made = await self.peer.call(
            self._stub.ArchiveDocument, request, timeout=WRITE_SECONDS, token=token
        )
        return bytes(made.body)


async def _requests(
    head: pb.UploadDocumentRequest, content: AsyncIterator[bytes] | None
) -> AsyncIterator[pb.UploadDocumentRequest]:
    yield head
    if content is not None:
        async for piece in content:
            for start in range(0, len(piece), PART):
                yield pb.UploadDocumentRequest(content=piece[start : start + PART])
    yield pb.UploadDocumentRequest(last=True)


async def _bytes(parts: AsyncIterator[pb.DocumentChunk]) -> AsyncIterator[bytes]:
    async for part in parts:
        yield part.content
