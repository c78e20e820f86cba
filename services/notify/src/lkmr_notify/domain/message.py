"""A message to a person and the deliveries that carry word of it outside."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from lkmr_notify.domain.channel import Group, Urgency
from lkmr_notify.domain.preferences import Planned
from lkmr_notify.domain.words import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What lies in the inbox of a person: specialty and dates may appear, names never do.

    A `task` stays until it is done; reading it is not doing it. `topic` is the resource that it is
    about: a fact that settles the matter marks the task as done. `safe` are the numbers and days
    that may leave the cabinet.
    """

    id: uuid.UUID
    person: uuid.UUID
    kind: str
    template_version: int
    title: str
    text: str
    link: str
    create_time: datetime
    group: Group
    urgency: Urgency
    deliveries: tuple[Planned, ...] = ()
    digest_time: datetime | None = None
    safe: Mapping[str, Value] = field(default_factory=dict)
    task: bool = False
    deadline: date | None = None
    why: str = ""
    action: str = ""
    owner: str = ""
    topic: str = ""
    source: uuid.UUID | None = None
