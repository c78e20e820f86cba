"""`accreditation`: the norms in force, which it owns."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import date

from lkmr.accreditation.v1 import compliance_service_pb2 as pb
from lkmr.accreditation.v1.compliance_service_pb2_grpc import ComplianceServiceStub

from lkmr_education.domain.errors import RegisterUnavailable
from lkmr_education.domain.norms import Norm, Norms
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.grpc_client import Peer

SECONDS = 3.0
_WORDS = {"true": 1, "false": 0}


class AccreditationLaw:
    """The port `LawOwner`; calls carry a job token."""

    def __init__(self, peer: Peer, job_token: Callable[[str], Awaitable[str]]) -> None:
        self._peer, self._job_token = peer, job_token
        self._stub = ComplianceServiceStub(peer.channel)

    async def in_force(self) -> Norms:
        """Norms in force today; those that are no numbers do not concern this service."""
        try:
            found = await self._peer.call(
                self._stub.ListNorms,
                pb.ListNormsRequest(),
                timeout=SECONDS,
                token=await self._job_token("read_norms"),
            )
        except ServiceError as fault:
            raise RegisterUnavailable(reason=fault.reason) from fault
        return norms_of(found.norms)


def norms_of(found: Iterable[pb.Norm]) -> Norms:
    """Numbers and flags; a flag is 1 or 0."""
    made = []
    for one in sorted(found, key=lambda norm: norm.key):
        value = _WORDS.get(one.value)
        if value is None:
            if not one.value.lstrip("-").isdecimal():
                continue
            value = int(one.value)
        ends = {"valid_from": one.valid_from, "valid_until": one.valid_until}
        days = {name: date.fromisoformat(text) for name, text in ends.items() if text}
        made.append(Norm(key=one.key, value=value, source=one.source, **days))
    return Norms(tuple(made))
