"""What acts of administrators share: journal, repeats, reasons, the subject in reach."""

import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime

from lkmr_auth.domain.administration import ActByHand
from lkmr_auth.domain.errors import PersonNotFound, ReasonRequired
from lkmr_auth.domain.person import Person, PersonId
from lkmr_auth.domain.rights import Actor
from lkmr_auth.usecases.administration.ports import (
    AdministrationParts,
    AdministrationUnitOfWork,
)
from lkmr_servicekit.identity import Caller
from lkmr_servicekit.personal import Personal
from lkmr_servicekit.telemetry import counter

_MIN_REASON, _MAX_REASON = 5, 500
_acts = counter(
    "lkmr_auth_manual_account_actions_total",
    "Acts that administrators do by hand on accounts (F-298)",
    ("operation",),
)


def actor_of(caller: Caller) -> Actor:
    """The administrator behind a caller token."""
    return Actor(
        person_id=PersonId(uuid.UUID(caller.subject)),
        organization=caller.organization,
        role=caller.roles[0] if caller.roles else "",
        session=caller.session,
    )


def reason_in(text: str) -> str:
    """A reason in words, 5 to 500 characters. Raises ReasonRequired."""
    reason = " ".join(text.split())
    if not _MIN_REASON <= len(reason) <= _MAX_REASON:
        raise ReasonRequired(field="reason")
    return reason


async def subject_in_reach(
    uow: AdministrationUnitOfWork,
    person_id: PersonId,
    actor: Actor,
    parts: AdministrationParts,
    *,
    lock: bool = False,
) -> Person:
    """The person; one out of reach is like an unknown one. Raises PersonNotFound."""
    if not await uow.register.in_reach(person_id, parts.reach(actor)):
        raise PersonNotFound
    return await uow.people.get(person_id, lock=lock)


async def note_act(
    uow: AdministrationUnitOfWork,
    person_id: PersonId,
    *,
    operation: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep why it is done, with the act itself."""
    act = ActByHand(
        person_id=person_id,
        actor_id=actor.person_id,
        operation=operation,
        reason=Personal(reason),
        time=now,
    )
    await uow.acts.add(act)


def count_act(operation: str) -> None:
    """Count an act by hand on an account, after its commit."""
    _acts.labels(operation).inc()


async def once(
    uow: AdministrationUnitOfWork,
    caller: Caller,
    *,
    method: str,
    request_id: str,
    body: str,
    work: Callable[[], Awaitable[str]],
) -> str:
    """Do a command once: a repeat with the same id gives the first answer.

    Raises ServiceError REQUEST_ID_REUSED, REQUEST_RUNNING.
    """
    stored = await uow.requests.replay(caller, method, request_id, body.encode())
    if stored is not None:
        return stored.decode()
    made = await work()
    await uow.requests.store(caller, method, request_id, made.encode())
    return made
