"""Journal a refusal that a gateway decided by itself."""

import re

from lkmr_auth.domain.audit import AuditEntry, Result
from lkmr_auth.domain.errors import RequestFieldInvalid
from lkmr_auth.domain.person import PersonId
from lkmr_auth.usecases.ports import NewUnitOfWork
from lkmr_servicekit.clock import Clock

_OPERATION = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){1,3}\Z")
_OBJECT = re.compile(r"[A-Za-z0-9_/{}.:*-]{1,300}\Z")
_REASON = re.compile(r"[A-Z][A-Z0-9_-]{1,63}\Z")
_TRACE = re.compile(r"([0-9a-f]{32})?\Z")


async def record_refusal(
    actor: PersonId,
    *,
    roles: tuple[str, ...],
    organization: str,
    session: str,
    operation: str,
    object_name: str,
    reason: str,
    trace_id: str,
    new_uow: NewUnitOfWork,
    clock: Clock,
) -> None:
    """Write the entry. Raises RequestFieldInvalid for what could carry free text."""
    fields = (
        ("operation", _OPERATION, operation),
        ("object", _OBJECT, object_name),
        ("reason", _REASON, reason),
        ("trace_id", _TRACE, trace_id),
    )
    for name, form, value in fields:
        if not form.match(value):
            raise RequestFieldInvalid(field=name)
    entry = AuditEntry(
        operation=operation,
        object=object_name,
        result=Result.DENIED,
        reason=reason,
        actor=actor,
        roles=roles,
        organization=organization,
        session=session,
        trace_id=trace_id,
    )
    async with new_uow() as uow:
        await uow.journal.add(entry, clock.now())
        await uow.commit()
