"""Set the password of the cabinet, or change it, in a session that was proven just before."""

from lkmr_auth.domain.audit import PASSWORD, AuditEntry, Result
from lkmr_auth.domain.password import require_strong
from lkmr_auth.domain.person import PersonId
from lkmr_auth.usecases.parts import IdentityParts
from lkmr_servicekit.personal import Personal


async def set_password(
    owner: PersonId, password: Personal[str], *, session: str, parts: IdentityParts
) -> None:
    """The former one opens nothing from now on, waits for wrong ones end. Raises PasswordWeak."""
    require_strong(password)
    hashed = await parts.hasher.hash(password)
    now = parts.codes.clock.now()
    async with parts.codes.new_uow() as uow:
        await uow.people.get(owner, lock=True)
        await uow.passwords.save(owner, hashed, now)
        entry = AuditEntry(
            operation=PASSWORD,
            object=f"persons/{owner}",
            result=Result.ALLOWED,
            actor=owner,
            session=session,
        )
        await uow.journal.add(entry, now)
        await uow.commit()
