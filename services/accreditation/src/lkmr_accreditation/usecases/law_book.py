"""The law as it stands now: what was shipped, and what operators added since."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lkmr_accreditation.domain.compliance import Registry
from lkmr_accreditation.domain.events import LawAnnounced, LawFact, LawStarted, ReviewMissed
from lkmr_accreditation.domain.law import Law
from lkmr_accreditation.usecases.ports import UnitOfWork
from lkmr_servicekit.clock import MOSCOW, Clock, day_in


class LawBook:
    """Holds the present registry; `registry` is asked anew at each use."""

    def __init__(self, shipped: Mapping[str, Any], registry: Registry) -> None:
        self._shipped, self._entries = shipped, 0
        self.registry = registry

    @property
    def law(self) -> Law:
        """The norms."""
        return self.registry.law

    async def reload(self, new_uow: Callable[[], UnitOfWork]) -> bool:
        """Take in what operators added; True when there was something new.

        Raises TypeError, KeyError or ValueError when an entry has another form.
        """
        async with new_uow() as uow:
            entries = await uow.law.entries()
        if len(entries) == self._entries:
            return False
        law = Law.from_data(self._shipped, *entries)
        self.registry = replace(self.registry, law=law)
        self._entries = len(entries)
        return True


async def announce_law(*, new_uow: Callable[[], UnitOfWork], book: LawBook, clock: Clock) -> int:
    """Make known changes of law that are to come, those whose day is there, reviews that are late.

    Each once, whatever instance and however often it is asked. Returns how many there were.
    """
    now = clock.now()
    today, law = day_in(MOSCOW, now), book.law
    coming = {
        f"change:{one.id}": one
        for one in law.changes
        if one.announce_on <= today <= one.effective_on
    }
    late = {f"review:{one.key}:{one.review_on}": one for one in law.overdue(today)}
    begun = {f"start:{one.id}": one for one in law.changes if one.effective_on <= today}
    async with new_uow() as uow:
        told = await uow.law.was_announced([f"change:{one.id}" for one in begun.values()])
        begun = {key: one for key, one in begun.items() if f"change:{one.id}" in told}
        new = await uow.law.first_announced([*coming, *late, *begun], now)
        facts: list[LawFact] = [LawAnnounced(coming[one]) for one in sorted(new & coming.keys())]
        facts += [LawStarted(begun[one]) for one in sorted(new & begun.keys())]
        facts += [ReviewMissed(late[one]) for one in sorted(new & late.keys())]
        if facts:
            await uow.announce.facts(facts)
            await uow.commit()
    return len(facts)
