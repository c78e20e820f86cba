"""Put messages to people together: text, wishes of the person, rules of the organisations."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from lkmr_notify.domain.message import Message
from lkmr_notify.domain.preferences import Preferences, plan, strictest
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


async def compose(
    letter: Letter, recipients: Sequence[Recipient], *, uow: UnitOfWork, now: datetime
) -> list[Message]:
    """One message for each recipient, in the order of their ids; nothing is stored yet.

    Who is told by right of their own and as a deputy too is no deputy here.
    """
    deputies_first = sorted(recipients, key=lambda one: not one.deputy)
    people = sorted(
        {one.person: one for one in deputies_first}.values(), key=lambda one: one.person
    )
    everybody = [one.person for one in people]
    chosen, pushable = await uow.wishes.of(everybody), await uow.wishes.with_browser(everybody)
    ruled = await uow.wishes.of_organizations(
        sorted({organization for one in people for organization in one.organizations})
    )
    made = []
    for one in people:
        wishes = chosen.get(one.person) or Preferences(zone=zone_at(one))
        modes = strictest(
            cell for organization in one.organizations
            for cell in ruled.get(organization, {}).items()
        )  # fmt: skip
        ways = plan(
            letter.rule, wishes, modes, now=now, bulk=letter.bulk, push=one.person in pushable
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
