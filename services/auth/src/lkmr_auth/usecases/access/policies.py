"""Policies of security: what is in force, and what a security administrator decides."""

from dataclasses import dataclass
from datetime import date

from lkmr_auth.domain.access_errors import PolicyValueInvalid
from lkmr_auth.domain.person import Person
from lkmr_auth.domain.policy import PolicyDecision, PolicyKind
from lkmr_auth.domain.retention import Retention
from lkmr_auth.usecases.administration.acting import actor_of, reason_in
from lkmr_auth.usecases.parts import AccessParts
from lkmr_auth.usecases.ports import UnitOfWork
from lkmr_servicekit.clock import MOSCOW, day_in
from lkmr_servicekit.identity import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyState:
    """A policy with its value of today and the decisions about it, newest first.

    `organization` is where the reader decides it; empty: at all organisations.
    """

    kind: PolicyKind
    value: str
    organization: str
    decisions: tuple[tuple[PolicyDecision, Person], ...]


async def list_policies(*, caller: Caller, parts: AccessParts) -> tuple[PolicyState, ...]:
    """All of them as they hold where the reader decides, in the order of the data file."""
    day, own = day_in(MOSCOW, parts.clock.now()), _decided_at(caller, parts)
    async with parts.new_uow() as uow:
        found = await uow.policies.list()
        decisions = [one for one in found if one.organization in {"", own}]
        people = {one.decider_id: await uow.people.get(one.decider_id) for one in decisions}
    values = parts.policies.in_force(decisions, day, own)
    return tuple(
        PolicyState(
            kind=kind,
            value=values[kind.key],
            organization=own if kind.by_organization else "",
            decisions=tuple(
                (one, people[one.decider_id]) for one in decisions if one.key == kind.key
            ),
        )
        for kind in parts.policies.kinds.values()
    )


async def decide_policy(
    key: str, value: str, effective: date, reason: str, *, caller: Caller, parts: AccessParts
) -> None:
    """From a day on that has not passed.

    Raises PolicyUnknown, PolicyValueInvalid, ReasonRequired.
    """
    now = parts.clock.now()
    checked, words = parts.policies.checked(key, value), reason_in(reason)
    if effective < day_in(MOSCOW, now):
        raise PolicyValueInvalid(field="effective_date")
    by_organization = parts.policies.kinds[key].by_organization
    decision = PolicyDecision(
        organization=_decided_at(caller, parts) if by_organization else "",
        key=key,
        value=checked,
        effective_date=effective,
        decide_time=now,
        decider_id=actor_of(caller).person_id,
        reason=words,
    )
    async with parts.new_uow() as uow:
        await uow.policies.add(decision)
        await uow.commit()


def _decided_at(caller: Caller, parts: AccessParts) -> str:
    """The organisation for which an administrator decides; the operator's ones decide for all."""
    actor = actor_of(caller)
    return "" if parts.reach(actor).everywhere else actor.organization


async def values_in_force(*, parts: AccessParts) -> dict[str, str]:
    """The values of today."""
    async with parts.new_uow() as uow:
        return await _values(uow, parts)


async def retention_in_force(*, parts: AccessParts) -> Retention:
    """How long months of the journal are kept, as of today."""
    return Retention.of(await values_in_force(parts=parts))


async def number_in_force(uow: UnitOfWork, key: str, parts: AccessParts) -> int:
    """A number of today, inside a running transaction."""
    return int((await _values(uow, parts))[key])


async def _values(uow: UnitOfWork, parts: AccessParts) -> dict[str, str]:
    day = day_in(MOSCOW, parts.clock.now())
    return parts.policies.in_force(await uow.policies.list(), day)
