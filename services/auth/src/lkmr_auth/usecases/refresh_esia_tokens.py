"""Renew the ESIA tokens of open sessions in time."""

import uuid
from datetime import timedelta

from lkmr_auth.domain.audit import REVOKE, AuditEntry, Result
from lkmr_auth.domain.errors import EsiaCodeRefused
from lkmr_auth.domain.esia import EsiaTokens
from lkmr_auth.domain.session import EndReason
from lkmr_auth.usecases.outside_ports import Esia
from lkmr_auth.usecases.ports import NewUnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.telemetry import counter, log

EARLY = timedelta(seconds=60)
LEASE = timedelta(seconds=45)
BATCH = 20

_renewals = counter("lkmr_auth_esia_renewals_total", "Renewals of ESIA tokens", ("outcome",))


async def refresh_esia_tokens(*, new_uow: NewUnitOfWork, esia: Esia, clock: Clock) -> int:
    """Renew what ends within a minute, in this instance or another, never in both.

    While ESIA is away sessions go on and are tried again when the lease ends; a refusal of ESIA
    ends the session (`docs/architecture.md`, sessions). Returns how many were taken.
    """
    now = clock.now()
    async with new_uow() as uow:
        due = await uow.esia_sessions.lease(now + EARLY, now, now + LEASE, BATCH)
        await uow.commit()
    for family_id, tokens in due:
        await _renew(family_id, tokens, new_uow=new_uow, esia=esia, clock=clock)
    return len(due)


async def _renew(
    family_id: uuid.UUID, tokens: EsiaTokens, *, new_uow: NewUnitOfWork, esia: Esia, clock: Clock
) -> None:
    try:
        renewed = await esia.refresh(tokens)
    except EsiaCodeRefused:
        await _end(family_id, new_uow=new_uow, clock=clock)
        _renewals.labels("refused").inc()
        return
    except ServiceError as fault:
        log.warning("esia.renewal_postponed", reason=fault.reason, session_family=str(family_id))
        _renewals.labels("postponed").inc()
        return
    async with new_uow() as uow:
        await uow.esia_sessions.save(family_id, renewed)
        await uow.commit()
    _renewals.labels("renewed").inc()


async def _end(family_id: uuid.UUID, *, new_uow: NewUnitOfWork, clock: Clock) -> None:
    now = clock.now()
    async with new_uow() as uow:
        ended = await uow.sessions.end_family(family_id, EndReason.REFUSED_BY_ESIA, now)
        await uow.announce(*ended)
        for one in ended:
            entry = AuditEntry(
                operation=REVOKE,
                object=one.session,
                result=Result.ALLOWED,
                reason=one.reason.value,
                session=one.session,
            )
            await uow.journal.add(entry, now)
        await uow.commit()
