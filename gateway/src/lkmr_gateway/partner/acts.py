"""Client of the journal in `auth`."""

import uuid
from collections.abc import Sequence

from lkmr.auth.v1 import auth_service_pb2 as pb
from lkmr.auth.v1.auth_service_pb2_grpc import AuthServiceStub

from lkmr_gateway.journal import Entry
from lkmr_servicekit.audit import Act
from lkmr_servicekit.audit_wire import act_to_proto
from lkmr_servicekit.grpc_client import WRITE_SECONDS, Peer


class ActRecorder:
    """Reports acts of a program that has no database."""

    def __init__(self, peer: Peer) -> None:
        self._peer, self._stub = peer, AuthServiceStub(peer.channel)

    async def record(self, acts: Sequence[Act]) -> None:
        """Write them all. Raises ServiceError when `auth` did not say that it did."""
        await self.tell([Entry(event_id=str(uuid.uuid4()), act=act_to_proto(one)) for one in acts])

    async def tell(self, entries: Sequence[Entry]) -> None:
        """Tell acts under ids of their own. Raises ServiceError."""
        await self._peer.call(
            self._stub.RecordActs,
            pb.RecordActsRequest(entries=entries),
            timeout=WRITE_SECONDS,
            token="",
        )
