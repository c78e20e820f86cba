"""`education`: which hours of a worker count towards a cycle, and why."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date

from lkmr.education.v1 import education_service_pb2 as pb
from lkmr.education.v1.education_service_pb2_grpc import EducationServiceStub

from lkmr_accreditation.domain.hours import Activity, DocumentCheck, Outcome, Statement
from lkmr_accreditation.usecases.read_compliance import Course
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.grpc_client import Peer
from lkmr_servicekit.resource_names import name_of
from lkmr_servicekit.telemetry import log

READ_SECONDS, RECHECK_SECONDS = 1.5, 3.0
_PROGRAMMES = frozenset({"PK", "RETRAINING", "DISTANCE"})
_CHECKS = {
    "REGISTER_FOUND": DocumentCheck.FOUND,
    "REGISTER_WAITING": DocumentCheck.WAITING,
    "REGISTER_NOT_CHECKED": DocumentCheck.NOT_CHECKED,
    "REGISTER_NO_CONSENT": DocumentCheck.NO_CONSENT,
    "REGISTER_DOWN": DocumentCheck.NOT_CHECKED,
    "REGISTER_NOT_FOUND": DocumentCheck.NOT_FOUND,
    "REGISTER_MISMATCH": DocumentCheck.NOT_FOUND,
    "REGISTER_ANNULLED": DocumentCheck.NOT_FOUND,
}


class EducationClient:
    """The port `Hours`. Rights are decided here before: calls carry a job token."""

    def __init__(self, peer: Peer, job_token: Callable[[str], Awaitable[str]]) -> None:
        self._peer, self._job_token = peer, job_token
        self._stub = EducationServiceStub(peer.channel)

    async def recheck(self, worker: str) -> None:
        """Have ФИС ФРДО asked anew about documents of a worker.

        An education that is away leaves what was known: the verdict itself says how old it is.
        """
        try:
            await self._peer.call(
                self._stub.CheckWorkerCertificates,
                pb.CheckWorkerCertificatesRequest(name=name_of(workers=worker)),
                timeout=RECHECK_SECONDS,
                token=await self._job_token("recheck_documents"),
            )
        except ServiceError as fault:
            log.warning("documents.not_rechecked", reason=fault.reason)

    async def statement(
        self, worker: str, specialty: str, start: date, end: date, courses: Sequence[Course]
    ) -> Statement:
        """Every activity towards a cycle with its outcome. Raises ServiceError."""
        request = pb.GetCreditStatementRequest(
            name=name_of(workers=worker),
            specialty=specialty,
            period_start=start.isoformat(),
            period_end=end.isoformat(),
            simulated=[
                pb.SimulatedActivity(
                    kind=one.kind,
                    title=one.title,
                    hours=one.hours,
                    end_date=one.end_date.isoformat(),
                    specialty=one.specialty,
                )
                for one in courses
            ],
        )
        token = await self._job_token("read_hours")
        made = await self._peer.call(
            self._stub.GetCreditStatement, request, timeout=READ_SECONDS, token=token
        )
        lines = [_activity(line, number) for number, line in enumerate(made.lines)]
        return Statement(specialty=specialty, start=start, end=end, activities=tuple(lines))


def _activity(line: pb.CreditLine, number: int) -> Activity:
    outcome = Outcome(line.verdict)
    counted = outcome is Outcome.COUNTED
    return Activity(
        id=line.activity or f"simulated/{number}",
        title=line.title,
        programme=line.kind in _PROGRAMMES,
        hours=line.counted_hours if counted else line.hours,
        outcome=outcome,
        reason=line.explanation.rstrip("."),
        finished_on=date.fromisoformat(line.end_date) if line.end_date else None,
        check=_CHECKS.get(line.reason, DocumentCheck.NOT_NEEDED),
        simulated=line.simulated,
    )
