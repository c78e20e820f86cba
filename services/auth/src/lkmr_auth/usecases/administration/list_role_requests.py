"""Requests for roles, with the people and organisations they name."""

from lkmr_auth.domain.person import Person
from lkmr_auth.domain.profiles import Organization
from lkmr_auth.domain.rights import RoleRequest
from lkmr_auth.usecases.administration.acting import actor_of
from lkmr_auth.usecases.administration.ports import AdministrationParts
from lkmr_servicekit.identity import Caller

LIMIT = 200


async def list_role_requests(
    state: str, *, caller: Caller, parts: AdministrationParts
) -> tuple[tuple[RoleRequest, Person, Person, Organization], ...]:
    """Newest first, in the caller's reach: the request, whose role, who asked, where."""
    made = []
    async with parts.new_uow() as uow:
        for one in await uow.rights.list_requests(parts.reach(actor_of(caller)), state, LIMIT):
            place = await uow.rights.find_organization(one.organization_id)
            if place is not None:
                person = await uow.people.get(one.person_id)
                made.append((one, person, await uow.people.get(one.requester_id), place))
    return tuple(made)


async def list_organizations(
    *, caller: Caller, parts: AdministrationParts
) -> tuple[Organization, ...]:
    """Organisations that the caller reaches."""
    async with parts.new_uow() as uow:
        return await uow.rights.list_organizations(parts.reach(actor_of(caller)))
