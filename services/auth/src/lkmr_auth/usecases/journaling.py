"""Refusals enter the journal before the person hears of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from lkmr_auth.domain.audit import SIGN_IN, AuditEntry, Result
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.session import device_label
from lkmr_auth.domain.sign_in import Browser
from lkmr_auth.usecases.ports import NewUnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import Category, ServiceError

_FAILED = {Category.UNAVAILABLE, Category.TIMED_OUT, Category.INTERNAL, Category.RATE_LIMITED}


@dataclass(slots=True)
class Attempt:
    """What is known of a sign-in so far; a step adds to it."""

    browser: Browser
    person_id: PersonId | None = None


@asynccontextmanager
async def refusals_journalled(
    attempt: Attempt, *, new_uow: NewUnitOfWork, clock: Clock
) -> AsyncIterator[None]:
    """Journal a refusal of the block in a transaction of its own, then pass it on."""
    try:
        yield
    except ServiceError as refusal:
        entry = AuditEntry(
            operation=SIGN_IN,
            object=f"persons/{attempt.person_id}" if attempt.person_id else "sign_in",
            result=Result.FAILED if refusal.category in _FAILED else Result.DENIED,
            reason=refusal.reason,
            actor=attempt.person_id,
            address=attempt.browser.address,
            device=device_label(attempt.browser.user_agent.open()),
        )
        async with new_uow() as uow:
            await uow.journal.add(entry, clock.now())
            await uow.commit()
        raise
