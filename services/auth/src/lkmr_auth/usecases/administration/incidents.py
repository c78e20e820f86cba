"""What security administrators do with incidents and leaks."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from lkmr_auth.domain.errors import IncidentNotFound, ReasonRequired
from lkmr_auth.domain.incident import LEAK, Incident, IncidentState, LeakReport, LeakStep
from lkmr_auth.domain.person import Person
from lkmr_auth.domain.suspicion import Severity
from lkmr_auth.usecases.administration.acting import actor_of, reason_in
from lkmr_auth.usecases.administration.ports import (
    AdministrationParts,
    AdministrationUnitOfWork,
)
from lkmr_auth.usecases.administration.watch_journal import told_of
from lkmr_servicekit.identity import Caller

LIMIT = 200
LEAK_FIELDS = ("what", "cause", "harm", "measures", "contact")
Found = tuple[Incident, Person | None, LeakReport | None]


async def list_incidents(
    state: str, *, caller: Caller, parts: AdministrationParts
) -> tuple[Found, ...]:
    """In the caller's reach, newest first, with the people and clocks of leaks."""
    reach = parts.reach(actor_of(caller))
    async with parts.new_uow() as uow:
        found = await uow.incidents.page(reach, state, LIMIT)
        return tuple([await _whole(uow, one) for one in found])


async def read_incident(
    identity: uuid.UUID, *, caller: Caller, parts: AdministrationParts
) -> Found:
    """One of them. Raises IncidentNotFound."""
    async with parts.new_uow() as uow:
        return await _whole(uow, await _in_reach(uow, identity, caller, parts))


async def take_incident(identity: uuid.UUID, *, caller: Caller, parts: AdministrationParts) -> None:
    """Work on it from now on. Raises IncidentNotFound, IncidentClosed."""
    async with parts.new_uow() as uow:
        found = await _in_reach(uow, identity, caller, parts)
        await uow.incidents.save(found.take(actor_of(caller).person_id))
        await uow.commit()


async def close_incident(
    identity: uuid.UUID, resolution: str, *, caller: Caller, parts: AdministrationParts
) -> None:
    """Say what was found and done. Raises IncidentNotFound, IncidentClosed, ReasonRequired."""
    words = reason_in(resolution)
    async with parts.new_uow() as uow:
        found = await _in_reach(uow, identity, caller, parts)
        who = actor_of(caller).person_id
        await uow.incidents.save(found.close(who, words, parts.clock.now()))
        await uow.commit()


async def report_leak(
    discover_time: datetime,
    content: Mapping[str, str],
    *,
    caller: Caller,
    parts: AdministrationParts,
) -> uuid.UUID:
    """Open the form of a leak: its clocks of 24 and 72 hours run from the discovery.

    Raises ReasonRequired for an empty field or a discovery in the future.
    """
    now, actor = parts.clock.now(), actor_of(caller)
    for name in LEAK_FIELDS:
        if not content.get(name, "").strip():
            raise ReasonRequired(field=name)
    if discover_time > now:
        raise ReasonRequired(field="discover_time")
    incident = Incident(
        id=uuid.uuid4(),
        kind=LEAK,
        severity=Severity.CRITICAL,
        state=IncidentState.TAKEN,
        organization=actor.organization,
        facts={},
        detect_time=now,
        assignee_id=actor.person_id,
    )
    report = LeakReport(
        incident_id=incident.id,
        discover_time=discover_time,
        content={name: content[name].strip() for name in LEAK_FIELDS},
    )
    async with parts.new_uow() as uow:
        await uow.incidents.add(incident)
        await uow.incidents.save(incident)
        await uow.incidents.add_leak(report)
        await uow.announce(told_of(incident))
        await uow.commit()
    return incident.id


async def advance_leak(
    identity: uuid.UUID,
    step: LeakStep,
    text: str,
    *,
    caller: Caller,
    parts: AdministrationParts,
) -> None:
    """Note that the supervisor was told. Raises IncidentNotFound, LeakStepDone, ReasonRequired."""
    words = reason_in(text)
    async with parts.new_uow() as uow:
        await _in_reach(uow, identity, caller, parts)
        report = await uow.incidents.find_leak(identity)
        if report is None:
            raise IncidentNotFound
        await uow.incidents.save_leak(report.told(step, words, parts.clock.now()))
        await uow.commit()


async def _in_reach(
    uow: AdministrationUnitOfWork,
    identity: uuid.UUID,
    caller: Caller,
    parts: AdministrationParts,
) -> Incident:
    found = await uow.incidents.find(identity)
    if found is None or not parts.reach(actor_of(caller)).covers(found.organization):
        raise IncidentNotFound
    return found


async def _whole(uow: AdministrationUnitOfWork, one: Incident) -> Found:
    person = await uow.people.get(one.person_id) if one.person_id else None
    leak = await uow.incidents.find_leak(one.id) if one.kind == LEAK else None
    return one, person, leak
