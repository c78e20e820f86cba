"""`accreditation`: jobs, admissions and mentoring of a worker."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime

from lkmr.accreditation.v1 import accreditation_service_pb2 as pb
from lkmr.accreditation.v1.accreditation_service_pb2_grpc import AccreditationServiceStub

from lkmr_education.domain.errors import RegisterUnavailable, WorkerNotFound
from lkmr_education.domain.record import Entry, Job, Mentoring, Record
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.grpc_client import Peer

READ_SECONDS, MANY_SECONDS, MANY = 3.0, 10.0, 250


class AccreditationDirectory:
    """The port `Directory`; calls carry a job token."""

    def __init__(
        self, peer: Peer, job_token: Callable[[str], Awaitable[str]], clock: Clock
    ) -> None:
        self._peer, self._job_token, self._clock = peer, job_token, clock
        self._stub = AccreditationServiceStub(peer.channel)

    async def find(self, worker: str) -> Record:
        """The present record. Raises RegisterUnavailable, WorkerNotFound."""
        try:
            found = await self._peer.call(
                self._stub.GetWorkerRecord,
                pb.GetWorkerRecordRequest(name=f"workers/{worker}"),
                timeout=READ_SECONDS,
                token=await self._job_token("read_record"),
            )
        except ServiceError as fault:
            if fault.category is Category.NOT_FOUND:
                raise WorkerNotFound from fault
            raise RegisterUnavailable(reason=fault.reason) from fault
        return _record(found, self._clock.now())

    async def find_many(self, workers: Sequence[str]) -> list[Record]:
        """Records that are at hand, by calls of `MANY` workers. Raises RegisterUnavailable."""
        made: list[Record] = []
        for start in range(0, len(workers), MANY):
            names = [f"workers/{one}" for one in workers[start : start + MANY]]
            try:
                found = await self._peer.call(
                    self._stub.BatchGetWorkerRecords,
                    pb.BatchGetWorkerRecordsRequest(names=names),
                    timeout=MANY_SECONDS,
                    token=await self._job_token("read_record"),
                )
            except ServiceError as fault:
                raise RegisterUnavailable(reason=fault.reason) from fault
            made += [_record(one, self._clock.now()) for one in found.records]
        return made


def _record(found: pb.WorkerRecord, now: datetime) -> Record:
    confirmed = found.confirm_time.ToDatetime(UTC) if found.HasField("confirm_time") else None
    return Record(
        worker=found.name.removeprefix("workers/"),
        jobs=tuple(_job(one) for one in found.jobs),
        entries=tuple(_entry(one) for one in found.entries),
        mentoring=tuple(
            Mentoring(
                specialty=one.specialty,
                start_date=date.fromisoformat(one.start_date),
                end_date=date.fromisoformat(one.end_date),
            )
            for one in found.mentoring
        ),
        fetch_time=now,
        confirm_time=confirmed,
        stale=found.stale,
    )


def _job(job: pb.WorkerJob) -> Job:
    return Job(
        organization_oid=job.organization_oid,
        position=job.position,
        specialty=job.specialty,
        department=job.department,
        start_date=_day(job.start_date),
        end_date=_day(job.end_date),
    )


def _entry(entry: pb.WorkerEntry) -> Entry:
    return Entry(
        specialty=entry.specialty,
        specialty_code=entry.specialty_code,
        kind=entry.kind,
        registry_number=entry.registry_number,
        education_level=entry.education_level,
        record_date=_day(entry.record_date),
        expire_date=_day(entry.expire_date),
        state=entry.state,
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
