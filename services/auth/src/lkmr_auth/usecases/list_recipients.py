"""Whom to tell, by role and organisation; for notify only."""

import uuid

from lkmr_auth.domain.errors import PersonNotFound, RequestFieldInvalid
from lkmr_auth.usecases.people_ports import Audience, Recipient
from lkmr_auth.usecases.ports import NewUnitOfWork

DEFAULT_PAGE, LARGEST_PAGE = 1000, 5000
_FIRST = uuid.UUID(int=0)


async def list_recipients(
    audience: Audience, *, page_size: int, page_token: str, new_uow: NewUnitOfWork
) -> tuple[list[Recipient], str]:
    """A page of people and the token of the next one. Raises RequestFieldInvalid."""
    if page_size < 0:
        raise RequestFieldInvalid(field="page_size")
    if audience.colleague and not audience.roles:
        raise RequestFieldInvalid(field="roles")
    size = min(page_size or DEFAULT_PAGE, LARGEST_PAGE)
    try:
        after = uuid.UUID(page_token) if page_token else _FIRST
    except ValueError:
        raise RequestFieldInvalid(field="page_token") from None
    async with new_uow() as uow:
        found = await uow.recipients.page(audience, after, size)
    return found, str(found[-1].person) if len(found) == size else ""


async def get_recipient(
    *, worker_id: str = "", person_id: str = "", new_uow: NewUnitOfWork
) -> Recipient:
    """The person behind a worker record, or behind a person's id. Raises PersonNotFound."""
    async with new_uow() as uow:
        if worker_id:
            found = await uow.recipients.find_by_worker(worker_id)
        else:
            try:
                found = await uow.recipients.find(uuid.UUID(person_id))
            except ValueError:
                raise PersonNotFound from None
    if found is None:
        raise PersonNotFound
    return found
