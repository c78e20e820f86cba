"""The world of learning through egisz-bridge; calls carry a job token."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date

from lkmr.egisz_bridge.v1 import learning_service_pb2 as pb
from lkmr.egisz_bridge.v1.learning_service_pb2_grpc import LearningServiceStub

from lkmr_education.domain.activity import Kind
from lkmr_education.domain.catalogue import Programme
from lkmr_education.domain.certificate import Certificate, Check
from lkmr_education.domain.cycle import Cycle
from lkmr_education.domain.errors import FileNotAtPortal, PlaceUnknown, PortalUnavailable
from lkmr_education.domain.notice import TypedDocument, TypedNotice
from lkmr_education.usecases.outside import Redeemed
from lkmr_education.usecases.ports import CheckResult
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.grpc_client import Peer
from lkmr_servicekit.telemetry import counter, log

STREAM_SECONDS = 3600.0
CHECK_SECONDS = 20.0
FILE_SECONDS = 60.0
REDEEM_SECONDS = 2.8
_left_out = counter("lkmr_programmes_left_out_total", "Programmes that this service cannot use")


class LearningBridge:
    """The ports `Portal` and `Checks`."""

    def __init__(self, peer: Peer, job_token: Callable[[str], Awaitable[str]]) -> None:
        self._peer, self._job_token = peer, job_token
        self._stub = LearningServiceStub(peer.channel)

    async def notices(self, place: str) -> AsyncIterator[tuple[Sequence[TypedNotice], str]]:
        """Notices behind a place. Raises PortalUnavailable, PlaceUnknown."""
        request = pb.StreamStudyNoticesRequest(cursor=place)
        try:
            token = await self._job_token("learning_notices")
            async for part in self._peer.stream(
                self._stub.StreamStudyNotices, request, timeout=STREAM_SECONDS, token=token
            ):
                yield [_notice(one) for one in part.notices], part.cursor
        except ServiceError as fault:
            if fault.reason == "CURSOR_INVALID":
                raise PlaceUnknown from fault
            raise PortalUnavailable(reason=fault.reason) from fault

    async def programmes(
        self, known_edition: str
    ) -> AsyncIterator[tuple[Sequence[Programme], str]]:
        """The catalogue with its edition. Raises PortalUnavailable."""
        request = pb.StreamProgrammesRequest(known_edition=known_edition)
        try:
            token = await self._job_token("learning_catalogue")
            async for part in self._peer.stream(
                self._stub.StreamProgrammes, request, timeout=STREAM_SECONDS, token=token
            ):
                made = [_programme(one) for one in part.programmes]
                yield [one for one in made if one is not None], part.edition
        except ServiceError as fault:
            raise PortalUnavailable(reason=fault.reason) from fault

    async def file(self, identity: str) -> AsyncIterator[bytes]:
        """The file of a certificate. Raises PortalUnavailable, FileNotAtPortal."""
        try:
            token = await self._job_token("learning_files")
            async for part in self._peer.stream(
                self._stub.DownloadStudyFile,
                pb.DownloadStudyFileRequest(file=identity),
                timeout=FILE_SECONDS,
                token=token,
            ):
                yield part.content
        except ServiceError as fault:
            if fault.reason == "STUDY_FILE_NOT_FOUND":
                raise FileNotAtPortal from fault
            raise PortalUnavailable(reason=fault.reason) from fault

    async def redeem(self, worker: str, code: str, cycles: Sequence[Cycle]) -> Redeemed:
        """What the portal says to a code. Raises PortalUnavailable."""
        request = pb.RedeemCodeRequest(
            worker=f"workers/{worker}",
            code=code,
            cycles=[
                pb.StudyCycle(
                    specialty=one.specialty,
                    start_date=one.start.isoformat(),
                    end_date=one.end.isoformat(),
                )
                for one in cycles
            ],
        )
        try:
            found = await self._peer.call(
                self._stub.RedeemCode,
                request,
                timeout=REDEEM_SECONDS,
                token=await self._job_token("learning_codes"),
            )
        except ServiceError as fault:
            raise PortalUnavailable(reason=fault.reason) from fault
        return Redeemed(found.answer, found.hours, found.study)

    async def check(self, certificate: Certificate) -> CheckResult:
        """What ФИС ФРДО says now; SOURCE_DOWN when nobody could be asked."""
        request = pb.CheckDocumentRequest(
            worker=f"workers/{certificate.worker}",
            document=pb.StudyDocument(
                type=certificate.type,
                series=certificate.series,
                number=certificate.number,
                issue_date=certificate.issue_date.isoformat(),
                issuer=certificate.issuer,
                hours=certificate.hours or 0,
            ),
        )
        try:
            found = await self._peer.call(
                self._stub.CheckDocument,
                request,
                timeout=CHECK_SECONDS,
                token=await self._job_token("learning_checks"),
            )
        except ServiceError as fault:
            log.warning("document.not_checked", reason=fault.reason)
            return CheckResult(check=Check.SOURCE_DOWN)
        return CheckResult(check=Check(found.state), fields=tuple(found.fields))


def _notice(one: pb.StudyNotice) -> TypedNotice:
    return TypedNotice(
        id=one.id,
        study=one.study,
        revision=one.revision,
        worker=one.worker.removeprefix("workers/"),
        state=one.state,
        kind=one.kind,
        title=one.title,
        organizer=one.organizer,
        start_date=one.start_date,
        end_date=one.end_date,
        hours=one.hours,
        specialty=one.specialty,
        programme=one.programme,
        reason=one.reason,
        source=one.source,
        document=_document(one.document) if one.HasField("document") else None,
        unreadable=one.unreadable.decode("utf-8", "replace"),
    )


def _document(one: pb.StudyDocument) -> TypedDocument:
    return TypedDocument(
        type=one.type,
        series=one.series,
        number=one.number,
        issue_date=one.issue_date,
        issuer=one.issuer,
        hours=one.hours,
        file=one.file,
    )


def _programme(one: pb.CatalogueProgramme) -> Programme | None:
    """A programme as it is searched; None for a kind or length that no plan could use."""
    if one.kind not in Kind.__members__ or one.hours < 1:
        _left_out.inc()
        return None
    return Programme(
        id=one.id,
        title=one.title,
        provider=one.provider,
        kind=Kind(one.kind),
        hours=one.hours,
        specialties=tuple(one.specialties),
        level=one.level or None,
        start_date=date.fromisoformat(one.start_date) if one.start_date else None,
        end_date=date.fromisoformat(one.end_date) if one.end_date else None,
        form=one.form,
        city=one.city,
        price=one.price,
        url=one.url,
        annotation=one.annotation,
        attestation=one.attestation,
        new_competence=one.new_competence,
    )
