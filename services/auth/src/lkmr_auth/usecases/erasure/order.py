"""Order the destruction of what a request is about, by an officer who has confirmed it."""

import uuid

from lkmr_access.erasure import Scope
from lkmr_auth.domain.audit import ERASURE_REPORT
from lkmr_auth.domain.data_request import DataRequest, RequestStage
from lkmr_auth.domain.erasure import OWN, Circumstances, Erasure, Part, require_free
from lkmr_auth.domain.facts import DataRequestMoved, ErasureAsked
from lkmr_auth.domain.journal import Reported
from lkmr_auth.domain.person import Person
from lkmr_auth.domain.session import EndReason
from lkmr_auth.usecases.access.data_requests import request_in_reach, words_in
from lkmr_auth.usecases.administration.acting import actor_of
from lkmr_auth.usecases.administration.apply_rights import SESSIONS, end_sessions
from lkmr_auth.usecases.erasure.parts import ErasureParts, ErasureUnitOfWork
from lkmr_servicekit.audit import Act
from lkmr_servicekit.clock import MOSCOW, day_in
from lkmr_servicekit.identity import Caller


async def order_erasure(
    identity: uuid.UUID, text: str, *, caller: Caller, parts: ErasureParts
) -> Erasure:
    """Close the account and destroy its data here; all other services are told in the same act.

    Raises DataRequestNotFound, DataRequestAnswered, DataRequestTextInvalid, ErasureNotAsked,
    ErasureHeld, SeparationOfDuties, and what accreditation raises while it is away.
    """
    words, actor, now = words_in(text, "text"), actor_of(caller), parts.access.clock.now()
    applying = await _applying(identity, caller, parts)
    async with parts.new_uow() as uow:
        request = await request_in_reach(uow, identity, caller, parts.access)
        answered = request.destroyed(actor.person_id, words, now)
        person = await uow.people.get(request.person_id, lock=True)
        erasure = Erasure.ordered(request, person, actor.person_id, now)
        found = await _circumstances(uow, request, person, parts, applying=applying)
        require_free(erasure.scope, found)
        await uow.data_requests.save(answered)
        if erasure.scope is Scope.ACCOUNT:
            erasure = await _close(uow, erasure, parts)
        else:
            await uow.announce(DataRequestMoved(request=answered))
        await uow.erasures.add(erasure)
        await uow.announce(ErasureAsked(erasure=erasure))
        await uow.commit()
    return erasure


async def _applying(identity: uuid.UUID, caller: Caller, parts: ErasureParts) -> bool:
    """Whether an application of the person is on its way; asked outside of the transaction."""
    async with parts.new_uow() as uow:
        request = await request_in_reach(uow, identity, caller, parts.access)
        person = await uow.people.get(request.person_id)
    asked = request.scope is Scope.ACCOUNT and person.worker_id
    return bool(asked) and await parts.applications.any_of(person.worker_id)


async def _circumstances(
    uow: ErasureUnitOfWork,
    request: DataRequest,
    person: Person,
    parts: ErasureParts,
    *,
    applying: bool,
) -> Circumstances:
    others = await uow.data_requests.list_of(person.id)
    waiting = [
        one for one in others if one.id != request.id and one.state is not RequestStage.ANSWERED
    ]
    return Circumstances(
        person=person,
        day=day_in(MOSCOW, parts.access.clock.now()),
        roles=len(await uow.people.bindings(person.id)),
        open_applications=applying,
        open_incidents=await uow.erasures.has_open_incident(person.id),
        open_requests=bool(waiting),
    )


async def _close(uow: ErasureUnitOfWork, erasure: Erasure, parts: ErasureParts) -> Erasure:
    """End the sessions and destroy what auth holds, with its report."""
    now = parts.access.clock.now()
    for session in await uow.sessions.list_open(erasure.person_id, now, SESSIONS):
        await end_sessions(uow, session, EndReason.ACCOUNT_BLOCKED, now)
    part = Part(
        service=OWN,
        destroyed=await uow.destroyer.destroy(erasure.order),
        event_id=uuid.uuid4(),
        report_time=now,
    )
    await uow.journal.record([reported(erasure, part)], now)
    return erasure.with_report(part)


def reported(erasure: Erasure, part: Part) -> Reported:
    """The row of the journal that tells of what a service destroyed; numbers stay in the act."""
    if part.event_id is None:
        raise ValueError("REPORT_WITHOUT_EVENT")
    act = Act(
        operation=ERASURE_REPORT,
        object=erasure.name,
        subject=f"persons/{erasure.person_id}",
        actor=f"programs/{part.service}",
        organization=erasure.organization_id,
        purpose=erasure.scope.value,
        time=part.report_time,
    )
    return Reported(event_id=part.event_id, source=part.service, act=act)
