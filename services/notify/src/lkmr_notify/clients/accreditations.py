"""`accreditation`: what a register entry says now."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date

from lkmr.accreditation.v1 import accreditation_service_pb2 as pb
from lkmr.accreditation.v1.accreditation_service_pb2_grpc import AccreditationServiceStub

from lkmr_notify.domain.words import Value
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.grpc_client import Peer

BACKGROUND_SECONDS = 5.0


class AccreditationsClient:
    """The port `Facts` for register entries; calls carry a job token."""

    def __init__(self, peer: Peer, job_token: Callable[[str], Awaitable[str]]) -> None:
        self._peer, self._job_token = peer, job_token
        self._stub = AccreditationServiceStub(peer.channel)

    async def values(self, name: str) -> Mapping[str, Value]:
        """Specialty, state, day of the entry and last day; empty when it is gone."""
        token = await self._job_token("tell_people")
        try:
            entry = await self._peer.call(
                self._stub.GetAccreditation,
                pb.GetAccreditationRequest(name=name),
                timeout=BACKGROUND_SECONDS,
                token=token,
            )
        except ServiceError as refused:
            if refused.category is Category.NOT_FOUND:
                return {}
            raise
        values: dict[str, Value] = {"specialty": entry.specialty, "state": entry.state}
        for field, day in (
            ("record_date", entry.record_date),
            ("expire_date", entry.expire_date),
        ):
            if day:
                values[field] = date.fromisoformat(day)
        return values
