"""What administrators see of people, their sessions and their faults."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from lkmr_auth.domain.audit import Result
from lkmr_auth.domain.person import Person, PersonId
from lkmr_auth.domain.rights import HeldRole
from lkmr_auth.domain.session import Session
from lkmr_servicekit.personal import Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class ActNote:
    """An act of a person that was refused or failed, with the reason behind its public code."""

    time: datetime
    operation: str
    object: str
    result: Result
    reason: str
    trace_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActByHand:
    """What an administrator did to a person's account or rights, and why, in own words (F-198)."""

    person_id: PersonId
    actor_id: PersonId
    operation: str
    reason: Personal[str]
    time: datetime


class SessionRow(NamedTuple):
    """An open session and whose it is."""

    session_id: uuid.UUID
    person_id: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCard:
    """A person with all that binds them to organisations (привязка)."""

    person: Person
    roles: tuple[HeldRole, ...]
    acts: tuple[ActByHand, ...] = ()
    faults: tuple[ActNote, ...] = ()
    sessions: tuple[Session, ...] = ()
