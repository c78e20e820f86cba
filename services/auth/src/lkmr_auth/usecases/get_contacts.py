"""Where people can be reached; for notify only."""

import uuid
from collections.abc import Mapping, Sequence

from lkmr_auth.domain.errors import PersonNotFound, RequestFieldInvalid
from lkmr_auth.domain.person import Contacts, Person, PersonId
from lkmr_auth.usecases.ports import NewUnitOfWork

MOST_AT_ONCE = 200


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


async def list_contacts(
    people: Sequence[PersonId], *, new_uow: NewUnitOfWork
) -> Mapping[PersonId, Contacts]:
    """Contacts of up to 200 people; who is unknown is left out. Raises RequestFieldInvalid."""
    if len(people) > MOST_AT_ONCE:
        raise RequestFieldInvalid(field="persons")
    async with new_uow() as uow:
        return await uow.people.contacts_of(people)
