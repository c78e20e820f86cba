"""`auth`: the person behind a worker record, and contacts at the moment of sending."""

import uuid
from collections.abc import Awaitable, Callable

from lkmr.auth.v1 import auth_service_pb2 as pb
from lkmr.auth.v1.auth_service_pb2_grpc import AuthServiceStub

from lkmr_notify.usecases.ports import Contacts
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.grpc_client import Peer
from lkmr_servicekit.personal import Personal
from lkmr_servicekit.resource_names import ids_in, name_of

BACKGROUND_SECONDS = 5.0


class PeopleClient:
    """The port `People`; calls carry a job token."""

    def __init__(self, peer: Peer, job_token: Callable[[str], Awaitable[str]]) -> None:
        self._peer, self._job_token = peer, job_token
        self._stub = AuthServiceStub(peer.channel)

    async def behind_worker(self, worker: str) -> Contacts | None:
        """The person behind a worker record."""
        return await self._ask(pb.GetContactsRequest(worker=name_of(workers=worker)))

    async def contacts(self, person: uuid.UUID) -> Contacts | None:
        """Contacts of a person."""
        return await self._ask(pb.GetContactsRequest(person=name_of(persons=person)))

    async def _ask(self, request: pb.GetContactsRequest) -> Contacts | None:
        token = await self._job_token("tell_people")
        try:
            answer = await self._peer.call(
                self._stub.GetContacts, request, timeout=BACKGROUND_SECONDS, token=token
            )
        except ServiceError as refused:
            if refused.category is Category.NOT_FOUND:
                return None
            raise
        (person,) = ids_in(answer.person, "persons")
        return Contacts(uuid.UUID(person), Personal(answer.email), Personal(answer.phone))
