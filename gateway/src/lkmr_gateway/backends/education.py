"""Client of `education`: answers come as bytes and are passed on as they are."""

from collections.abc import Mapping, Sequence

from lkmr.education.v1 import education_service_pb2 as pb
from lkmr.education.v1.education_service_pb2_grpc import EducationServiceStub

from lkmr_servicekit.grpc_client import WRITE_SECONDS, Peer

FIRST_READ_SECONDS = (
    4.0  # the first read of a worker asks `accreditation`, which may ask a register
)

STAFF_SECONDS = 10.0


class Education:
    """`education` as the gateway needs it. Every method raises ServiceError."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self._stub = EducationServiceStub(peer.channel)

    async def summary(self, worker: str, token: str) -> tuple[bytes, str]:
        """Progress with its calculation as JSON, with the ETag."""
        request = pb.ReadSummaryRequest(name=f"workers/{worker}")
        made = await self.peer.call(
            self._stub.ReadSummary, request, timeout=FIRST_READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def activities(
        self,
        worker: str,
        token: str,
        *,
        page_size: int = 0,
        page_token: str = "",
        states: Sequence[str] = (),
    ) -> tuple[bytes, str]:
        """A page of activities as JSON, with the ETag."""
        request = pb.ListActivitiesRequest(
            parent=f"workers/{worker}", page_size=page_size, page_token=page_token, states=states
        )
        made = await self.peer.call(
            self._stub.ListActivities, request, timeout=FIRST_READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def activity(self, worker: str, identity: str, token: str) -> tuple[bytes, str]:
        """One activity with its history as JSON, with the ETag."""
        request = pb.ReadActivityRequest(name=f"workers/{worker}/activities/{identity}")
        made = await self.peer.call(
            self._stub.ReadActivity, request, timeout=FIRST_READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def create(
        self, worker: str, fields: Mapping[str, str], request_id: str, token: str
    ) -> bytes:
        """Register an activity; it as JSON."""
        request = pb.CreateActivityRequest(
            parent=f"workers/{worker}", request_id=request_id, **fields
        )
        made = await self.peer.call(
            self._stub.CreateActivity, request, timeout=WRITE_SECONDS, token=token
        )
        return made.body

    async def advance(
        self,
        worker: str,
        identity: str,
        fields: Mapping[str, str],
        request_id: str,
        token: str,
        *,
        version: int = 0,
    ) -> bytes:
        """Take a step; the activity as JSON."""
        request = pb.AdvanceActivityRequest(
            name=f"workers/{worker}/activities/{identity}",
            request_id=request_id,
            version=version,
            **fields,
        )
        made = await self.peer.call(
            self._stub.AdvanceActivity, request, timeout=WRITE_SECONDS, token=token
        )
        return made.body

    async def add_certificate(
        self, worker: str, identity: str, fields: Mapping[str, str], request_id: str, token: str
    ) -> bytes:
        """Add a document; the activity as JSON."""
        request = pb.AddCertificateRequest(
            parent=f"workers/{worker}/activities/{identity}", request_id=request_id, **fields
        )
        made = await self.peer.call(
            self._stub.AddCertificate, request, timeout=WRITE_SECONDS, token=token
        )
        return made.body

    async def certificates(self, worker: str, token: str) -> tuple[bytes, str]:
        """Documents as JSON, with the ETag."""
        request = pb.ListCertificatesRequest(parent=f"workers/{worker}")
        made = await self.peer.call(
            self._stub.ListCertificates, request, timeout=FIRST_READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def confirm(
        self, worker: str, certificate: str, reason: str, request_id: str, token: str
    ) -> bytes:
        """Vouch for a document of a worker; the activity as JSON."""
        request = pb.ConfirmCertificateRequest(
            name=f"workers/{worker}/certificates/{certificate}",
            reason=reason,
            request_id=request_id,
        )
        made = await self.peer.call(
            self._stub.ConfirmCertificate, request, timeout=WRITE_SECONDS, token=token
        )
        return made.body

    async def plan(self, worker: str, token: str) -> tuple[bytes, str]:
        """The development plan as JSON, with the ETag."""
        request = pb.ReadPlanRequest(name=f"workers/{worker}")
        made = await self.peer.call(
            self._stub.ReadPlan, request, timeout=FIRST_READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def add_item(
        self, worker: str, fields: Mapping[str, str], request_id: str, token: str
    ) -> bytes:
        """Add an item; the plan as JSON."""
        request = pb.CreatePlanItemRequest(
            parent=f"workers/{worker}", request_id=request_id, **fields
        )
        made = await self.peer.call(
            self._stub.CreatePlanItem, request, timeout=WRITE_SECONDS, token=token
        )
        return made.body

    async def change_item(
        self, worker: str, item: str, fields: Mapping[str, str], request_id: str, token: str
    ) -> bytes:
        """Change an item; the plan as JSON."""
        request = pb.ChangePlanItemRequest(
            name=f"workers/{worker}/planItems/{item}", request_id=request_id, **fields
        )
        made = await self.peer.call(
            self._stub.ChangePlanItem, request, timeout=WRITE_SECONDS, token=token
        )
        return made.body

    async def agree_item(
        self, worker: str, item: str, request_id: str, token: str, *, agreed: bool, comment: str
    ) -> bytes:
        """The head's word about an item; the plan as JSON."""
        request = pb.AgreePlanItemRequest(
            name=f"workers/{worker}/planItems/{item}",
            agreed=agreed,
            comment=comment,
            request_id=request_id,
        )
        made = await self.peer.call(
            self._stub.AgreePlanItem, request, timeout=WRITE_SECONDS, token=token
        )
        return made.body

    async def choose_direction(
        self, worker: str, direction: str, request_id: str, token: str
    ) -> bytes:
        """Choose a direction of growth; the plan as JSON."""
        request = pb.ChooseDirectionRequest(
            parent=f"workers/{worker}", direction=direction, request_id=request_id
        )
        made = await self.peer.call(
            self._stub.ChooseDirection, request, timeout=WRITE_SECONDS, token=token
        )
        return made.body

    async def suggestions(self, worker: str, token: str) -> tuple[bytes, str]:
        """What closes the gap in time, as JSON, with the ETag."""
        request = pb.ListSuggestionsRequest(parent=f"workers/{worker}")
        made = await self.peer.call(
            self._stub.ListSuggestions, request, timeout=FIRST_READ_SECONDS, token=token
        )
        return made.body, made.etag

    async def search(
        self,
        query: str,
        token: str,
        *,
        specialty: str = "",
        kind: str = "",
        page_size: int = 0,
        page_token: str = "",
    ) -> tuple[bytes, str]:
        """Programmes that fit words, as JSON, with the ETag."""
        request = pb.SearchCatalogueRequest(
            query=query,
            specialty=specialty,
            kind=kind,
            page_size=page_size,
            page_token=page_token,
        )
        made = await self.peer.call(self._stub.SearchCatalogue, request, token=token)
        return made.body, made.etag

    async def calendar(self, secret: str) -> tuple[bytes, str]:
        """The calendar that a secret opens, as iCalendar, with the ETag."""
        made = await self.peer.call(
            self._stub.ReadCalendar, pb.ReadCalendarRequest(secret=secret), token=""
        )
        return made.content, made.etag

    async def renew_calendar(self, worker: str, token: str) -> str:
        """A new secret of the calendar."""
        request = pb.RenewCalendarRequest(parent=f"workers/{worker}")
        made = await self.peer.call(
            self._stub.RenewCalendar, request, timeout=WRITE_SECONDS, token=token
        )
        return str(made.secret)

    async def staff(
        self, token: str, *, department: str = "", page_size: int = 0, page_token: str = ""
    ) -> tuple[bytes, str]:
        """Education of the caller's staff as JSON, with the ETag."""
        request = pb.ReadStaffEducationRequest(
            department=department, page_size=page_size, page_token=page_token
        )
        made = await self.peer.call(
            self._stub.ReadStaffEducation, request, timeout=STAFF_SECONDS, token=token
        )
        return made.body, made.etag
