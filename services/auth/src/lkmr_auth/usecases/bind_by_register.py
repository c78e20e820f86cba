"""Roles that follow from jobs in the worker register (F-158), and end with them."""

from datetime import date, datetime

from lkmr_auth.domain.audit import AuditEntry, Result
from lkmr_auth.domain.person import Person, RegisterJob
from lkmr_auth.domain.posts import Posts
from lkmr_auth.domain.profiles import NON_MEDICAL_ROLES, Binding, Organization
from lkmr_auth.domain.rights import BindingSource, HeldRole
from lkmr_auth.usecases.ports import UnitOfWork
from lkmr_servicekit.clock import MOSCOW, day_in

GIVE, END = "account.role_by_register", "account.role_end_by_register"
BY_ADMIN, JOB_ENDED = "ADMIN", "JOB_ENDED"


async def bind_by_register(uow: UnitOfWork, person: Person, now: datetime, posts: Posts) -> bool:
    """Give the roles of current jobs and end those whose job is over; True when one changed.

    What an administrator took away during a job stays away until a job begins after that. An
    organisation that the cabinet did not know becomes known by its OID. The caller commits.
    """
    day = day_in(MOSCOW, now)
    held = await uow.rights.list_roles(person.id)
    changed = await _end_over(uow, person, held, day, now)
    for job in person.register_jobs:
        role = posts.role_of(job.position)
        if not role or not job.lasts_on(day):
            continue
        place = await _place(uow, job)
        if any(one.key == (place.id, role) for one in held):
            continue
        if await _taken_away(uow, person, place, role, job):
            continue
        binding = Binding(
            organization=place, role=role, position=job.position, department=job.department
        )
        await uow.rights.add_role(person.id, binding, BindingSource.REGISTER, now)
        await _note(uow, GIVE, person, place, role, now=now)
        held = await uow.rights.list_roles(person.id)
        changed = True
    return changed


async def _end_over(
    uow: UnitOfWork, person: Person, held: tuple[HeldRole, ...], day: date, now: datetime
) -> bool:
    """Medical roles at an organisation where all jobs of the card are over.

    A role that a person gave may wait for its job; one that came with a job goes with it.
    """
    changed = False
    for one in held:
        place = one.binding.organization
        jobs = [job for job in person.register_jobs if job.organization_oid == place.oid]
        over = all(job.end_date is not None and job.end_date < day for job in jobs)
        over = over and (bool(jobs) or one.source is BindingSource.REGISTER)
        if one.binding.role not in NON_MEDICAL_ROLES and over:
            changed |= await uow.rights.end_role(one.id, JOB_ENDED, now)
            await _note(uow, END, person, place, one.binding.role, now=now)
    return changed


async def _taken_away(
    uow: UnitOfWork, person: Person, place: Organization, role: str, job: RegisterJob
) -> bool:
    last = await uow.rights.last_end(person.id, place.id, role)
    if last is None or last[0] != BY_ADMIN:
        return False
    return job.start_date is None or job.start_date <= day_in(MOSCOW, last[1])


async def _place(uow: UnitOfWork, job: RegisterJob) -> Organization:
    known = await uow.rights.find_organization_by_oid(job.organization_oid)
    if known is not None:
        return known
    name = job.organization_name or job.organization_oid
    made = Organization(
        id=f"oid-{job.organization_oid}", oid=job.organization_oid, name=name, short_name=name
    )
    await uow.people.save_organization(made)
    return made


async def _note(
    uow: UnitOfWork,
    operation: str,
    person: Person,
    place: Organization,
    role: str,
    *,
    now: datetime,
) -> None:
    entry = AuditEntry(
        operation=operation,
        object=f"persons/{person.id}",
        result=Result.ALLOWED,
        reason=role,
        organization=place.id,
    )
    await uow.journal.add(entry, now)
