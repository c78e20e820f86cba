"""Where a person can be reached; for notify only."""

import uuid

from lkmr_auth.domain.errors import PersonNotFound
from lkmr_auth.domain.person import Person, PersonId
from lkmr_auth.usecases.ports import NewUnitOfWork


async def get_contacts(
    *, worker_id: str = "", person_id: str = "", new_uow: NewUnitOfWork
) -> Person:
    """The person behind a worker record, or behind a person's id. Raises PersonNotFound."""
    async with new_uow() as uow:
        if worker_id:
            found = await uow.people.find_by_worker(worker_id)
            if found is None:
                raise PersonNotFound
            return found
        try:
            known = PersonId(uuid.UUID(person_id))
        except ValueError:
            raise PersonNotFound from None
        return await uow.people.get(known)
