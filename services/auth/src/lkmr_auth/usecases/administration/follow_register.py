"""A card of the worker register changed: account, roles and sessions follow."""

from dataclasses import replace
from typing import Any

from lkmr_auth.domain.activation import issued_number
from lkmr_auth.domain.identity import WorkerCard
from lkmr_auth.domain.person import NO_NAMES, Person, snils_digits
from lkmr_auth.domain.posts import Posts
from lkmr_auth.usecases.activation.decide import tell_decisions
from lkmr_auth.usecases.administration.apply_rights import apply_rights
from lkmr_auth.usecases.administration.ports import (
    AdministrationParts,
    AdministrationUnitOfWork,
)
from lkmr_auth.usecases.bind_by_register import bind_by_register
from lkmr_auth.usecases.outside_ports import Registers
from lkmr_servicekit.clock import MOSCOW, day_in
from lkmr_servicekit.events import Event
from lkmr_servicekit.personal import Personal
from lkmr_servicekit.telemetry import log

CONSUMER = "register-record-changed"


async def follow_register(
    worker_id: str,
    *,
    min_version: int,
    event: Event[Any],
    registers: Registers,
    posts: Posts,
    parts: AdministrationParts,
) -> None:
    """Take over the present card once.

    Who is new and has a job gets an account to activate and the role of the post; a job that is
    over takes the role and the sessions under it at once. Repeats and the order of events do not
    matter, since the card is read after the event. Raises IdentityCheckUnavailable.
    """
    found = await registers.find_card(worker_id, min_version=min_version)
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        if not await uow.inbox.first_time(CONSUMER, event):
            return
        person = await _person(uow, worker_id, found, parts)
        if person is not None:
            await bind_by_register(uow, person, now, posts)
            await apply_rights(uow, person.id, now)
        await uow.commit()


async def _person(
    uow: AdministrationUnitOfWork,
    worker_id: str,
    found: WorkerCard | None,
    parts: AdministrationParts,
) -> Person | None:
    """The person with the jobs of the card; None when nobody here is concerned."""
    now = parts.clock.now()
    if found is None:
        known = await uow.people.find_by_worker(worker_id)
        if known is None:
            return None
        person = replace(await uow.people.get(known.id, lock=True), register_jobs=())
    else:
        made = await _account(uow, found, parts)
        if made is None:
            return None
        card = found.card
        person = replace(
            made,
            worker_id=card.worker_id,
            register_version=card.version,
            register_jobs=card.jobs,
            names=found.names if made.names == NO_NAMES else made.names,
            employee_number=made.employee_number
            if made.employee_number.open()
            else issued_number(made.account_number),
        )
        await tell_decisions(uow, made, person)
    await uow.people.save(person, now)
    return person


async def _account(
    uow: AdministrationUnitOfWork, found: WorkerCard, parts: AdministrationParts
) -> Person | None:
    now = parts.clock.now()
    try:
        snils = Personal(snils_digits(found.snils.open()))
    except ValueError:
        log.warning("register.card_without_snils", worker=found.card.worker_id)
        return None
    known = await uow.people.find_by_snils(snils)
    if known is not None:
        return await uow.people.get(known.id, lock=True)
    if not any(job.lasts_on(day_in(MOSCOW, now)) for job in found.card.jobs):
        return None
    return await uow.people.create(snils, active=False, now=now)
