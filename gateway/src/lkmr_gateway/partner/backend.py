"""Client of `accreditation` for the partner edge; its background token carries no person."""

from collections.abc import Sequence

from lkmr.accreditation.v1 import accreditation_service_pb2 as pb
from lkmr.accreditation.v1.accreditation_service_pb2_grpc import AccreditationServiceStub
from lkmr.partner.v1 import specialist_service_pb2 as asked

from lkmr_servicekit.grpc_client import JobTokens, Peer

REPEATABLE = ("/lkmr.accreditation.v1.AccreditationService/ListEntryChanges",)
CHECK_SECONDS = 9.0
PURPOSE = "partner_check"


class Specialists:
    """Checks and changes. Every method raises ServiceError."""

    def __init__(self, peer: Peer, tokens: JobTokens) -> None:
        self._peer, self._tokens = peer, tokens
        self._stub = AccreditationServiceStub(peer.channel)

    async def check(
        self, partner: str, day_quota: int, queries: Sequence[asked.SpecialistQuery]
    ) -> Sequence[pb.SpecialistStanding]:
        """Standings in the order of the queries."""
        request = pb.CheckSpecialistsRequest(
            partner=partner,
            day_quota=day_quota,
            queries=[
                pb.SpecialistQuery(snils=one.snils, specialty=one.specialty, day=one.day)
                for one in queries
            ],
        )
        token = await self._tokens.token(PURPOSE)
        made = await self._peer.call(
            self._stub.CheckSpecialists, request, timeout=CHECK_SECONDS, token=token
        )
        return made.standings

    async def changes(self, cursor: str, size: int) -> tuple[Sequence[pb.EntryChange], str]:
        """Changes after a cursor, and the cursor after them."""
        request = pb.ListEntryChangesRequest(cursor=cursor, page_size=size)
        token = await self._tokens.token(PURPOSE)
        made = await self._peer.call(self._stub.ListEntryChanges, request, token=token)
        return made.changes, made.cursor
