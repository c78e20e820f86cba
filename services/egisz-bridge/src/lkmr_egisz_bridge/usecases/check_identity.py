"""Compare a person with both registers at once."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic

from lkmr_egisz_bridge.domain.errors import RegisterUnavailable
from lkmr_egisz_bridge.domain.identity import (
    Claim,
    FullName,
    Verdict,
    compare_dates,
    compare_names,
    compare_policies,
)
from lkmr_egisz_bridge.usecases.ports import C, InsuredRegister, WorkerRegister
from lkmr_servicekit.clock import Clock


@dataclass(frozen=True, slots=True)
class IdentityCheck(Generic[C]):
    """The verdict, the card it was made from, and the moment of the answers."""

    verdict: Verdict
    card: C | None
    check_time: datetime


async def check_identity(
    claim: Claim,
    *,
    workers: WorkerRegister[C],
    insured: InsuredRegister,
    clock: Clock,
    observe: Callable[[IdentityCheck[C]], None] = lambda _: None,
    by_binding: bool = False,
) -> IdentityCheck[C]:
    """Ask both registers now, never a memory, and compare. Raises RegisterUnavailable.

    The insured register is asked only when the person has a policy to compare, the worker register
    only when the person is not confirmed by a binding.
    """
    snils, policy = claim.snils.open(), claim.policy_number.open()
    born = claim.birth_date.open()
    try:
        async with asyncio.TaskGroup() as group:
            card_task = None if by_binding else group.create_task(workers.find(snils))
            policy_task = group.create_task(insured.policies(snils, born)) if policy else None
    except* RegisterUnavailable as several:
        raise _first(several) from None
    card = card_task.result() if card_task else None
    policies = policy_task.result() if policy_task else frozenset[str]()
    verdict = Verdict(
        in_worker_register=card is not None, policy_number=compare_policies(policy, policies)
    )
    if card is not None:
        registered = FullName(card.family_name, card.given_name, card.patronymic)
        known = date.fromisoformat(card.birth_date) if card.birth_date else None
        verdict = Verdict(
            in_worker_register=True,
            name=compare_names(claim.name.open(), registered),
            birth_date=compare_dates(born, known),
            policy_number=verdict.policy_number,
        )
    check = IdentityCheck(verdict, card, clock.now())
    observe(check)
    return check


def _first(several: BaseExceptionGroup[RegisterUnavailable]) -> RegisterUnavailable:
    fault: BaseException = several
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    assert isinstance(fault, RegisterUnavailable)  # noqa: S101 - `except*` has chosen the type
    return fault
