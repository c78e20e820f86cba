"""Open an account again that three wrong codes had closed."""

from dataclasses import replace

from lkmr_auth.domain.audit import UNLOCK, AuditEntry, Result
from lkmr_auth.domain.errors import PersonNotFound
from lkmr_auth.usecases.ports import NewUnitOfWork
from lkmr_servicekit.clock import Clock


async def unlock_codes(account_number: str, *, new_uow: NewUnitOfWork, clock: Clock) -> bool:
    """Lift the code lock; False when there was none. Raises PersonNotFound."""
    now = clock.now()
    async with new_uow() as uow:
        person = await uow.people.find_by_account_number(account_number)
        if person is None:
            raise PersonNotFound
        if person.code_lock_time is None:
            return False
        await uow.people.save(replace(person, code_lock_time=None), now)
        await uow.codes.forgive(person.id, now)
        entry = AuditEntry(operation=UNLOCK, object=f"persons/{person.id}", result=Result.ALLOWED)
        await uow.journal.add(entry, now)
        await uow.commit()
    return True
