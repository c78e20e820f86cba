"""Security incidents (инциденты), and the notice of a leak of personal data."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Self

from lkmr_auth.domain.errors import IncidentClosed, LeakStepDone
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.suspicion import Severity

# Federal law 152-ФЗ of 27.07.2006, art. 21 part 3.1: the supervisor (Роскомнадзор) hears of the
# leak within 24 hours and of what an inquiry found within 72 hours from its discovery.
NOTICE = timedelta(hours=24)
RESULT = timedelta(hours=72)
LEAK = "LEAK"


class IncidentState(Enum):
    """Where the work on an incident stands."""

    DETECTED = "DETECTED"
    TAKEN = "TAKEN"
    CLOSED = "CLOSED"


class LeakStep(Enum):
    """What the supervisor is told."""

    NOTICE = "NOTICE"
    RESULT = "RESULT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident; `facts` are figures and words of the rule, never data about a person."""

    id: uuid.UUID
    kind: str
    severity: Severity
    state: IncidentState
    detect_time: datetime
    number: int = 0
    person_id: PersonId | None = None
    organization: str = ""
    session: str = ""
    facts: Mapping[str, int | str]
    assignee_id: PersonId | None = None
    close_time: datetime | None = None
    resolution: str = ""

    @property
    def name(self) -> str:
        """`incidents/{incident}`."""
        return f"incidents/{self.id}"

    def take(self, who: PersonId) -> Self:
        """Somebody works on it. Raises IncidentClosed."""
        if self.state is IncidentState.CLOSED:
            raise IncidentClosed
        return replace(self, state=IncidentState.TAKEN, assignee_id=who)

    def close(self, who: PersonId, resolution: str, now: datetime) -> Self:
        """What was found and done. Raises IncidentClosed."""
        return replace(
            self.take(who),
            state=IncidentState.CLOSED,
            close_time=now,
            resolution=resolution,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakReport:
    """The form of a leak with its two clocks. `content` is what the supervisor is told."""

    incident_id: uuid.UUID
    discover_time: datetime
    content: Mapping[str, str]
    notice_time: datetime | None = None
    result_time: datetime | None = None

    @property
    def notice_due_time(self) -> datetime:
        """When the first notice must be out."""
        return self.discover_time + NOTICE

    @property
    def result_due_time(self) -> datetime:
        """When the result of the inquiry must be out."""
        return self.discover_time + RESULT

    def told(self, step: LeakStep, text: str, now: datetime) -> Self:
        """A step was done. Raises LeakStepDone for a repeat, or a result before the notice."""
        content = {**self.content, step.value.lower(): text}
        if step is LeakStep.NOTICE and self.notice_time is None:
            return replace(self, notice_time=now, content=content)
        if step is LeakStep.RESULT and self.notice_time is not None and self.result_time is None:
            return replace(self, result_time=now, content=content)
        raise LeakStepDone
