"""What a person wants to be told, where and when; what an organisation decides above that."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from lkmr_notify.domain.channel import PRIORITY, Channel, Group, Priority, Urgency
from lkmr_notify.domain.rules import Rule
from lkmr_servicekit.clock import MOSCOW

QUIET_FROM, QUIET_UNTIL = time(21), time(8)
DIGEST_AT = time(9)
_ON = frozenset(
    {(group, Channel.EMAIL) for group in Group}
    | {(group, Channel.PUSH) for group in Group}
    | {(Group.SECURITY, Channel.SMS)}
)


class Digest(Enum):
    """How letters tell of what can wait."""

    OFF = "OFF"  # each by its own
    DAILY = "DAILY"  # gathered in one letter a day
    NONE = "NONE"  # not at all: it stays in the cabinet


class Mode(Enum):
    """A decision of an organisation about a group and a channel, above the person's own."""

    FORCE = "FORCE"
    FORBID = "FORBID"


Cell = tuple[Group, Channel]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """One person's choices; what was never chosen has a default.

    Letters and push are on, SMS only for security (letters are demanded by the description of the
    product, SMS costs money). Quiet hours are one setting for all channels, in the person's zone.
    """

    zone: ZoneInfo = MOSCOW
    quiet_from: time = QUIET_FROM
    quiet_until: time = QUIET_UNTIL
    digest: Digest = Digest.OFF
    chosen: Mapping[Cell, bool] = field(default_factory=dict)

    def wants(self, group: Group, channel: Channel) -> bool:
        """Whether messages of a group go out over a channel."""
        return self.chosen.get((group, channel), (group, channel) in _ON)

    def quiet_end(self, now: datetime) -> datetime | None:
        """When the quiet hours that hold now end; None outside them.

        Equal ends mean that there are no quiet hours.
        """
        if self.quiet_from == self.quiet_until:
            return None
        local = now.astimezone(self.zone)
        clock = local.time()
        end = datetime.combine(local.date(), self.quiet_until, self.zone)
        if self.quiet_from < self.quiet_until:
            quiet = self.quiet_from <= clock < self.quiet_until
        else:
            quiet = clock >= self.quiet_from or clock < self.quiet_until
            if clock >= self.quiet_from:
                end = datetime.combine(
                    local.date() + timedelta(days=1), self.quiet_until, self.zone
                )
        return end.astimezone(now.tzinfo) if quiet else None

    def digest_time(self, now: datetime) -> datetime:
        """When the next letter with what was gathered goes out: 9:00 in the person's zone."""
        local = now.astimezone(self.zone)
        due = datetime.combine(local.date(), DIGEST_AT, self.zone)
        if due <= local:
            due = datetime.combine(local.date() + timedelta(days=1), DIGEST_AT, self.zone)
        return due.astimezone(now.tzinfo)


@dataclass(frozen=True, slots=True)
class Planned:
    """A delivery to be made: channel, moment, place in the queue, and what stands in for it."""

    channel: Channel
    due_time: datetime
    priority: Priority
    fallback: tuple[Channel, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """How word of a message leaves the cabinet."""

    deliveries: tuple[Planned, ...]
    digest_time: datetime | None
    breaks_quiet: bool


def plan(
    rule: Rule,
    wishes: Preferences,
    organization: Mapping[Cell, Mode],
    *,
    now: datetime,
    bulk: bool = False,
    push: bool = True,
) -> Plan:
    """Channels and moments for one message to one person.

    A critical message always goes out by letter; nobody can mute it. Otherwise the organisation
    decides, then the person. Urgent and critical ones pass the quiet hours, all others wait for
    their end. What can wait has a letter of its own, goes into that of the day, or has none, as the
    person chose; what the organisation wants sent has one in any case. `push` says whether the
    person has subscribed a browser.
    """

    def open_for(channel: Channel) -> bool:
        if channel is Channel.PUSH and not push:
            return False
        if rule.critical and channel is Channel.EMAIL:
            return True
        mode = organization.get((rule.group, channel))
        if mode is not None:
            return mode is Mode.FORCE
        return wishes.wants(rule.group, channel)

    at_once = rule.critical or rule.urgency is Urgency.NOW
    quiet_end = wishes.quiet_end(now)
    due = now if at_once or quiet_end is None else quiet_end
    priority = Priority.BULK if bulk and not at_once else PRIORITY[rule.urgency]
    forced = organization.get((rule.group, Channel.EMAIL)) is Mode.FORCE
    gathered = wishes.digest is Digest.DAILY and not at_once
    withheld = wishes.digest is Digest.NONE and not at_once and not forced
    fallback = tuple(
        one for one in rule.fallback if open_for(one) or (rule.critical and one is not Channel.PUSH)
    )
    channels = [
        one for one in rule.channels if open_for(one) and not (withheld and one is Channel.EMAIL)
    ]
    digest = gathered and Channel.EMAIL in channels
    return Plan(
        deliveries=tuple(
            Planned(one, due, priority, fallback)
            for one in channels
            if not (digest and one is Channel.EMAIL)
        ),
        digest_time=wishes.digest_time(now) if digest else None,
        breaks_quiet=at_once and quiet_end is not None,
    )


def strictest(modes: Iterable[tuple[Cell, Mode]]) -> dict[Cell, Mode]:
    """Decisions of several organisations of a person: FORCE of one wins over FORBID of another."""
    found: dict[Cell, Mode] = {}
    for cell, mode in modes:
        if found.get(cell) is not Mode.FORCE:
            found[cell] = mode
    return found
