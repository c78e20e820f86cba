"""A message to a person and the deliveries that carry word of it outside."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from lkmr_notify.domain.delivery import Channel


@dataclass(frozen=True, slots=True)
class Accreditation:
    """A register entry about accreditation as far as messages speak of it; dates are ISO 8601."""

    specialty: str
    record_date: str
    expire_date: str


@dataclass(frozen=True, slots=True)
class Message:
    """What lies in the inbox of a person: specialty and dates may appear, names never do."""

    id: uuid.UUID
    person: uuid.UUID
    kind: str
    template_version: int
    title: str
    text: str
    link: str
    create_time: datetime
    channels: tuple[Channel, ...]
