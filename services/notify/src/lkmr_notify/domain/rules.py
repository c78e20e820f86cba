"""Which fact is told to whom, how and how fast: data, read from `rules.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from lkmr_notify.domain.channel import Channel, Group, Urgency


class Whom(Enum):
    """Recipients of a fact, resolved at the moment of sending."""

    SUBJECT = "SUBJECT"  # the worker or person whom the fact is about
    HEAD_DEPT = "HEAD_DEPT"  # the head of the worker's department
    HR = "HR"  # personnel of the worker's organisations
    HEAD_ORG = "HEAD_ORG"
    EDU_COORD = "EDU_COORD"
    SEC_ADMIN = "SEC_ADMIN"  # all security administrators
    IT_ADMIN = "IT_ADMIN"
    SUPPORT = "SUPPORT"


COLLEAGUES = frozenset({Whom.HEAD_DEPT, Whom.HR, Whom.HEAD_ORG, Whom.EDU_COORD})
"""Those who are looked for in the organisations of the worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One message that follows from a fact.

    `about` names the field of the event that holds the resource; `values` who tells more of it.
    `opens`: the field with the resource that the message opens, where `about` only says who hears.
    `critical` messages cannot be muted: their letters go out whatever a person chose.
    `closes`: the fact settles what was asked for before about the same resource.
    `only`: fields of the event with the values for which the rule holds.
    `optional`: an event without the resource tells nobody; otherwise it is a fault.
    `deadline`: the value that is the last day of a task.
    """

    event: str
    about: str
    kind: str
    to: tuple[Whom, ...]
    group: Group
    urgency: Urgency
    channels: tuple[Channel, ...]
    fallback: tuple[Channel, ...]
    link: str
    values: str = ""
    opens: str = ""
    task: bool = False
    critical: bool = False
    closes: bool = False
    deadline: str = ""
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    optional: bool = False


class Rules:
    """All rules, by the full name of the event."""

    def __init__(self, data: Mapping[str, Any], kinds: frozenset[str]) -> None:
        """Read the content of `rules.toml`. Raises KeyError, ValueError, LookupError.

        `kinds` are the kinds that have a text; a rule without one does not load.
        """
        self._by_event: dict[str, tuple[Rule, ...]] = {}
        self._by_kind: dict[str, Rule] = {}
        for raw in data["rule"]:
            rule = _rule(raw)
            if rule.kind not in kinds:
                raise LookupError(f"a rule without a text: {rule.kind}")
            if rule.kind in self._by_kind:
                raise ValueError(f"two rules for one kind: {rule.kind}")
            self._by_event[rule.event] = (*self._by_event.get(rule.event, ()), rule)
            self._by_kind[rule.kind] = rule

    @property
    def events(self) -> tuple[str, ...]:
        """Full names of the events that are listened to."""
        return tuple(one for one in self._by_event if one)

    def of(self, event: str) -> tuple[Rule, ...]:
        """What follows from a fact."""
        return self._by_event.get(event, ())

    def kind(self, kind: str) -> Rule:
        """The rule of a kind of messages. Raises KeyError."""
        return self._by_kind[kind]

    def find_kind(self, kind: str) -> Rule | None:
        """The rule of a kind of messages, or None."""
        return self._by_kind.get(kind)

    def stoppable(self, group: Group) -> tuple[str, ...]:
        """Kinds of a group that a person may stop."""
        rules = self._by_kind.values()
        return tuple(one.kind for one in rules if one.group is group and not one.critical)

    def all(self) -> tuple[Rule, ...]:
        """Every rule."""
        return tuple(self._by_kind.values())


def _rule(raw: Mapping[str, Any]) -> Rule:
    given = dict(raw)
    rule = Rule(
        event=given.pop("event", ""),
        about=given.pop("about", ""),
        kind=given.pop("kind"),
        to=tuple(Whom(one) for one in given.pop("to", [])),
        group=Group(given.pop("group")),
        urgency=Urgency(given.pop("urgency")),
        channels=tuple(Channel(one) for one in given.pop("channels")),
        fallback=tuple(Channel(one) for one in given.pop("fallback", [])),
        link=given.pop("link"),
        only={name: tuple(values) for name, values in given.pop("only", {}).items()},
        **given,
    )
    if rule.event and not rule.to:
        raise ValueError(f"{rule.kind}: nobody is told")
    if rule.critical and Channel.EMAIL not in rule.channels:
        raise ValueError(f"{rule.kind}: a critical message goes out by letter")
    if set(rule.fallback) & set(rule.channels):
        raise ValueError(f"{rule.kind}: a channel falls back to another one")
    return rule
