"""Ask for an explanation of an access that one does not recognise (оспорить)."""

import uuid

from lkmr_auth.domain.access_log import Dispute
from lkmr_auth.domain.errors import AccessEntryNotFound, DisputeTextInvalid
from lkmr_auth.domain.person import PersonId
from lkmr_auth.usecases.ports import NewUnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.personal import Personal

LONGEST = 2000


async def dispute_access(
    owner: PersonId, worker: str, entry: uuid.UUID, text: Personal[str], *,
    new_uow: NewUnitOfWork, clock: Clock,
) -> Dispute:  # fmt: skip
    """Keep the request; the first one stands when it is repeated.

    Raises AccessEntryNotFound when the entry does not concern the person, DisputeTextInvalid.
    """
    if len(text.open()) > LONGEST:
        raise DisputeTextInvalid
    subjects = [f"persons/{owner}", *([f"workers/{worker}"] if worker else [])]
    async with new_uow() as uow:
        if not await uow.disputes.concerns(entry, subjects):
            raise AccessEntryNotFound
        made = Dispute(uuid.uuid4(), owner, entry, clock.now())
        kept = await uow.disputes.add(made, text)
        await uow.commit()
    return kept
