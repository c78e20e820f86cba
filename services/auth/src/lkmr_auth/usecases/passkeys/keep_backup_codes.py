"""Backup codes of a person: a fresh set replaces the one before."""

from lkmr_auth.domain.audit import BACKUP_CODES, AuditEntry, Result
from lkmr_auth.domain.backup_code import code_typed, new_codes
from lkmr_auth.domain.person import PersonId
from lkmr_auth.usecases.parts import PasskeyParts


async def make_backup_codes(
    owner: PersonId, *, session: str, parts: PasskeyParts
) -> tuple[str, ...]:
    """Ten codes, told this once; each works once. Those before them stop working."""
    now, codes = parts.clock.now(), new_codes()
    async with parts.new_uow() as uow:
        await uow.people.get(owner, lock=True)
        await uow.backup_codes.replace(owner, [code_typed(one) for one in codes], now)
        entry = AuditEntry(
            operation=BACKUP_CODES,
            object=f"persons/{owner}",
            result=Result.ALLOWED,
            actor=owner,
            session=session,
        )
        await uow.journal.add(entry, now)
        await uow.commit()
    return codes
