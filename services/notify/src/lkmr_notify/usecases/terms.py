"""Keep the terms that other services announce, and remind of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lkmr_notify.domain.message import Message
from lkmr_notify.domain.reminders import (
    Profile,
    Term,
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
from lkmr_notify.usecases.compose import Letter, compose
from lkmr_notify.usecases.ports import Facts, People, Recipient
from lkmr_notify.usecases.stores import StoredTerm
from lkmr_notify.usecases.tell_of_fact import Fact, ids_of, recipients_of
from lkmr_notify.usecases.work import NewUnitOfWork
from lkmr_servicekit.clock import MOSCOW, Clock
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.telemetry import log

PORTION = 100
LATER = timedelta(minutes=5)
SOON = timedelta(seconds=10)
_PASSING = frozenset({Category.UNAVAILABLE, Category.TIMED_OUT})


@dataclass(frozen=True, slots=True)
class TermSource:
    """An event that tells of terms: who tells more of the resource, and where it opens.

    `fields` says how the event calls what others call `resource`, `worker`, `expire_date`;
    `profile` is that of an event that has one kind of terms, and `solved` which words of which
    field end a term of it.
    """

    event: str
    link: str
    values: str = ""
    profile: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    solved: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def read(self, fact: Fact) -> Mapping[str, Value]:
        """The fields of a fact under the names that all terms have."""
        given = fact.fields
        renamed = {name: given[own] for name, own in self.fields.items() if own in given}
        if self.profile:
            renamed["profile"] = self.profile
        if any(str(given.get(name, "")) in words for name, words in self.solved.items()):
            renamed["solved"] = True
        return {**given, **renamed}


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


async def note_term(
    fact: Fact, source: TermSource, *, consumer: str, parts: Reminding
) -> Term | None:
    """Keep what another service says of a term; None when there is nothing to remind of.

    A settled term closes its tasks and cancels what waits to be sent; so does another last day.
    Raises ValueError for fields that cannot be read, ServiceError while the database is away.
    """
    fields = source.read(fact)
    term = term_of(fields, source)
    topic = str(fields["resource"])
    if term is not None and term.profile not in parts.profiles:
        raise ValueError("PROFILE_UNKNOWN")
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        if not await uow.inbox.first_time(consumer, fact.event):
            return None
        changed = True
        if term is not None:
            look = _first_look(term, parts.profiles[term.profile], now)
            changed = await uow.terms.put(term, look, now)
        if term is None:
            await uow.terms.settle(topic, now)
        if changed:
            settled = await uow.messages.settle(topic, now)
            await uow.deliveries.cancel([message for _, message in settled], "SETTLED", now)
        await uow.commit()
    return term


def _first_look(term: Term, profile: Profile, now: datetime) -> datetime | None:
    """When a term is looked at first: now if a threshold has passed, else at the next one."""
    if due_now(term, profile, handled=None, now=now) is not None:
        return now
    return next_moment(term, profile, after=now)


def term_of(fields: Mapping[str, Value], source: TermSource) -> Term | None:
    """The term of an event; None for one that is settled or has no end. Raises ValueError."""
    end = fields.get("expire_date")
    if isinstance(end, str) and end:
        end = date.fromisoformat(end)
    if fields.get("solved") or not isinstance(end, date):
        return None
    topic, start = str(fields["resource"]), fields.get("start_date")
    months = fields.get("recommended_months", 0)
    return Term(
        topic=topic,
        profile=str(fields["profile"]),
        worker=ids_of(str(fields["worker"]))["workers"],
        start_date=start if isinstance(start, date) else None,
        end_date=end,
        zone=_zone(str(fields.get("time_zone", ""))),
        link=source.link.format_map(ids_of(topic)),
        values=source.values,
        recommended_months=months if isinstance(months, int) else 0,
    )


async def remind_due(parts: Reminding) -> int:
    """Remind of a portion of terms whose threshold has passed; returns how many were handled.

    A term whose turn fails is looked at again, in ten seconds when a peer was away, in five minutes
    when its text is broken, and does not stop the others. Raises ServiceError while the database is
    away.
    """
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        found = await uow.terms.due(now, PORTION)
    done = 0
    for one in found:
        try:
            await remind(one, parts=parts)
        except Exception as fault:  # noqa: BLE001 - one term must not stop the others
            log.warning("reminder.postponed", topic=one.term.topic, kind=type(fault).__name__)
            async with parts.new_uow() as uow:
                await uow.terms.postpone(one.term.topic, now + _pause_after(fault))
                await uow.commit()
        else:
            done += 1
    return done


def _pause_after(fault: Exception) -> timedelta:
    away = isinstance(fault, ServiceError) and fault.category in _PASSING
    return SOON if away else LATER


async def remind(found: StoredTerm, *, parts: Reminding) -> list[Message]:
    """Tell of the nearest threshold that has passed, once for each recipient and for ever.

    Peers are asked before the transaction; a crash at any place repeats the whole, and what was
    noted is not told again. Raises ServiceError while a peer or the database is away.
    """
    term, profile, now = found.term, parts.profiles[found.term.profile], parts.clock.now()
    threshold = due_now(term, profile, handled=found.handled, now=now)
    letters = await _letters(term, profile, threshold, now, parts) if threshold else []
    made: list[Message] = []
    async with parts.new_uow() as uow:
        if not await uow.terms.lock(found):
            return []
        for letter, people in letters:
            kind, key = letter.rule.kind, threshold.key if threshold else ""
            ids = [one.person for one in people]
            fresh = await uow.terms.first(term, key, kind, ids, now)
            told = [one for one in people if one.person in fresh]
            messages = await compose(letter, told, uow=uow, now=now)
            if messages:
                await uow.messages.add_all(messages)
                await uow.announce_created(*messages)
            made += messages
        await uow.terms.handled(term, now, next_moment(term, profile, after=now))
        await uow.commit()
    return made


async def _letters(
    term: Term, profile: Profile, threshold: Threshold, now: datetime, parts: Reminding
) -> list[tuple[Letter, list[Recipient]]]:
    left = days_left(term, now)
    more = await parts.facts[term.values].values(term.topic) if term.values else {}
    values: dict[str, Value] = {
        **more,
        "days": abs(left),
        "deadline": term.end_date,
        "document": profile.word,
        "advice": advice_of(profile, threshold),
    }
    by_kind: dict[str, list[Whom]] = {}
    for whom in recipients(profile, left):
        by_kind.setdefault(kind_of(profile, whom, left), []).append(whom)
    found = []
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
        found.append((letter, await recipients_of(whoms, name, parts.people)))
    return found


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name) if name else MOSCOW
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("ZONE_UNKNOWN") from None
