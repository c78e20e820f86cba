"""`auth`: who is to be told, and contacts at the moment of sending."""

import uuid
from collections.abc import Awaitable, Callable, Sequence

from lkmr.auth.v1 import auth_service_pb2 as pb
from lkmr.auth.v1.auth_service_pb2_grpc import AuthServiceStub

from lkmr_notify.domain.rules import Whom
from lkmr_notify.usecases.gather import Gathered
from lkmr_notify.usecases.ports import Contacts, Recipient
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.grpc_client import Peer
from lkmr_servicekit.personal import Personal
from lkmr_servicekit.resource_names import ids_in, name_of

BACKGROUND_SECONDS = 5.0
_PAGE = 1000


class PeopleClient:
    """The port `People`; calls carry a job token."""

    def __init__(self, peer: Peer, job_token: Callable[[str], Awaitable[str]]) -> None:
        self._peer, self._job_token = peer, job_token
        self._stub = AuthServiceStub(peer.channel)
        self._contacts = Gathered[uuid.UUID, Contacts | None](self._contacts_of)

    async def behind_worker(self, worker: str) -> Recipient | None:
        """The person behind a worker record."""
        return await self._one(pb.GetRecipientRequest(worker=name_of(workers=worker)))

    async def contacts(self, person: uuid.UUID) -> Contacts | None:
        """Contacts of a person; people who are asked for at the same time share a call."""
        return await self._contacts(person)

    async def recipient(self, person: uuid.UUID) -> Recipient | None:
        """Where a person works."""
        return await self._one(pb.GetRecipientRequest(person=name_of(persons=person)))

    async def colleagues(self, worker: str, roles: Sequence[Whom]) -> list[Recipient]:
        """Holders of these roles in the organisations of a worker."""
        names = [one.value for one in roles]
        colleague = name_of(workers=worker)
        return await self._all(pb.ListRecipientsRequest(roles=names, colleague=colleague))

    async def holders(self, roles: Sequence[Whom]) -> list[Recipient]:
        """All holders of these roles."""
        return await self._all(pb.ListRecipientsRequest(roles=[one.value for one in roles]))

    async def audience(
        self, roles: Sequence[str], organizations: Sequence[str], *, after: str, size: int
    ) -> tuple[list[Recipient], str]:
        """A page of an audience."""
        return await self._page(
            pb.ListRecipientsRequest(
                roles=roles, organizations=organizations, page_size=size, page_token=after
            )
        )

    async def _all(self, request: pb.ListRecipientsRequest) -> list[Recipient]:
        request.page_size = _PAGE
        found: list[Recipient] = []
        while True:
            page, request.page_token = await self._page(request)
            found += page
            if not request.page_token:
                return found

    async def _page(self, request: pb.ListRecipientsRequest) -> tuple[list[Recipient], str]:
        token = await self._job_token("tell_people")
        answer = await self._peer.call(
            self._stub.ListRecipients, request, timeout=BACKGROUND_SECONDS, token=token
        )
        page = [_recipient(one) for one in answer.recipients]
        return page, answer.next_page_token

    async def _one(self, request: pb.GetRecipientRequest) -> Recipient | None:
        token = await self._job_token("tell_people")
        try:
            answer = await self._peer.call(
                self._stub.GetRecipient, request, timeout=BACKGROUND_SECONDS, token=token
            )
        except ServiceError as refused:
            if refused.category is Category.NOT_FOUND:
                return None
            raise
        return _recipient(answer)

    async def _contacts_of(self, people: Sequence[uuid.UUID]) -> list[Contacts | None]:
        names = sorted({name_of(persons=one) for one in people})
        token = await self._job_token("tell_people")
        answer = await self._peer.call(
            self._stub.ListContacts,
            pb.ListContactsRequest(persons=names),
            timeout=BACKGROUND_SECONDS,
            token=token,
        )
        found = {}
        for one in answer.contacts:
            person = uuid.UUID(ids_in(one.person, "persons")[0])
            found[person] = Contacts(person, Personal(one.email), Personal(one.phone))
        return [found.get(one) for one in people]


def _recipient(answer: pb.Recipient) -> Recipient:
    return Recipient(
        uuid.UUID(ids_in(answer.person, "persons")[0]),
        tuple(answer.organizations),
        answer.organization_oid,
        answer.deputy,
    )
