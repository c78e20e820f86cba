"""The accreditation centre (ФАЦ) through egisz-bridge."""

from collections.abc import Awaitable, Callable

from lkmr.egisz_bridge.v1 import egisz_bridge_service_pb2 as pb
from lkmr.egisz_bridge.v1.egisz_bridge_service_pb2_grpc import EgiszBridgeServiceStub

from lkmr_accreditation.domain.application import Agreement
from lkmr_accreditation.domain.portfolio import agreement_excused
from lkmr_accreditation.usecases.application_ports import CenterNews, NewsPage, Outgoing
from lkmr_servicekit.grpc_client import Peer
from lkmr_servicekit.resource_names import name_of

SECONDS = 20.0


class CenterClient:
    """The port `Center`; background work, so it may wait longer than a person would."""

    def __init__(self, peer: Peer, job_token: Callable[[str], Awaitable[str]]) -> None:
        self._peer, self._job_token = peer, job_token
        self._stub = EgiszBridgeServiceStub(peer.channel)

    async def send(self, outgoing: Outgoing, snils: str) -> None:
        """Hand an act over. Raises ServiceError."""
        made = outgoing.application
        agreement = Agreement.NOT_NEEDED if agreement_excused(made) else made.report.agreement
        request = pb.SendApplicationRequest(
            name=name_of(workers=made.worker, applications=made.id),
            act=outgoing.act,
            file_set=made.file_set,
            snils=snils,
            specialty=made.specialty,
            education_level=made.answers.get("education_level", ""),
            answers=dict(made.answers),
            agreement=agreement.value,
            agreement_signature=made.report.signature,
            reason=outgoing.reason,
        )
        token = await self._job_token("application_exchange")
        await self._peer.call(self._stub.SendApplication, request, timeout=SECONDS, token=token)

    async def news(self, cursor: str) -> NewsPage:
        """What changed after a cursor. Raises ServiceError."""
        token = await self._job_token("application_exchange")
        made = await self._peer.call(
            self._stub.ListApplicationNews,
            pb.ListApplicationNewsRequest(cursor=cursor),
            timeout=SECONDS,
            token=token,
        )
        return NewsPage(news=[_news(one) for one in made.news], cursor=made.cursor)


def _news(one: pb.ApplicationNews) -> CenterNews:
    return CenterNews(
        application=one.application,
        state=one.state,
        text=one.text,
        registration_number=one.registration_number,
        registered_on=one.registered_on,
        meeting_on=one.meeting_on,
        protocol_number=one.protocol_number,
        protocol_on=one.protocol_on,
        protocol_url=one.protocol_url,
        remarks=tuple(one.remarks),
    )
