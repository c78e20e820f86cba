"""Keep what is known of a person's right to practise: at each sign-in and when it changes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lkmr_auth.domain.facts import SessionChanged
from lkmr_auth.domain.lapse import Lapse
from lkmr_auth.usecases.administration.apply_rights import SESSIONS
from lkmr_auth.usecases.administration.ports import AdministrationParts
from lkmr_auth.usecases.outside_ports import Admissions
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.events import Event
from lkmr_servicekit.telemetry import log

CONSUMER = "compliance-changed"


async def lapses_now(
    worker_id: str, version: str, known: tuple[Lapse, ...], admissions: Admissions
) -> tuple[Lapse, ...]:
    """The lapses of today; what is known stays while nobody answers, so that sign-in goes on.

    `version` is that of the register card that the sign-in compared.
    """
    if not worker_id:
        return ()
    try:
        return await admissions.list_lapses(worker_id, min_version=int(version or 0))
    except ServiceError as fault:
        log.warning("practice.not_checked", reason=fault.reason)
        return known


async def follow_compliance(
    worker_id: str, event: Event[Any], *, admissions: Admissions, parts: AdministrationParts
) -> None:
    """Take over what the verdicts say now; open sessions are asked for anew when it differs.

    Repeats and the order of events do not matter, since the lapses are read after the event.
    Raises ServiceError while accreditation does not answer.
    """
    async with parts.new_uow() as uow:
        person = await uow.people.find_by_worker(worker_id)
    found = await admissions.list_lapses(worker_id, min_version=0) if person else ()
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        if not await uow.inbox.first_time(CONSUMER, event):
            return
        if person is not None:
            person = await uow.people.get(person.id, lock=True)
            if person.worker_id == worker_id and person.lapses != found:
                await uow.people.save(replace(person, lapses=found), now)
                for one in await uow.sessions.list_open(person.id, now, SESSIONS):
                    changed = SessionChanged(session=one.name, secret_hash=one.secret_hash)
                    await uow.announce(changed)
        await uow.commit()


async def follow_many(
    facts: Sequence[tuple[str, Event[Any]]], *, admissions: Admissions, parts: AdministrationParts
) -> None:
    """The same for a portion: after a change of law nearly all of it is about people unknown here.

    They cost one look and one claim together. Raises ServiceError while accreditation does not
    answer; what was taken over before it stays, and is not taken again.
    """
    async with parts.new_uow() as uow:
        known = await uow.people.known_workers([worker for worker, _ in facts])
    for worker, event in facts:
        if worker in known:
            await follow_compliance(worker, event, admissions=admissions, parts=parts)
    async with parts.new_uow() as uow:
        strangers = [event for worker, event in facts if worker not in known]
        await uow.inbox.first_times(CONSUMER, strangers)
        await uow.commit()
