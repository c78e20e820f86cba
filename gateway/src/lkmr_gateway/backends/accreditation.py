"""Client of `accreditation`: answers come as bytes and are passed on as they are."""

from collections.abc import Sequence

from lkmr.accreditation.v1 import accreditation_service_pb2 as pb
from lkmr.accreditation.v1.accreditation_service_pb2_grpc import AccreditationServiceStub

from lkmr_servicekit.grpc_client import Peer

EXTRACT_SECONDS = 10.0
FIRST_READ_SECONDS = 3.0


class Accreditations:
    """`accreditation` as the gateway needs it. Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self._stub = AccreditationServiceStub(peer.channel)

    async def page(
        self,
        worker: str,
        token: str,
        *,
        page_size: int = 0,
        page_token: str = "",
        states: Sequence[str] = (),
        specialty: str = "",
        order_by: str = "",
    ) -> tuple[bytes, str]:
        """Own accreditations as JSON, with the ETag."""
        request = pb.ListAccreditationsRequest(
            parent=f"workers/{worker}",
            page_size=page_size,
            page_token=page_token,
            states=states,
            specialty=specialty,
            order_by=order_by,
        )
        made = await self.peer.call(
            self._stub.ListAccreditations, request, timeout=FIRST_READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def read(self, worker: str, identity: str, token: str) -> tuple[bytes, str]:
        """One accreditation with its history as JSON, with the ETag."""
        request = pb.ReadAccreditationRequest(name=f"workers/{worker}/accreditations/{identity}")
        made = await self.peer.call(self._stub.ReadAccreditation, request, token=token)
        return made.body, made.etag

    async def extract(self, worker: str, identity: str, origin: str, token: str) -> pb.Extract:
        """The extract of the present version."""
        request = pb.IssueExtractRequest(
            name=f"workers/{worker}/accreditations/{identity}", verify_origin=origin
        )
        return await self.peer.call(
            self._stub.IssueExtract, request, timeout=EXTRACT_SECONDS, token=token
        )

    async def verify(self, code: str) -> bytes:
        """What was issued under a code, as JSON."""
        request = pb.VerifyExtractRequest(code=code)
        made = await self.peer.call(self._stub.VerifyExtract, request, token="")
        return made.body

    async def seal_keys(self) -> bytes:
        """Public keys of the seals under extracts, a JWK set."""
        made = await self.peer.call(self._stub.ListSealKeys, pb.ListSealKeysRequest(), token="")
        return made.body

    async def sync(self) -> pb.RegisterSync:
        """How far the load of the worker register has come."""
        return await self.peer.call(
            self._stub.GetRegisterSync, pb.GetRegisterSyncRequest(), timeout=0.8, token=""
        )
