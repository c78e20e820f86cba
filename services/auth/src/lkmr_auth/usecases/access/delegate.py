"""A head lets a colleague approve for some days, and takes it back."""

import uuid
from dataclasses import dataclass
from datetime import date

from lkmr_auth.domain.access_errors import (
    DelegateUnknown,
    DelegationNotFound,
    DelegationOverlaps,
)
from lkmr_auth.domain.delegation import Delegation, require_delegable, require_span
from lkmr_auth.domain.errors import SeparationOfDuties
from lkmr_auth.domain.person import Person, PersonId
from lkmr_auth.domain.policy import DELEGATION_DAYS
from lkmr_auth.domain.profiles import profiles_of
from lkmr_auth.usecases.access.policies import number_in_force
from lkmr_auth.usecases.administration.acting import actor_of
from lkmr_auth.usecases.administration.apply_rights import apply_rights
from lkmr_auth.usecases.parts import AccessParts
from lkmr_auth.usecases.ports import UnitOfWork
from lkmr_servicekit.clock import MOSCOW, day_in
from lkmr_servicekit.identity import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationRow:
    """A delegation with both people."""

    delegation: Delegation
    giver: Person
    delegate: Person


async def list_delegations(*, caller: Caller, parts: AccessParts) -> tuple[DelegationRow, ...]:
    """Given and got ones that are not over."""
    day = day_in(MOSCOW, parts.clock.now())
    async with parts.new_uow() as uow:
        found = await uow.delegations.list_of(actor_of(caller).person_id, day)
        return tuple(
            [await _row(uow, one) for one in found if one.revoke_time is None],
        )


async def create_delegation(
    account_number: str, start: date, end: date, *, caller: Caller, parts: AccessParts
) -> uuid.UUID:
    """Under the active role of the caller.

    Raises DelegateUnknown, DelegationClosed, DelegationDatesInvalid, DelegationOverlaps,
    SeparationOfDuties.
    """
    actor, now = actor_of(caller), parts.clock.now()
    today = day_in(MOSCOW, now)
    require_delegable(actor.role)
    async with parts.new_uow() as uow:
        require_span(start, end, today, await number_in_force(uow, DELEGATION_DAYS, parts))
        delegate = await _colleague(uow, account_number, actor.organization, today)
        if delegate.id == actor.person_id:
            raise SeparationOfDuties
        await uow.people.get(delegate.id, lock=True)
        made = Delegation(
            id=uuid.uuid4(),
            person_id=actor.person_id,
            delegate_id=delegate.id,
            organization_id=actor.organization,
            role=actor.role,
            start_date=start,
            end_date=end,
            create_time=now,
        )
        if await uow.delegations.overlapping(made):
            raise DelegationOverlaps
        await uow.delegations.add(made)
        await apply_rights(uow, delegate.id, now)
        await uow.commit()
    return made.id


async def revoke_delegation(identity: uuid.UUID, *, caller: Caller, parts: AccessParts) -> None:
    """By the giver or by the delegate; sessions under it end at once. Raises DelegationNotFound."""
    who, now = actor_of(caller).person_id, parts.clock.now()
    async with parts.new_uow() as uow:
        found = await uow.delegations.find(identity)
        if found is None or who not in (found.person_id, found.delegate_id):
            raise DelegationNotFound
        await uow.delegations.revoke(identity, now)
        await apply_rights(uow, found.delegate_id, now)
        await uow.commit()


async def _colleague(uow: UnitOfWork, number: str, organization: str, day: date) -> Person:
    person = await uow.people.find_by_account_number(number.strip().upper())
    if person is not None:
        held = profiles_of(await uow.people.bindings(person.id), person.register_jobs, day)
        if any(one.organization.id == organization for one in held):
            return person
    raise DelegateUnknown(field="delegate")


async def _row(uow: UnitOfWork, delegation: Delegation) -> DelegationRow:
    return DelegationRow(
        delegation=delegation,
        giver=await uow.people.get(PersonId(delegation.person_id)),
        delegate=await uow.people.get(PersonId(delegation.delegate_id)),
    )
