"""Take a role away."""

import uuid

from lkmr_auth.domain.errors import RoleBindingNotFound, SeparationOfDuties
from lkmr_auth.domain.person import PersonId
from lkmr_auth.usecases.administration.acting import actor_of, count_act, note_act, reason_in
from lkmr_auth.usecases.administration.apply_rights import apply_rights
from lkmr_auth.usecases.administration.ports import AdministrationParts
from lkmr_servicekit.identity import Caller

REVOKE_ROLE = "account.role_revoke"
BY_ADMIN = "ADMIN"


async def revoke_role(
    binding_id: uuid.UUID, *, reason: str, caller: Caller, parts: AdministrationParts
) -> PersonId:
    """End a role and the sessions under it; gives whose it was. The register does not renew it.

    Raises RoleBindingNotFound (also for a role that is over), SeparationOfDuties, ReasonRequired.
    """
    actor, now = actor_of(caller), parts.clock.now()
    words = reason_in(reason)
    async with parts.new_uow() as uow:
        found = await uow.rights.find_role(binding_id)
        if found is None or not parts.reach(actor).covers(found[1].binding.organization.id):
            raise RoleBindingNotFound
        person_id, _ = found
        if person_id == actor.person_id:
            raise SeparationOfDuties
        await uow.people.get(person_id, lock=True)
        if not await uow.rights.end_role(binding_id, BY_ADMIN, now):
            raise RoleBindingNotFound
        await apply_rights(uow, person_id, now)
        await note_act(uow, person_id, operation=REVOKE_ROLE, reason=words, actor=actor, now=now)
        await uow.commit()
    count_act("role_revoke")
    return person_id
