"""The state registers, asked through egisz-bridge."""

from collections.abc import Callable
from datetime import UTC, date

from lkmr.egisz_bridge.v1 import egisz_bridge_service_pb2 as pb
from lkmr.egisz_bridge.v1.egisz_bridge_service_pb2_grpc import EgiszBridgeServiceStub

from lkmr_auth.domain.errors import IdentityCheckUnavailable
from lkmr_auth.domain.esia import EsiaPerson
from lkmr_auth.domain.identity import IdentityCheck, Match, RegisterCard, WorkerCard
from lkmr_auth.domain.person import PersonalNames, RegisterJob
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.grpc_client import Peer
from lkmr_servicekit.personal import Personal
from lkmr_servicekit.resource_names import ids_in
from lkmr_servicekit.telemetry import log

SECONDS = 4.0
_MATCHES: dict[int, Match] = {
    pb.MATCH_UNSPECIFIED: Match.NOT_COMPARED,
    pb.MATCH_EQUAL: Match.EQUAL,
    pb.MATCH_FORM_DIFFERS: Match.FORM_DIFFERS,
    pb.MATCH_DIFFERENT: Match.DIFFERENT,
}


class BridgeRegisters:
    """The port `Registers` over the bridge's RPC."""

    def __init__(self, peer: Peer, job_token: Callable[[], str]) -> None:
        self._peer, self._stub = peer, EgiszBridgeServiceStub(peer.channel)
        self._job_token = job_token

    async def check_identity(self, person: EsiaPerson, *, by_binding: bool) -> IdentityCheck:
        request = pb.CheckIdentityRequest(
            snils=person.snils.open(),
            family_name=person.names.family_name.open(),
            given_name=person.names.given_name.open(),
            patronymic=person.names.patronymic.open(),
            birth_date=person.birth_date.open(),
            policy_number=person.policy_number.open(),
            by_binding=by_binding,
        )
        try:
            answer = await self._peer.call(
                self._stub.CheckIdentity, request, timeout=SECONDS, token=""
            )
            return identity_check_from_proto(answer)
        except ServiceError as fault:
            log.warning("identity.not_checked", reason=fault.reason)
            raise IdentityCheckUnavailable from None

    async def find_card(self, worker_id: str, *, min_version: int) -> WorkerCard | None:
        """The present card. Raises IdentityCheckUnavailable."""
        request = pb.GetWorkerCardRequest(name=f"workers/{worker_id}", min_version=min_version)
        try:
            answer = await self._peer.call(
                self._stub.GetWorkerCard, request, timeout=SECONDS, token=self._job_token()
            )
        except ServiceError as fault:
            if fault.reason == "WORKER_CARD_NOT_FOUND":
                return None
            log.warning("register.card_not_read", reason=fault.reason)
            raise IdentityCheckUnavailable from None
        return WorkerCard(
            snils=Personal(answer.snils),
            names=PersonalNames(
                family_name=Personal(answer.family_name),
                given_name=Personal(answer.given_name),
                patronymic=Personal(answer.patronymic),
            ),
            card=_card_from_proto(answer),
        )


def identity_check_from_proto(answer: pb.IdentityCheck) -> IdentityCheck:
    """The comparison in our words. Raises IdentityCheckUnavailable when it contradicts itself."""
    card = None
    if answer.in_worker_register:
        card = _card_from_proto(answer.card)
    return IdentityCheck(
        name=_match(answer.name),
        birth_date=_match(answer.birth_date),
        policy_number=_match(answer.policy_number),
        card=card,
        check_time=answer.check_time.ToDatetime(UTC),
    )


def _card_from_proto(card: pb.WorkerCard) -> RegisterCard:
    (worker_id,) = ids_in(card.name, "workers")
    return RegisterCard(
        worker_id=worker_id,
        version=str(card.version),
        jobs=tuple(_job_from_proto(job) for job in card.jobs),
    )


def _match(value: int) -> Match:
    """An unknown value of a newer bridge counts as a difference, never as agreement."""
    return _MATCHES.get(value, Match.DIFFERENT)


def _job_from_proto(job: pb.Job) -> RegisterJob:
    try:
        return RegisterJob(
            organization_oid=job.organization_oid,
            start_date=date.fromisoformat(job.start_date) if job.start_date else None,
            end_date=date.fromisoformat(job.end_date) if job.end_date else None,
            organization_name=job.organization_name,
            position=job.position,
            department=job.department,
        )
    except ValueError:
        raise IdentityCheckUnavailable from None
