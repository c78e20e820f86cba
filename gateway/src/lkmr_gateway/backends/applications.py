"""Client of the applications of `accreditation`: answers are passed on as they are."""

from collections.abc import Mapping

from lkmr.accreditation.v1 import accreditation_service_pb2 as accreditation_pb
from lkmr.accreditation.v1 import application_service_pb2 as pb
from lkmr.accreditation.v1.application_service_pb2_grpc import ApplicationServiceStub

from lkmr_servicekit.grpc_client import WRITE_SECONDS, Peer

READ_SECONDS = 5.0  # a portfolio asks the register and the hours of education


class Applications:
    """Applications as the gateway needs them. Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self._stub = ApplicationServiceStub(peer.channel)

    async def forms(self) -> tuple[bytes, str]:
        """The forms F1…F9 as data, with the ETag."""
        made = await self.peer.call(self._stub.ListForms, pb.ListFormsRequest(), token="")
        return made.body, made.etag

    async def page(
        self, worker: str, token: str, *, page_size: int = 0, page_token: str = ""
    ) -> tuple[bytes, str]:
        """A page of own applications, with the ETag."""
        request = pb.ListApplicationsRequest(
            parent=f"workers/{worker}", page_size=page_size, page_token=page_token
        )
        made = await self.peer.call(
            self._stub.ListApplications, request, timeout=READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def read(self, worker: str, identity: str, token: str) -> tuple[bytes, str]:
        """One's own; the ETag is its version."""
        request = pb.ReadApplicationRequest(name=f"workers/{worker}/applications/{identity}")
        made = await self.peer.call(
            self._stub.ReadApplication, request, timeout=READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def create(
        self,
        worker: str,
        *,
        form: str,
        specialty: str,
        answers: Mapping[str, str],
        request_id: str,
        token: str,
    ) -> tuple[bytes, str]:
        """Begin a draft; it, with its version."""
        request = pb.CreateApplicationRequest(
            parent=f"workers/{worker}",
            form=form,
            specialty=specialty,
            answers=answers,
            request_id=request_id,
        )
        made = await self.peer.call(
            self._stub.CreateApplication, request, timeout=READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def update(
        self, worker: str, identity: str, answers: Mapping[str, str], version: int, token: str
    ) -> tuple[bytes, str]:
        """Keep answers; the draft, with its version."""
        request = pb.UpdateApplicationRequest(
            name=f"workers/{worker}/applications/{identity}", answers=answers, version=version
        )
        made = await self.peer.call(
            self._stub.UpdateApplication, request, timeout=READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def advance(
        self,
        worker: str,
        identity: str,
        *,
        act: str,
        reason: str,
        version: int,
        request_id: str,
        token: str,
    ) -> bytes:
        """Take a step; the application."""
        request = pb.AdvanceApplicationRequest(
            name=f"workers/{worker}/applications/{identity}",
            act=act,
            reason=reason,
            version=version,
            request_id=request_id,
        )
        made = await self.peer.call(
            self._stub.AdvanceApplication, request, timeout=READ_SECONDS, token=token
        )
        return made.body

    async def staff_page(
        self, token: str, *, page_size: int = 0, page_token: str = ""
    ) -> tuple[bytes, str]:
        """What waits for a head or personnel, with the ETag."""
        request = pb.ListStaffApplicationsRequest(page_size=page_size, page_token=page_token)
        made = await self.peer.call(
            self._stub.ListStaffApplications, request, timeout=READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def staff_read(self, identity: str, token: str) -> tuple[bytes, str]:
        """One of them, with the ETag."""
        request = pb.ReadStaffApplicationRequest(name=f"applications/{identity}")
        made = await self.peer.call(
            self._stub.ReadStaffApplication, request, timeout=READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def staff_create(
        self,
        worker: str,
        *,
        form: str,
        specialty: str,
        answers: Mapping[str, str],
        request_id: str,
        token: str,
    ) -> bytes:
        """Enter an application for a member of the staff; it, as personnel sees it."""
        request = pb.CreateStaffApplicationRequest(
            parent=f"workers/{worker}",
            form=form,
            specialty=specialty,
            answers=answers,
            request_id=request_id,
        )
        made = await self.peer.call(
            self._stub.CreateStaffApplication, request, timeout=READ_SECONDS, token=token
        )
        return made.body

    async def staff_extract(
        self, identity: str, verify_origin: str, token: str
    ) -> accreditation_pb.Extract:
        """The extract to which a member of the staff agreed."""
        request = pb.IssueStaffExtractRequest(
            name=f"applications/{identity}", verify_origin=verify_origin
        )
        return await self.peer.call(
            self._stub.IssueStaffExtract, request, timeout=WRITE_SECONDS, token=token
        )

    async def decide(
        self, identity: str, *, act: str, reason: str, version: int, request_id: str, token: str
    ) -> bytes:
        """Decide; the application as the one who decided sees it."""
        request = pb.DecideApplicationRequest(
            name=f"applications/{identity}",
            act=act,
            reason=reason,
            version=version,
            request_id=request_id,
        )
        made = await self.peer.call(
            self._stub.DecideApplication, request, timeout=WRITE_SECONDS, token=token
        )
        return made.body
