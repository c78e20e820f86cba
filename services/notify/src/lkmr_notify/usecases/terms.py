"""Keep the terms that other services announce, and plan when to remind of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lkmr_notify.domain.reminders import Profile, Term, due_now, next_moment
from lkmr_notify.domain.words import Value
from lkmr_notify.usecases.tell_of_fact import Fact, ids_of
from lkmr_notify.usecases.work import NewUnitOfWork
from lkmr_servicekit.clock import MOSCOW, Clock


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
class Planning:
    """What planning needs; made once by `main.py`."""

    profiles: Mapping[str, Profile]
    new_uow: NewUnitOfWork
    clock: Clock


@dataclass(frozen=True, slots=True)
class Noted:
    """What a fact says of its term: nothing is to be reminded of any more when there is none."""

    topic: str
    term: Term | None
    look: datetime | None


async def note_terms(
    facts: Sequence[Fact], source: TermSource, *, consumer: str, parts: Planning
) -> int:
    """Keep what another service says of terms, and when to look at each; how many were new.

    Several facts about one term count in their order. A settled term closes its tasks and cancels
    what waits to be sent; so does another last day. All or nothing: raises ValueError when the
    fields of one cannot be read, ServiceError while the database is away.
    """
    now = parts.clock.now()
    noted = {one.event.id: _noted(one, source, parts.profiles, now) for one in facts}
    async with parts.new_uow() as uow:
        fresh = await uow.inbox.first_times(consumer, [one.event for one in facts])
        said = [noted[one.id] for one in fresh]
        known = await uow.terms.hold(sorted({one.topic for one in said}))
        turned = _turned(said, known)
        last = {one.topic: one for one in said}
        await uow.terms.put_all(
            [(one.term, one.look) for one in last.values() if one.term is not None], now
        )
        over = [one.topic for one in last.values() if one.term is None and one.topic in known]
        if over:
            await uow.terms.settle(over, now)
        if turned:
            settled = await uow.messages.settle(turned, now)
            await uow.deliveries.cancel([message for _, message in settled], "SETTLED", now)
        await uow.commit()
    return len(said)


def _noted(fact: Fact, source: TermSource, profiles: Mapping[str, Profile], now: datetime) -> Noted:
    fields = source.read(fact)
    term = term_of(fields, source)
    if term is None:
        return Noted(str(fields["resource"]), None, None)
    if term.profile not in profiles:
        raise ValueError("PROFILE_UNKNOWN")
    return Noted(term.topic, term, _first_look(term, profiles[term.profile], now))


def _turned(said: Sequence[Noted], known: Mapping[str, date]) -> list[str]:
    """Topics whose open tasks are out of date: settled, or with another last day than before."""
    ends, turned = dict(known), dict[str, None]()
    for one in said:
        if one.term is None:
            turned[one.topic] = None
        else:
            if ends.get(one.topic, one.term.end_date) != one.term.end_date:
                turned[one.topic] = None
            ends[one.topic] = one.term.end_date
    return list(turned)


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


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name) if name else MOSCOW
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("ZONE_UNKNOWN") from None
