"""The profiles that a person may choose: own ones, and those of who is acted for."""

from datetime import date

from lkmr_auth.domain.delegation import Delegation
from lkmr_auth.domain.person import Person
from lkmr_auth.domain.profiles import Profile, profiles_of
from lkmr_auth.usecases.ports import UnitOfWork


async def profiles_today(uow: UnitOfWork, person: Person, day: date) -> tuple[Profile, ...]:
    """In the order of organisation and role.

    A delegation counts while the giver holds the role and the delegate works in the organisation.
    """
    own = profiles_of(await uow.people.bindings(person.id), person.register_jobs, day)
    given = await uow.delegations.given_to(person.id, day)
    if not given:
        return own
    places = {one.organization.id for one in own}
    found = {one.name: one for one in own}
    for delegation in given:
        if delegation.organization_id in places:
            source = await _source(uow, delegation, day)
            if source is not None:
                deputy = delegation.profile(source)
                found.setdefault(deputy.name, deputy)
    return tuple(found[name] for name in sorted(found))


async def _source(uow: UnitOfWork, delegation: Delegation, day: date) -> Profile | None:
    """The profile of the giver that stands behind a delegation."""
    giver = await uow.people.get(delegation.person_id)
    held = profiles_of(await uow.people.bindings(giver.id), giver.register_jobs, day)
    wanted = (delegation.organization_id, delegation.role)
    return next((one for one in held if (one.organization.id, one.role) == wanted), None)
