"""Give a person a role, or ask for one that a second person must approve."""

import uuid

from lkmr_auth.domain.errors import OrganizationUnknown
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.profiles import Binding, Organization
from lkmr_auth.domain.rights import (
    Actor,
    BindingSource,
    RequestState,
    RoleRequest,
    needs_approval,
    require_grantable,
    require_new,
)
from lkmr_auth.usecases.administration.acting import (
    actor_of,
    count_act,
    note_act,
    once,
    reason_in,
    subject_in_reach,
)
from lkmr_auth.usecases.administration.apply_rights import apply_rights
from lkmr_auth.usecases.administration.ports import (
    AdministrationParts,
    AdministrationUnitOfWork,
)
from lkmr_servicekit.identity import Caller

ASSIGN, ASK = "account.role_assign", "account.role_request"


async def assign_role(
    person_id: PersonId,
    *,
    organization: str,
    role: str,
    position: str,
    department: str,
    reason: str,
    request_id: str,
    caller: Caller,
    parts: AdministrationParts,
) -> str:
    """`role:{id}` of the new role, or `request:{id}` of a request that waits.

    Open sessions of the person learn of the role within a second. A repeat gives the first
    answer. Raises PersonNotFound, RoleUnknown, OrganizationUnknown, RoleHeldAlready,
    RoleRequestPending, SeparationOfDuties, ReasonRequired.
    """
    actor, words = actor_of(caller), reason_in(reason)
    body = "\n".join((str(person_id), organization, role, position, department, words))
    async with parts.new_uow() as uow:

        async def work() -> str:
            place = await _place(uow, actor, person_id, organization, role, parts=parts)
            wanted = Binding(
                organization=place, role=role, position=position, department=department
            )
            return await _give_or_ask(uow, actor, person_id, wanted, words, parts=parts)

        made = await once(
            uow, caller, method="AssignRole", request_id=request_id, body=body, work=work
        )
        await uow.commit()
    count_act("role_assign" if made.startswith("role:") else "role_request")
    return made


async def _place(
    uow: AdministrationUnitOfWork,
    actor: Actor,
    person_id: PersonId,
    organization: str,
    role: str,
    *,
    parts: AdministrationParts,
) -> Organization:
    """The organisation, after all that must hold first."""
    await subject_in_reach(uow, person_id, actor, parts, lock=True)
    require_grantable(actor, person_id, organization, role, parts.reach(actor))
    found = await uow.rights.find_organization(organization)
    if found is None:
        raise OrganizationUnknown(field="organization")
    require_new(await uow.rights.list_roles(person_id), organization, role)
    return found


async def _give_or_ask(
    uow: AdministrationUnitOfWork,
    actor: Actor,
    person_id: PersonId,
    wanted: Binding,
    reason: str,
    *,
    parts: AdministrationParts,
) -> str:
    now = parts.clock.now()
    if needs_approval(wanted.role, actor.role):
        request = RoleRequest(
            id=uuid.uuid4(),
            person_id=person_id,
            organization_id=wanted.organization.id,
            role=wanted.role,
            position=wanted.position,
            department=wanted.department,
            reason=reason,
            state=RequestState.PENDING,
            requester_id=actor.person_id,
            create_time=now,
        )
        await uow.rights.add_request(request)
        return f"request:{request.id}"
    identity = await uow.rights.add_role(person_id, wanted, BindingSource.ADMIN, now)
    await apply_rights(uow, person_id, now)
    await note_act(uow, person_id, operation=ASSIGN, reason=reason, actor=actor, now=now)
    return f"role:{identity}"
