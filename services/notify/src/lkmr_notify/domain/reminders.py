"""When to remind of a term: profiles with their thresholds, as data with a source.

A term is a day (or a moment of a running step) by which something must be done, as another
service knows it. Each threshold is told once to each recipient, for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from lkmr_notify.domain.rules import Whom

MORNING = time(8)  # the end of the quiet hours of organisations


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How terms of one kind are reminded of.

    `before`: days before the end. `every`: days between reminders after the end, `times` of them
    (0: until settled). `shares`: per cent of the span from start to end. `since_start`: days after
    the start. `escalate`: from how many days before the end others are told too. `subject`: whether
    the worker is told, whom other facts may have told already.
    """

    name: str
    before: tuple[int, ...] = ()
    every: int = 0
    times: int = 0
    shares: tuple[int, ...] = ()
    since_start: tuple[int, ...] = ()
    escalate: Mapping[Whom, int]
    critical_at: int
    word: str
    advice: Mapping[str, str]
    texts: str = "DOCUMENT"
    subject: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """What another service says must be done by a day. `topic` is its resource name."""

    topic: str
    profile: str
    worker: str
    start_date: date | None
    end_date: date
    zone: ZoneInfo
    link: str
    values: str = ""
    recommended_months: int = 0


@dataclass(frozen=True, slots=True)
class Threshold:
    """One moment of reminding. `key` is «90», «0», «+7», «80%», «d30»."""

    key: str
    moment: datetime
    days_left: int


def thresholds(term: Term, profile: Profile, *, until: datetime) -> list[Threshold]:
    """All moments of reminding up to `until`, in order of time.

    Days are those of the zone of the term; a reminder is due at 8:00 of its day.
    """
    last = _days_passed(term, until)
    return [_on_day(term, *one) for one in _days(term, profile, last) if one[0] <= last]


def next_moment(term: Term, profile: Profile, *, after: datetime) -> datetime | None:
    """The first moment of reminding after a moment; None when there is none."""
    last = _days_passed(term, after)
    horizon = max(last, 0) + profile.every + 1
    for days, _ in _days(term, profile, horizon):
        if days > last:
            return _at_morning(term, term.end_date + timedelta(days=days))
    return None


def due_now(
    term: Term, profile: Profile, *, handled: datetime | None, now: datetime
) -> Threshold | None:
    """The threshold to tell of now: the nearest one that passed since `handled`.

    After a time without service, or when a term becomes known late, the earlier ones are skipped.
    """
    last = _days_passed(term, now)
    passed = [one for one in _days(term, profile, last) if one[0] <= last]
    if not passed or (handled is not None and passed[-1][0] <= _days_passed(term, handled)):
        return None
    return _on_day(term, *passed[-1])


def days_left(term: Term, now: datetime) -> int:
    """Whole days to the last day of the term in its zone; negative afterwards."""
    return (term.end_date - now.astimezone(term.zone).date()).days


def recipients(profile: Profile, left: int) -> tuple[Whom, ...]:
    """Who is reminded with so many days left: the worker, others from their day on."""
    others = tuple(one for one, days in profile.escalate.items() if left <= days)
    return (Whom.SUBJECT, *others) if profile.subject else others


def read_profiles(data: Mapping[str, Any]) -> dict[str, Profile]:
    """Profiles from `reminders.toml`. Raises KeyError, ValueError, TypeError."""
    made = {}
    for name, raw in data.items():
        apart = {"source", "escalate", "advice"}
        values = {key: value for key, value in raw.items() if key not in apart}
        lists = ("before", "shares", "since_start")
        values |= {key: tuple(values[key]) for key in lists if key in values}
        escalate = {Whom(one): days for one, days in raw.get("escalate", {}).items()}
        made[name] = Profile(name=name, escalate=escalate, advice=raw.get("advice", {}), **values)
    return made


def kind_of(profile: Profile, whom: Whom, left: int) -> str:
    """The kind of message: COMING up to the last day, OVER after it; others have their own."""
    step = "COMING" if left >= 0 else "OVER"
    words = {Whom.SUBJECT: profile.texts, Whom.SUPPORT: "SUPPORT"}
    return f"{words.get(whom, 'COLLEAGUE')}_TERM_{step}"


def advice_of(profile: Profile, threshold: Threshold) -> str:
    """What to do now, in the words of the threshold."""
    return profile.advice.get(threshold.key, profile.advice.get("else", ""))


def _days(term: Term, profile: Profile, last: int) -> list[tuple[int, str]]:
    """Days of reminding after the end (before it: negative) with their keys, in order.

    Those that repeat without end stop at `last`. Only numbers: a million terms are planned so.
    """
    found = [(-days, str(days)) for days in profile.before]
    if profile.every:
        steps = last // profile.every
        if profile.times:
            steps = min(steps, profile.times)
        found += [
            (step * profile.every, f"+{step * profile.every}") for step in range(1, steps + 1)
        ]
    if term.recommended_months:
        first = _months_before(term.end_date, term.recommended_months)
        found.append(((first - term.end_date).days, "month"))
    if term.start_date is not None:
        span = (term.end_date - term.start_date).days
        found += [(-(-span * share // 100) - span, f"{share}%") for share in profile.shares]
        found += [(days - span, f"d{days}") for days in profile.since_start]
    return sorted(found, key=itemgetter(0))


def _days_passed(term: Term, now: datetime) -> int:
    """The last day after the end (before it: negative) whose morning has come."""
    local = now.astimezone(term.zone)
    days = local.toordinal() - term.end_date.toordinal()
    return days if local.time() >= MORNING else days - 1


def _months_before(day: date, months: int) -> date:
    """The first day of the month that lies so many months before the month of a day."""
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _on_day(term: Term, days: int, key: str) -> Threshold:
    return Threshold(key, _at_morning(term, term.end_date + timedelta(days=days)), -days)


def _at_morning(term: Term, day: date) -> datetime:
    return datetime.combine(day, MORNING, term.zone)
