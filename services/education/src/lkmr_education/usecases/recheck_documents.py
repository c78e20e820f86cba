"""Ask ФИС ФРДО anew about a worker's documents before something rests on them (заявление)."""

import asyncio

from lkmr_education.domain.certificate import ASK_EACH
from lkmr_education.usecases.check_documents import LEASE, ask
from lkmr_education.usecases.ports import Checks, NewUnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.telemetry import log


async def recheck_documents(
    worker: str, *, seconds: float, checks: Checks, new_uow: NewUnitOfWork, clock: Clock
) -> int:
    """How many were asked about: those of which the register has said nothing for an hour.

    After `seconds` nobody waits longer: what was not answered is asked about in the background.
    """
    now = clock.now()
    async with new_uow() as uow:
        due = await uow.certificates.claim_of(
            worker, asked_before=now - ASK_EACH, until=now + LEASE
        )
        await uow.commit()
    try:
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
            for one in due:
                group.create_task(ask(one, checks=checks, new_uow=new_uow, clock=clock))
    except TimeoutError:
        log.warning("documents.recheck_too_slow", documents=len(due))
    return len(due)
