"""Ask the register about documents that are due (ФИС ФРДО): the runner of the port `Checks`."""

from datetime import timedelta

from lkmr_education.domain.certificate import Certificate
from lkmr_education.usecases.ports import Checks, NewUnitOfWork
from lkmr_education.usecases.record_check import record_check
from lkmr_servicekit.clock import Clock

LEASE = timedelta(minutes=5)
BATCH = 50


async def check_documents(
    *, checks: Checks, new_uow: NewUnitOfWork, clock: Clock, size: int = BATCH
) -> int:
    """How many were asked about.

    Documents are claimed for five minutes (`SKIP LOCKED`), asked about outside any transaction, and
    each answer is stored in its own: two instances never ask about one document at the same time,
    and a crash only leaves it for the next turn.
    """
    async with new_uow() as uow:
        due = await uow.certificates.claim_due(now=clock.now(), lease=LEASE, size=size)
        await uow.commit()
    for certificate in due:
        await ask(certificate, checks=checks, new_uow=new_uow, clock=clock)
    return len(due)


async def ask(
    certificate: Certificate, *, checks: Checks, new_uow: NewUnitOfWork, clock: Clock
) -> None:
    """Ask about one document that is claimed, and store the answer.

    A worker who refuses meanwhile is asked about no more, and no answer is kept (152-ФЗ, ст. 9
    ч. 2, ст. 21 ч. 5).
    """
    async with new_uow() as uow:
        if await uow.consents.refused(certificate.worker):
            return
    result = await checks.check(certificate)
    async with new_uow() as uow:
        if await uow.consents.refused(certificate.worker):
            return
        await record_check(certificate.worker, certificate.id, result, uow=uow, clock=clock)
        await uow.commit()
