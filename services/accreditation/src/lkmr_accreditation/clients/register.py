"""The worker register through egisz-bridge."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date

from lkmr.egisz_bridge.v1 import egisz_bridge_service_pb2 as pb
from lkmr.egisz_bridge.v1.egisz_bridge_service_pb2_grpc import EgiszBridgeServiceStub

from lkmr_accreditation.domain.accreditation import Entry, Organization
from lkmr_accreditation.domain.errors import CursorUnknown, RegisterUnavailable, WorkerUnknown
from lkmr_accreditation.domain.worker import Card, Job, PersonalFacts, Qualification
from lkmr_accreditation.usecases.ports import CardBatch
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.grpc_client import Peer
from lkmr_servicekit.personal import Personal
from lkmr_servicekit.resource_names import ids_in, name_of

STREAM_SECONDS = 3600.0
BACKGROUND_SECONDS = 20.0


class RegisterClient:
    """Asks egisz-bridge for cards, as the person who is waiting or as background work."""

    def __init__(self, peer: Peer, job_token: Callable[[str], Awaitable[str]]) -> None:
        self._peer, self._job_token = peer, job_token
        self._stub = EgiszBridgeServiceStub(peer.channel)

    async def get_card(
        self, worker: str, *, background: bool = False, min_version: int = 0
    ) -> Card:
        """The present card. Raises WorkerUnknown, RegisterUnavailable."""
        request = pb.GetWorkerCardRequest(name=name_of(workers=worker), min_version=min_version)
        try:
            token = await self._job_token("register_refresh") if background else None
            seconds = BACKGROUND_SECONDS if background else 1.2
            card = await self._peer.call(
                self._stub.GetWorkerCard, request, timeout=seconds, token=token
            )
        except ServiceError as fault:
            if fault.reason == "WORKER_CARD_NOT_FOUND":
                raise WorkerUnknown from fault
            raise RegisterUnavailable from fault
        return card_from_proto(card)

    async def stream(self, cursor: str) -> AsyncIterator[CardBatch]:
        """All cards from a cursor to the present end. Raises RegisterUnavailable, CursorUnknown."""
        request = pb.StreamWorkerCardsRequest(cursor=cursor)
        try:
            token = await self._job_token("register_sync")
            async for part in self._peer.stream(
                self._stub.StreamWorkerCards, request, timeout=STREAM_SECONDS, token=token
            ):
                cards = [card_from_proto(card) for card in part.cards]
                yield CardBatch(cards, part.cursor, part.total)
        except ServiceError as fault:
            if fault.reason == "CURSOR_INVALID":
                raise CursorUnknown from fault
            raise RegisterUnavailable from fault


def card_from_proto(card: pb.WorkerCard) -> Card:
    """A card as this service knows it."""
    (worker,) = ids_in(card.name, "workers")
    return Card(
        worker=worker,
        version=card.version,
        personal=Personal(
            PersonalFacts(
                family_name=card.family_name,
                given_name=card.given_name,
                patronymic=card.patronymic,
                birth_date=card.birth_date,
                snils=card.snils,
            )
        ),
        jobs=tuple(
            Job(
                organization_oid=job.organization_oid,
                organization_name=job.organization_name,
                position=job.position,
                specialty=job.specialty,
                department=job.department,
                start_date=_day(job.start_date),
                end_date=_day(job.end_date),
            )
            for job in card.jobs
        ),
        entries=tuple(_entry(entry) for entry in card.accreditations),
        fetch_time=card.fetch_time.ToDatetime(UTC),
        qualifications=(
            tuple(_qualification(one) for one in card.qualifications)
            if card.has_qualifications
            else None
        ),
    )


def _qualification(one: pb.Qualification) -> Qualification:
    return Qualification(
        kind=one.kind,
        series=one.series,
        number=one.number,
        issuer=one.issuer,
        specialty=one.specialty,
        level=one.level,
        issue_date=_day(one.issue_date),
        expire_date=_day(one.expire_date),
        issue_year=one.issue_year,
    )


def _entry(entry: pb.AccreditationEntry) -> Entry:
    return Entry(
        registry_number=entry.registry_number,
        kind=entry.kind,
        specialty_code=entry.specialty_code,
        specialty=entry.specialty,
        education_level=entry.education_level,
        commission=entry.commission,
        protocol_number=entry.protocol_number,
        protocol_date=_day(entry.protocol_date),
        record_date=_day(entry.record_date),
        expire_date=_day(entry.expire_date),
        annulled=entry.annulled,
        organizations=tuple(
            Organization(one.organization_oid, one.organization_name) for one in entry.organizations
        ),
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
