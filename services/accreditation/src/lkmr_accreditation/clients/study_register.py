"""The register of education documents (ФИС ФРДО) through egisz-bridge."""

from collections.abc import Awaitable, Callable

from lkmr.egisz_bridge.v1 import learning_service_pb2 as pb
from lkmr.egisz_bridge.v1.learning_service_pb2_grpc import LearningServiceStub

from lkmr_accreditation.domain.documents import Document
from lkmr_accreditation.domain.errors import RegisterUnavailable
from lkmr_accreditation.domain.study_check import Found, Said
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.grpc_client import Peer

SECONDS = 20.0
_TYPES = {
    "DIPLOMA": "EDUCATION_DIPLOMA",
    "RESIDENCY": "RESIDENCY_DIPLOMA",
    "RETRAINING": "RETRAINING_DIPLOMA",
    "PK_CERT": "CPD_CERTIFICATE",
}


class StudyRegisterClient:
    """The port `StudyRegister`; calls carry a job token."""

    def __init__(self, peer: Peer, job_token: Callable[[str], Awaitable[str]]) -> None:
        self._peer, self._job_token = peer, job_token
        self._stub = LearningServiceStub(peer.channel)

    async def ask(self, document: Document) -> Said:
        """What it says now. Raises RegisterUnavailable."""
        content = document.version.content
        request = pb.CheckDocumentRequest(
            worker=f"workers/{document.worker}",
            document=pb.StudyDocument(
                type=_TYPES[document.kind],
                series=content.series,
                number=content.number,
                issue_date=content.issue_date.isoformat() if content.issue_date else "",
                issuer=content.issuer,
            ),
        )
        try:
            found = await self._peer.call(
                self._stub.CheckDocument,
                request,
                timeout=SECONDS,
                token=await self._job_token("document_checks"),
            )
            return Said(Found(found.state), tuple(found.fields))
        except (ServiceError, ValueError) as fault:
            raise RegisterUnavailable from fault
