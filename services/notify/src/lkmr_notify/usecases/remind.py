"""Remind of terms whose threshold has passed, once for each recipient and for ever."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lkmr_notify.domain.message import Message
from lkmr_notify.domain.reminders import (
    Profile,
    Threshold,
    advice_of,
    days_left,
    due_now,
    kind_of,
    next_moment,
    recipients,
)
from lkmr_notify.domain.rules import Rules, Whom
from lkmr_notify.domain.texts import Texts
from lkmr_notify.domain.words import Value
from lkmr_notify.usecases.compose import Letter, known_of, put_together
from lkmr_notify.usecases.ports import Facts, People, Recipient
from lkmr_notify.usecases.stores import Reminder, StoredTerm
from lkmr_notify.usecases.tell_of_fact import ASKED_AT_ONCE, ids_of, recipients_of
from lkmr_notify.usecases.work import NewUnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.telemetry import log

PORTION = 200
LATER = timedelta(minutes=5)
SOON = timedelta(seconds=10)
_PASSING = frozenset({Category.UNAVAILABLE, Category.TIMED_OUT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminding:
    """What reminding needs; made once by `main.py`."""

    people: People
    facts: Mapping[str, Facts]
    rules: Rules
    texts: Texts
    profiles: Mapping[str, Profile]
    new_uow: NewUnitOfWork
    clock: Clock


@dataclass(frozen=True, slots=True)
class Turn:
    """A term whose turn it is: what is to be said and to whom, and when to look at it again."""

    found: StoredTerm
    threshold: str
    letters: Sequence[tuple[Letter, Sequence[Recipient]]]
    next_time: datetime | None


async def remind_due(parts: Reminding) -> int:
    """Remind of a portion of terms whose threshold has passed; returns how many were handled.

    A term whose turn fails is looked at again, in ten seconds when a peer was away, in five minutes
    when its text is broken, and does not stop the others. Raises ServiceError while the database is
    away.
    """
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        found = await uow.terms.due(now, PORTION)
    if not found:
        return 0
    gate = asyncio.Semaphore(ASKED_AT_ONCE)
    asked = await asyncio.gather(
        *(_turn(one, now, parts, gate) for one in found), return_exceptions=True
    )
    ready = [one for one in asked if isinstance(one, Turn)]
    failed = [
        (one, fault)
        for one, fault in zip(found, asked, strict=True)
        if isinstance(fault, BaseException)
    ]
    failed += await _told_apart(ready, now, parts)
    for one, fault in failed:
        if not isinstance(fault, Exception):
            raise fault
        await _postpone(one, fault, now, parts)
    return len(found) - len(failed)


async def _told_apart(
    turns: Sequence[Turn], now: datetime, parts: Reminding
) -> list[tuple[StoredTerm, BaseException]]:
    """Tell the portion at once; one by one when something is wrong with it. Gives what failed."""
    try:
        await tell(turns, now=now, parts=parts)
    except Exception as fault:  # noqa: BLE001 - one term must not stop the others
        if len(turns) == 1:
            return [(turns[0].found, fault)]
        log.warning("reminders.parted", terms=len(turns), kind=type(fault).__name__)
        return [bad for one in turns for bad in await _told_apart([one], now, parts)]
    return []


async def _postpone(found: StoredTerm, fault: Exception, now: datetime, parts: Reminding) -> None:
    log.warning("reminder.postponed", topic=found.term.topic, kind=type(fault).__name__)
    away = isinstance(fault, ServiceError) and fault.category in _PASSING
    async with parts.new_uow() as uow:
        await uow.terms.postpone(found.term.topic, now + (SOON if away else LATER))
        await uow.commit()


async def _turn(
    found: StoredTerm, now: datetime, parts: Reminding, gate: asyncio.Semaphore
) -> Turn:
    term, profile = found.term, parts.profiles[found.term.profile]
    threshold = due_now(term, profile, handled=found.handled, now=now)
    letters: Sequence[tuple[Letter, Sequence[Recipient]]] = ()
    if threshold is not None:
        async with gate:
            letters = await _letters(found, profile, threshold, now, parts)
    key = threshold.key if threshold is not None else ""
    return Turn(found, key, letters, next_moment(term, profile, after=now))


async def tell(turns: Sequence[Turn], *, now: datetime, parts: Reminding) -> list[Message]:
    """Tell of the nearest threshold of each term that has passed, all or nothing.

    Peers were asked before; a crash at any place repeats the whole, and what was noted is not told
    again. A term that changed meanwhile is left as it is. Raises ServiceError while the database is
    away, LookupError, ValueError for a text that is broken.
    """
    made: list[Message] = []
    async with parts.new_uow() as uow:
        held = await uow.terms.lock([one.found for one in turns])
        mine = [one for one in turns if one.found.term.topic in held]
        said = [(one, letter, people) for one in mine for letter, people in one.letters]
        fresh = await uow.terms.first(
            [_reminder(one, letter, to) for one, letter, people in said for to in people], now
        )
        known = await known_of([to for _, _, people in said for to in people], uow)
        for one, letter, people in said:
            told = [to for to in people if _reminder(one, letter, to) in fresh]
            made += put_together(letter, told, known, now=now)
        if made:
            await uow.messages.add_all(made)
            await uow.announce_created(*made)
        await uow.terms.handled([(one.found.term.topic, one.next_time) for one in mine], now)
        await uow.commit()
    return made


def _reminder(turn: Turn, letter: Letter, to: Recipient) -> Reminder:
    term = turn.found.term
    return Reminder(term.topic, term.end_date, turn.threshold, to.person, letter.rule.kind)


async def _letters(
    found: StoredTerm, profile: Profile, threshold: Threshold, now: datetime, parts: Reminding
) -> list[tuple[Letter, list[Recipient]]]:
    term = found.term
    left = days_left(term, now)
    more = await parts.facts[term.values].values(term.topic) if term.values else {}
    values: dict[str, Value] = {
        **ids_of(term.topic),
        **more,
        "days": abs(left),
        "deadline": term.end_date,
        "document": profile.word,
        "advice": advice_of(profile, threshold),
    }
    by_kind: dict[str, list[Whom]] = {}
    for whom in recipients(profile, left):
        by_kind.setdefault(kind_of(profile, whom, left), []).append(whom)
    made = []
    for kind, whoms in by_kind.items():
        rule = parts.rules.kind(kind)
        own = Whom.SUBJECT in whoms
        letter = Letter(
            rule=rule,
            template=parts.texts.latest(kind),
            values=values,
            link=term.link if own else rule.link,
            topic=term.topic,
        )
        name = f"workers/{term.worker}"
        made.append((letter, await recipients_of(whoms, name, parts.people)))
    return made
