"""Take accounts and bindings from a file of the operator (`people import`)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lkmr_auth.domain.audit import REVOKE, AuditEntry, Result
from lkmr_auth.domain.person import NO_NAMES, AccountState, PersonalNames
from lkmr_auth.domain.profiles import Binding, Organization
from lkmr_auth.domain.session import EndReason
from lkmr_auth.usecases.ports import NewUnitOfWork, UnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.personal import Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedPerson:
    """One person of the file."""

    snils: Personal[str]
    state: AccountState
    employee_number: Personal[str]
    names: PersonalNames = NO_NAMES
    bindings: tuple[Binding, ...] = field(default=())


async def import_people(
    organizations: Sequence[Organization],
    people: Sequence[ImportedPerson],
    *,
    new_uow: NewUnitOfWork,
    clock: Clock,
) -> int:
    """Store organisations, accounts and bindings. Repeating it changes nothing.

    The state of an account that exists stays as it is: activation and blocks belong to the
    cabinet. A binding that the file no longer holds ends, and with it the sessions under it.
    Returns how many people the file holds.
    """
    async with new_uow() as uow:
        for organization in organizations:
            await uow.people.save_organization(organization)
        await uow.commit()
    for imported in people:
        async with new_uow() as uow:
            await _import_one(uow, imported, clock)
            await uow.commit()
    return len(people)


async def _import_one(uow: UnitOfWork, imported: ImportedPerson, clock: Clock) -> None:
    now = clock.now()
    person = await uow.people.find_by_snils(imported.snils)
    if person is None:
        active = imported.state is not AccountState.NOT_ACTIVATED
        person = await uow.people.create(imported.snils, active=active, now=now)
        person = replace(person, state=imported.state)
    else:
        person = await uow.people.get(person.id, lock=True)
    names = imported.names if person.names == NO_NAMES else person.names
    person = replace(person, employee_number=imported.employee_number, names=names)
    await uow.people.save(person, now)
    await uow.people.bind(person.id, imported.bindings, now)
    held = {f"{one.organization.id}/{one.role}" for one in imported.bindings}
    for session in await uow.sessions.list_bound(person.id):
        if session.profile_name in held:
            continue
        ended = await uow.sessions.end_family(session.family_id, EndReason.ROLE_REMOVED, now)
        await uow.announce(*ended)
        entry = AuditEntry(
            operation=REVOKE,
            object=session.name,
            result=Result.ALLOWED,
            reason=EndReason.ROLE_REMOVED.value,
            session=session.name,
        )
        await uow.journal.add(entry, now)
