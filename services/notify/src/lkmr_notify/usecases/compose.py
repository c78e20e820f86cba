"""Put messages to people together: text, wishes of the person, rules of the organisations."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from lkmr_notify.domain.message import Message
from lkmr_notify.domain.preferences import Cell, Mode, Preferences, plan, strictest
from lkmr_notify.domain.rules import Rule
from lkmr_notify.domain.texts import Template
from lkmr_notify.domain.words import Value, safe_only
from lkmr_notify.usecases.ports import Recipient
from lkmr_notify.usecases.work import UnitOfWork
from lkmr_servicekit.clock import MOSCOW
from lkmr_servicekit.zones import zone_of

DEPUTY_WHY = (
    "Сообщение адресовано руководителю, которого вы\u00a0сейчас замещаете. "
    "Чтобы открыть раздел, войдите в\u00a0профиль замещающего."
)
QUIET_BROKEN = " Отправлено в\u00a0тихие часы, потому что ждать нельзя."


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is to be said, to whomever: a rule, its text and values."""

    rule: Rule
    template: Template
    values: Mapping[str, Value]
    link: str
    topic: str = ""
    source: uuid.UUID | None = None
    bulk: bool = False
    title: str = ""
    text: str = ""
    why: str = ""
    deadline: date | None = None
    ids: Mapping[uuid.UUID, uuid.UUID] = field(default_factory=dict)

    def due_day(self) -> date | None:
        """The last day of the task, if it has one."""
        if self.deadline is not None:
            return self.deadline
        value = self.values.get(self.rule.deadline) if self.rule.deadline else None
        return value if isinstance(value, date) else None


@dataclass(frozen=True, slots=True)
class Known:
    """What people chose, who subscribed a browser, what organisations decided."""

    chosen: Mapping[uuid.UUID, Preferences]
    pushable: frozenset[uuid.UUID]
    ruled: Mapping[str, Mapping[Cell, Mode]]


async def known_of(recipients: Sequence[Recipient], uow: UnitOfWork) -> Known:
    """What is known of the wishes of these people."""
    everybody = sorted({one.person for one in recipients})
    organizations = {place for one in recipients for place in one.organizations}
    return Known(
        await uow.wishes.of(everybody),
        await uow.wishes.with_browser(everybody),
        await uow.wishes.of_organizations(sorted(organizations)),
    )


async def compose(
    letter: Letter, recipients: Sequence[Recipient], *, uow: UnitOfWork, now: datetime
) -> list[Message]:
    """`put_together` with the wishes of the recipients."""
    return put_together(letter, recipients, await known_of(recipients, uow), now=now)


def put_together(
    letter: Letter, recipients: Sequence[Recipient], known: Known, *, now: datetime
) -> list[Message]:
    """One message for each recipient, in the order of their ids; nothing is stored yet.

    Who is told by right of their own and as a deputy too is no deputy here.
    """
    found = {one.person: one for one in sorted(recipients, key=lambda one: not one.deputy)}
    made = []
    for one in sorted(found.values(), key=lambda one: one.person):
        wishes = known.chosen.get(one.person) or Preferences(zone=zone_at(one))
        modes = strictest(
            cell for organization in one.organizations
            for cell in known.ruled.get(organization, {}).items()
        )  # fmt: skip
        ways = plan(
            letter.rule, wishes, modes, now=now, bulk=letter.bulk, push=one.person in known.pushable
        )
        message = _message(letter, one, now)
        made.append(
            replace(
                message,
                deliveries=ways.deliveries,
                digest_time=ways.digest_time,
                why=message.why + (QUIET_BROKEN if ways.breaks_quiet else ""),
            )
        )
    return made


def zone_at(recipient: Recipient) -> ZoneInfo:
    """The zone of a person who chose none: that of the organisation; Moscow without a job."""
    return zone_of(recipient.oid) if recipient.oid else MOSCOW


def _message(letter: Letter, to: Recipient, now: datetime) -> Message:
    template, rule = letter.template, letter.rule
    return Message(
        id=letter.ids.get(to.person) or uuid.uuid4(),
        person=to.person,
        kind=template.kind,
        template_version=template.version,
        title=letter.title or template.heading(letter.values),
        text=letter.text or template.body(letter.values) or template.heading(letter.values),
        link=letter.link,
        create_time=now,
        group=rule.group,
        urgency=rule.urgency,
        safe=safe_only(letter.values),
        task=rule.task,
        deadline=letter.due_day() if rule.task else None,
        why=DEPUTY_WHY if to.deputy else letter.why or template.why,
        action=template.action,
        owner=template.owner,
        topic=letter.topic,
        source=letter.source,
    )
