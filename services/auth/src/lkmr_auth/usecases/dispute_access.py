"""Ask for an explanation of an access that one does not recognise (оспорить)."""

import uuid

from lkmr_auth.domain.access_log import Dispute
from lkmr_auth.domain.data_request import RequestKind
from lkmr_auth.domain.errors import AccessEntryNotFound, DisputeTextInvalid
from lkmr_auth.domain.person import PersonId
from lkmr_auth.usecases.access.data_requests import open_request
from lkmr_auth.usecases.parts import AccessParts
from lkmr_servicekit.personal import Personal

LONGEST = 2000


async def dispute_access(
    owner: PersonId,
    worker: str,
    entry: uuid.UUID,
    text: Personal[str],
    *,
    organization: str,
    parts: AccessParts,
) -> Dispute:
    """Keep the request, which is answered as one about personal data; the first one stands.

    Raises AccessEntryNotFound when the entry does not concern the person, DisputeTextInvalid.
    """
    if len(text.open()) > LONGEST:
        raise DisputeTextInvalid
    subjects = [f"persons/{owner}", *([f"workers/{worker}"] if worker else [])]
    async with parts.new_uow() as uow:
        if not await uow.disputes.concerns(entry, subjects):
            raise AccessEntryNotFound
        made = Dispute(uuid.uuid4(), owner, entry, parts.clock.now())
        kept = await uow.disputes.add(made, text)
        if kept.id == made.id:
            await open_request(
                uow,
                owner,
                organization,
                RequestKind.DISPUTE,
                text.open(),
                parts=parts,
                entry=entry,
                identity=made.id,
            )
        await uow.commit()
    return kept
