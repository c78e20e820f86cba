"""Requests about personal data: submitted, taken, given more time, answered in time."""

import uuid
from dataclasses import dataclass
from typing import Protocol

from lkmr_access.erasure import Scope
from lkmr_auth.domain.access_errors import DataRequestNotFound, DataRequestTextInvalid
from lkmr_auth.domain.data_request import (
    DataRequest,
    Outcome,
    RequestKind,
    RequestStage,
    Terms,
    kind_chosen,
)
from lkmr_auth.domain.facts import DataRequestMoved
from lkmr_auth.domain.person import Person, PersonId
from lkmr_auth.usecases.administration.acting import actor_of, reason_in
from lkmr_auth.usecases.administration.ports import AdministrationUnitOfWork
from lkmr_auth.usecases.parts import AccessParts
from lkmr_auth.usecases.ports import UnitOfWork
from lkmr_servicekit.clock import MOSCOW, Clock, day_in
from lkmr_servicekit.identity import Caller
from lkmr_servicekit.working_days import shipped_working_days

LIMIT, _LEAST, _MOST = 200, 5, 2000


class Dated(Protocol):
    """Today, and the terms of the law."""

    @property
    def clock(self) -> Clock: ...

    @property
    def terms(self) -> Terms: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """A request with its person; `late` when its day has passed without an answer."""

    request: DataRequest
    person: Person
    late: bool


async def submit_request(
    kind: str, text: str, *, caller: Caller, parts: AccessParts
) -> DataRequest:
    """Raises DataRequestKindUnknown, DataRequestTextInvalid."""
    chosen, words = kind_chosen(kind), words_in(text, "text")
    actor = actor_of(caller)
    scope = Scope.ACCOUNT if chosen is RequestKind.ERASURE else None
    async with parts.new_uow() as uow:
        made = await open_request(
            uow, actor.person_id, actor.organization, chosen, words, parts=parts, scope=scope
        )
        await uow.commit()
    return made


async def open_request(
    uow: UnitOfWork,
    person: PersonId,
    organization: str,
    kind: RequestKind,
    text: str,
    *,
    parts: Dated,
    entry: uuid.UUID | None = None,
    identity: uuid.UUID | None = None,
    scope: Scope | None = None,
) -> DataRequest:
    """Within a running transaction; a dispute of the same entry is opened once."""
    now = parts.clock.now()
    today = day_in(MOSCOW, now)
    made = DataRequest(
        id=identity or uuid.uuid4(),
        person_id=person,
        organization_id=organization,
        kind=kind,
        text=text,
        event_id=entry,
        create_time=now,
        due_date=parts.terms.of(kind, today).end(today, shipped_working_days()),
        scope=scope,
    )
    await uow.data_requests.add(made)
    await uow.announce(DataRequestMoved(request=made))
    return made


async def supersede_requests(
    uow: UnitOfWork, person: PersonId, scope: Scope, title: str, *, parts: Dated
) -> None:
    """Close what asks for the end of a purpose to which the person has consented anew."""
    for one in await uow.data_requests.list_of(person):
        if one.scope is scope and one.state is not RequestStage.ANSWERED:
            words = f"Согласие «{title}» дано снова: уничтожать данные не нужно."
            made = one.superseded(words, parts.clock.now())
            await uow.data_requests.save(made)
            await uow.announce(DataRequestMoved(request=made))


async def list_own_requests(*, caller: Caller, parts: AccessParts) -> tuple[DataRequest, ...]:
    """The caller's own ones, newest first."""
    async with parts.new_uow() as uow:
        return await uow.data_requests.list_of(actor_of(caller).person_id)


async def list_requests(*, caller: Caller, parts: AccessParts) -> tuple[RequestRow, ...]:
    """Those in reach: what is due first."""
    today = day_in(MOSCOW, parts.clock.now())
    async with parts.new_uow() as uow:
        found = await uow.data_requests.page(parts.reach(actor_of(caller)), LIMIT)
        return tuple(
            [
                RequestRow(
                    request=one,
                    person=await uow.people.get(one.person_id),
                    late=one.answer_time is None and one.due_date < today,
                )
                for one in found
            ]
        )


async def take_request(identity: uuid.UUID, *, caller: Caller, parts: AccessParts) -> None:
    """Raises DataRequestNotFound, DataRequestAnswered, SeparationOfDuties."""
    async with parts.new_uow() as uow:
        found = await request_in_reach(uow, identity, caller, parts)
        await uow.data_requests.save(found.taken(actor_of(caller).person_id))
        await uow.commit()


async def extend_request(
    identity: uuid.UUID, reason: str, *, caller: Caller, parts: AccessParts
) -> None:
    """The person is told why. Raises DataRequestNotExtendable, ReasonRequired, and as taking."""
    words, days = reason_in(reason), shipped_working_days()
    async with parts.new_uow() as uow:
        found = await request_in_reach(uow, identity, caller, parts)
        term = parts.terms.of(found.kind, day_in(MOSCOW, found.create_time))
        made = found.extended(actor_of(caller).person_id, words, term, days)
        await uow.data_requests.save(made)
        await uow.announce(DataRequestMoved(request=made))
        await uow.commit()


async def answer_request(
    identity: uuid.UUID, text: str, outcome: Outcome, *, caller: Caller, parts: AccessParts
) -> None:
    """The person hears of it. Raises DataRequestTextInvalid, and as taking."""
    words = words_in(text, "text")
    async with parts.new_uow() as uow:
        found = await request_in_reach(uow, identity, caller, parts)
        made = found.answered(actor_of(caller).person_id, words, outcome, parts.clock.now())
        await uow.data_requests.save(made)
        await uow.announce(DataRequestMoved(request=made))
        await uow.commit()


def words_in(text: str, field: str) -> str:
    """A text of 5 to 2000 letters. Raises DataRequestTextInvalid."""
    words = text.strip()
    if not _LEAST <= len(words) <= _MOST:
        raise DataRequestTextInvalid(field=field)
    return words


async def request_in_reach(
    uow: AdministrationUnitOfWork, identity: uuid.UUID, caller: Caller, parts: AccessParts
) -> DataRequest:
    """The request, its row locked. Raises DataRequestNotFound for one out of reach."""
    found = await uow.data_requests.find(identity)
    if found is None or not parts.reach(actor_of(caller)).covers(found.organization_id):
        raise DataRequestNotFound
    return found
