"""Emergency access to one card: begun with a reason, told at once, ended, reviewed."""

import uuid
from dataclasses import dataclass, replace
from datetime import timedelta

from lkmr_auth.domain.access_errors import EmergencyNotFound
from lkmr_auth.domain.emergency import (
    KIND,
    EmergencyAccess,
    ReviewResult,
    card_named,
    reason_chosen,
)
from lkmr_auth.domain.facts import SessionChanged
from lkmr_auth.domain.incident import Incident, IncidentState
from lkmr_auth.domain.person import Person, PersonId
from lkmr_auth.domain.policy import EMERGENCY_MINUTES, REVIEW_DAYS
from lkmr_auth.domain.suspicion import Severity
from lkmr_auth.usecases.access.policies import number_in_force
from lkmr_auth.usecases.administration.acting import actor_of, reason_in
from lkmr_auth.usecases.administration.apply_rights import SESSIONS
from lkmr_auth.usecases.administration.watch_journal import told_of
from lkmr_auth.usecases.parts import AccessParts
from lkmr_auth.usecases.ports import UnitOfWork
from lkmr_servicekit.clock import MOSCOW, day_in
from lkmr_servicekit.identity import Caller
from lkmr_servicekit.working_days import shipped_working_days

LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyRow:
    """An access with the person who used it."""

    access: EmergencyAccess
    person: Person


async def start_emergency(
    card: str, reason_code: str, reason: str, *, caller: Caller, parts: AccessParts
) -> EmergencyAccess:
    """Open a card without a treatment relation (323-ФЗ, art. 13 part 4 item 1).

    The security administrators hear of it in the same transaction. A card that is open already
    stays open as it is. Raises EmergencyObjectInvalid, EmergencyReasonUnknown, ReasonRequired.
    """
    actor, now = actor_of(caller), parts.clock.now()
    name, code, words = card_named(card), reason_chosen(reason_code), reason_in(reason)
    async with parts.new_uow() as uow:
        await uow.people.get(actor.person_id, lock=True)
        held = await uow.emergencies.open_of(actor.person_id, now)
        if already := next((one for one in held if one.object == name), None):
            return already
        minutes = await number_in_force(uow, EMERGENCY_MINUTES, parts)
        days = await number_in_force(uow, REVIEW_DAYS, parts)
        access = EmergencyAccess(
            id=uuid.uuid4(),
            person_id=actor.person_id,
            organization_id=actor.organization,
            role=actor.role,
            session=actor.session,
            object=name,
            reason_code=code,
            reason=words,
            start_time=now,
            expire_time=now + timedelta(minutes=minutes),
            review_due_date=shipped_working_days().add(day_in(MOSCOW, now), days),
        )
        await uow.emergencies.add(access)
        incident = Incident(
            id=uuid.uuid4(),
            kind=KIND,
            severity=Severity.WARNING,
            state=IncidentState.DETECTED,
            person_id=actor.person_id,
            organization=actor.organization,
            session=actor.session,
            facts={"minutes": minutes, "reason": code},
            detect_time=now,
        )
        await uow.incidents.add(incident)
        await uow.announce(told_of(incident))
        await _ask_anew(uow, actor.person_id, parts)
        await uow.commit()
    return access


async def end_emergency(identity: uuid.UUID, *, caller: Caller, parts: AccessParts) -> None:
    """Close the card before its time. Raises EmergencyNotFound."""
    who, now = actor_of(caller).person_id, parts.clock.now()
    async with parts.new_uow() as uow:
        found = await uow.emergencies.find(identity)
        if found is None or found.person_id != who:
            raise EmergencyNotFound
        if found.lasts(now):
            await uow.emergencies.save(replace(found, end_time=now))
            await _ask_anew(uow, who, parts)
        await uow.commit()


async def list_own_emergencies(
    *, caller: Caller, parts: AccessParts
) -> tuple[EmergencyAccess, ...]:
    """The caller's own ones, newest first."""
    async with parts.new_uow() as uow:
        return await uow.emergencies.list_of(actor_of(caller).person_id, LIMIT)


async def list_emergencies(*, caller: Caller, parts: AccessParts) -> tuple[EmergencyRow, ...]:
    """Those of the organisations in reach: what waits for a review first."""
    async with parts.new_uow() as uow:
        found = await uow.emergencies.page(parts.reach(actor_of(caller)), LIMIT)
        return tuple(
            [
                EmergencyRow(access=one, person=await uow.people.get(PersonId(one.person_id)))
                for one in found
            ]
        )


async def review_emergency(
    identity: uuid.UUID, result: ReviewResult, *, caller: Caller, parts: AccessParts
) -> None:
    """Say whether it was justified.

    Raises EmergencyNotFound, EmergencyReviewed, SeparationOfDuties.
    """
    actor = actor_of(caller)
    async with parts.new_uow() as uow:
        found = await uow.emergencies.find(identity)
        if found is None or not parts.reach(actor).covers(found.organization_id):
            raise EmergencyNotFound
        reviewed = found.reviewed(actor.person_id, result, parts.clock.now())
        await uow.emergencies.save(reviewed)
        await uow.commit()


async def emergency_lasts(person: PersonId, card: str, *, parts: AccessParts) -> bool:
    """Whether a person may open a card by an emergency access now; for services with cards."""
    async with parts.new_uow() as uow:
        held = await uow.emergencies.open_of(person, parts.clock.now())
    return any(one.object == card for one in held)


async def _ask_anew(uow: UnitOfWork, person: PersonId, parts: AccessParts) -> None:
    """Gateways show the time limit in the header of every page."""
    for one in await uow.sessions.list_open(person, parts.clock.now(), SESSIONS):
        await uow.announce(SessionChanged(session=one.name, secret_hash=one.secret_hash))
