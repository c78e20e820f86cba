"""The licence register through egisz-bridge."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date

from lkmr.egisz_bridge.v1 import egisz_bridge_service_pb2 as pb
from lkmr.egisz_bridge.v1.egisz_bridge_service_pb2_grpc import EgiszBridgeServiceStub

from lkmr_accreditation.domain.errors import CursorUnknown, RegisterUnavailable
from lkmr_accreditation.domain.licences import LicenceRecord, LicenceState
from lkmr_accreditation.usecases.licences import LicenceChanges
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.grpc_client import Peer

SECONDS = 20.0
_STATES = frozenset(one.value for one in LicenceState)


class LicenceClient:
    """The port `LicenceRegister`; calls carry a job token."""

    def __init__(self, peer: Peer, job_token: Callable[[str], Awaitable[str]]) -> None:
        self._peer, self._job_token = peer, job_token
        self._stub = EgiszBridgeServiceStub(peer.channel)

    async def of_organizations(self, oids: Sequence[str]) -> list[LicenceRecord]:
        """Licences of some organisations. Raises RegisterUnavailable."""
        return await self._find(pb.ListLicencesRequest(organization_oids=oids))

    async def by_number(self, number: str) -> LicenceRecord | None:
        """The licence with a number. Raises RegisterUnavailable."""
        found = await self._find(pb.ListLicencesRequest(number=number))
        return found[0] if found else None

    async def changes(self, cursor: str) -> LicenceChanges:
        """What was written after a cursor. Raises RegisterUnavailable, CursorUnknown."""
        request = pb.ListLicenceChangesRequest(cursor=cursor)
        try:
            token = await self._job_token("licence_sync")
            made = await self._peer.call(
                self._stub.ListLicenceChanges, request, timeout=SECONDS, token=token
            )
        except ServiceError as fault:
            if fault.reason == "CURSOR_INVALID":
                raise CursorUnknown from fault
            raise RegisterUnavailable from fault
        return LicenceChanges(made.numbers, made.organization_oids, made.cursor)

    async def _find(self, request: pb.ListLicencesRequest) -> list[LicenceRecord]:
        try:
            token = await self._job_token("licence_sync")
            made = await self._peer.call(
                self._stub.ListLicences, request, timeout=SECONDS, token=token
            )
        except ServiceError as fault:
            raise RegisterUnavailable from fault
        return [_record(one) for one in made.licences if one.state in _STATES]


def _record(one: pb.Licence) -> LicenceRecord:
    return LicenceRecord(
        number=one.number,
        kind=one.kind,
        organization_oid=one.organization_oid,
        issuer=one.issuer,
        issue_date=date.fromisoformat(one.issue_date) if one.issue_date else None,
        valid_until=date.fromisoformat(one.expire_date) if one.expire_date else None,
        state=LicenceState(one.state),
        works=tuple(one.works),
    )
