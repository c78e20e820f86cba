"""Approve or reject a role that another person asked for."""

import uuid

from lkmr_auth.domain.errors import OrganizationUnknown, RoleRequestNotFound
from lkmr_auth.domain.profiles import Binding
from lkmr_auth.domain.rights import BindingSource, RequestState, require_new
from lkmr_auth.usecases.administration.acting import actor_of, count_act
from lkmr_auth.usecases.administration.apply_rights import apply_rights
from lkmr_auth.usecases.administration.ports import AdministrationParts
from lkmr_servicekit.identity import Caller

DECIDE = "account.role_decide"


async def decide_role_request(
    request_id: uuid.UUID, *, approve: bool, caller: Caller, parts: AdministrationParts
) -> None:
    """The second person decides; an approved role counts at once.

    Raises RoleRequestNotFound, SeparationOfDuties, RoleHeldAlready.
    """
    actor, now = actor_of(caller), parts.clock.now()
    state = RequestState.APPROVED if approve else RequestState.REJECTED
    async with parts.new_uow() as uow:
        found = await uow.rights.get_request(request_id)
        if (
            found is None
            or found.state is not RequestState.PENDING
            or not parts.reach(actor).covers(found.organization_id)
        ):
            raise RoleRequestNotFound
        found.require_decider(actor)
        await uow.rights.decide_request(request_id, state, actor.person_id, now)
        if approve:
            await uow.people.get(found.person_id, lock=True)
            place = await uow.rights.find_organization(found.organization_id)
            if place is None:
                raise OrganizationUnknown(field="organization")
            held = await uow.rights.list_roles(found.person_id)
            require_new(held, place.id, found.role)
            binding = Binding(
                organization=place,
                role=found.role,
                position=found.position,
                department=found.department,
            )
            await uow.rights.add_role(found.person_id, binding, BindingSource.ADMIN, now)
            await apply_rights(uow, found.person_id, now)
        await uow.commit()
    count_act("role_decide")
