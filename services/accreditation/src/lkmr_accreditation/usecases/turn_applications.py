"""What time and the register do to applications by themselves."""

from dataclasses import replace
from datetime import date, timedelta

from lkmr_accreditation.domain.application import (
    Actor,
    Application,
    State,
    next_warning_day,
    warning_of,
)
from lkmr_accreditation.usecases.application_parts import (
    ApplicationParts,
    late_fact,
    moved_fact,
    take_step,
    today_for,
)
from lkmr_accreditation.usecases.ports import UnitOfWork
from lkmr_servicekit.clock import MOSCOW, day_in

PORTION, BREACH, HALF = 100, 100, 50
_LATEST_ZONE = timedelta(days=1)  # Kamchatka is a day ahead of Moscow for some hours
_ENDS = {
    State.DRAFT: State.DELETED,
    State.RETURNED: State.EXPIRED,
    State.CONSENT_ASKED: State.EXPIRED,
    State.READY: State.EXPIRED,
}


async def turn_applications(parts: ApplicationParts) -> int:
    """Warn of terms at 50 and 80 % and at the breach, once each; end what was left alone.

    Returns how many applications were looked at.
    """
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        due = await uow.applications.turning(day_in(MOSCOW, now) + _LATEST_ZONE, PORTION)
        turned = [one for one in due if await _turn(one, uow, parts)]
        await uow.commit()
    return len(turned)


async def _turn(found: Application, uow: UnitOfWork, parts: ApplicationParts) -> bool:
    now = parts.clock.now()
    today, start = today_for(found, now), today_for_time(found)
    warned = warning_of(found, start, today)
    if warned <= found.warned:
        return False
    if warned >= BREACH and found.state in _ENDS:
        await take_step(found, _ENDS[found.state], actor=Actor.CABINET, uow=uow, parts=parts)
        return True
    noted = replace(found, warned=warned)
    await uow.applications.save(noted, turn=next_warning_day(noted, start), now=now)
    late = [late_fact(noted)] if warned >= BREACH else []
    await uow.announce.facts([moved_fact(noted), *late])
    return True


def today_for_time(application: Application) -> date:
    """The day on which the present step began, in the zone of the organisation."""
    return today_for(application, application.state_time)


async def record_passed(parts: ApplicationParts) -> int:
    """Close passed applications whose entry has come into the register. Returns how many."""
    async with parts.new_uow() as uow:
        found = await uow.applications.recorded(PORTION)
        for one, number in found:
            await take_step(
                one,
                State.RECORDED,
                actor=Actor.REGISTER,
                uow=uow,
                parts=parts,
                reason=f"Запись {number}",
            )
        await uow.commit()
    return len(found)


async def finish_extracts(parts: ApplicationParts) -> int:
    """Requests for extracts become ready: the document is made when it is downloaded."""
    async with parts.new_uow() as uow:
        found = await uow.applications.extracts_to_make(PORTION)
        for one in found:
            await _finish(one, uow, parts)
        await uow.commit()
    return len(found)


async def _finish(found: Application, uow: UnitOfWork, parts: ApplicationParts) -> None:
    if found.state is State.EXTRACT_REQUESTED:
        found = await take_step(found, State.REGISTERED, actor=Actor.CABINET, uow=uow, parts=parts)
    stands = await uow.applications.has_entry(found.worker, found.specialty)
    to = State.READY if stands else State.REFUSED
    reason = "" if stands else "В реестре нет действующей записи по этой специальности"
    await take_step(found, to, actor=Actor.CABINET, uow=uow, parts=parts, reason=reason)
