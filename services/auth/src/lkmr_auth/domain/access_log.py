"""«Кто смотрел мои данные»: entries of the journal as a person reads them."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from lkmr_auth.domain.person import PersonId


class Who(Enum):
    """The reader, another person, a program of the cabinet, a foreign system, nobody known."""

    SELF = "SELF"
    PERSON = "PERSON"
    PROGRAM = "PROGRAM"
    PARTNER = "PARTNER"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of the journal without its hashes."""

    seq: int
    event_id: uuid.UUID
    source: str
    time: datetime
    actor: str
    on_behalf_of: str
    roles: tuple[str, ...]
    organization: str
    operation: str
    object: str
    subject: str
    result: str
    reason: str
    purpose: str
    basis: str
    session: str
    trace_id: str
    device: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """A request of a person to explain an access (оспаривание доступа)."""

    id: uuid.UUID
    person_id: PersonId
    event_id: uuid.UUID
    create_time: datetime

    @property
    def name(self) -> str:
        """Its resource name."""
        return f"persons/{self.person_id}/disputes/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which entries; empty means all. `organizations` bounds what the reader may see."""

    actor: str = ""
    operation: str = ""
    object: str = ""
    result: str = ""
    organization: str = ""
    organizations: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None


def who_did(entry: Entry, reader: PersonId) -> Who:
    """Who an entry speaks of, as its reader sees it."""
    kind, _, identity = entry.actor.partition("/")
    if kind == "persons":
        return Who.SELF if identity == str(reader) else Who.PERSON
    return {"programs": Who.PROGRAM, "partners": Who.PARTNER}.get(kind, Who.UNKNOWN)
