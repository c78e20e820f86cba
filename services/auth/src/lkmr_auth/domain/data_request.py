"""Requests of people about their personal data (обращения субъекта персональных данных)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, Self

from lkmr_access.erasure import Scope
from lkmr_auth.domain.access_errors import (
    DataRequestAnswered,
    DataRequestKindUnknown,
    DataRequestNotExtendable,
    ErasureNotAsked,
)
from lkmr_auth.domain.errors import SeparationOfDuties
from lkmr_auth.domain.person import PersonId
from lkmr_servicekit.working_days import WorkingDays


class RequestKind(Enum):
    """What a person asks for: to know, to correct, to stop, to explain an access, to destroy."""

    ACCESS = "ACCESS"
    CORRECTION = "CORRECTION"
    STOP = "STOP"
    DISPUTE = "DISPUTE"
    ERASURE = "ERASURE"


class RequestStage(Enum):
    """Where a request stands."""

    SUBMITTED = "SUBMITTED"
    TAKEN = "TAKEN"
    ANSWERED = "ANSWERED"


class Outcome(Enum):
    """What became of it; a refusal names its ground in the answer (ст. 20 ч. 2).

    SUPERSEDED: the person gave the consent anew whose withdrawal had asked.
    """

    SATISFIED = "SATISFIED"
    REFUSED = "REFUSED"
    SUPERSEDED = "SUPERSEDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """How many days an answer may take, from a day on: working ones, or those of the calendar."""

    kind: RequestKind
    valid_from: date
    working_days: int
    extension: int
    source: str
    calendar_days: int = 0

    def end(self, day: date, days: WorkingDays) -> date:
        """The last day for an answer to what came in on a day."""
        if self.calendar_days:
            return day + timedelta(days=self.calendar_days)
        return days.add(day, self.working_days)


@dataclass(frozen=True, slots=True)
class Terms:
    """All terms of the data file."""

    rows: Sequence[Term]

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Self:
        """From the data file. Raises KeyError, ValueError."""
        return cls(
            tuple(
                Term(
                    kind=RequestKind(row["kind"]),
                    valid_from=row["valid_from"],
                    working_days=row["working_days"],
                    extension=row["extension"],
                    calendar_days=row.get("calendar_days", 0),
                    source=row["source"],
                )
                for row in content["term"]
            )
        )

    def of(self, kind: RequestKind, day: date) -> Term:
        """The term in force on a day. Raises DataRequestKindUnknown before the first one."""
        rows = [one for one in self.rows if one.kind is kind and one.valid_from <= day]
        if not rows:
            raise DataRequestKindUnknown(field="kind")
        return max(rows, key=lambda one: one.valid_from)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRequest:
    """A request. `event_id` is the entry of the journal that a dispute is about.

    `scope` is what an erasure ends; an account when nothing is said.
    """

    id: uuid.UUID
    person_id: PersonId
    organization_id: str
    kind: RequestKind
    text: str
    create_time: datetime
    due_date: date
    number: int = 0
    state: RequestStage = RequestStage.SUBMITTED
    event_id: uuid.UUID | None = None
    extend_reason: str = ""
    officer_id: PersonId | None = None
    answer: str = ""
    outcome: Outcome | None = None
    answer_time: datetime | None = None
    scope: Scope | None = None

    @property
    def name(self) -> str:
        """`persons/{person}/dataRequests/{request}`."""
        return f"persons/{self.person_id}/dataRequests/{self.id}"

    def taken(self, officer: PersonId) -> Self:
        """Somebody works on it. Raises DataRequestAnswered, SeparationOfDuties."""
        self._require_open(officer)
        return replace(self, state=RequestStage.TAKEN, officer_id=officer)

    def extended(self, officer: PersonId, reason: str, term: Term, days: WorkingDays) -> Self:
        """More time, once and with a reason. Raises DataRequestNotExtendable and as `taken`."""
        taken = self.taken(officer)
        if self.extend_reason or not term.extension:
            raise DataRequestNotExtendable
        due = days.add(self.due_date, term.extension)
        return replace(taken, due_date=due, extend_reason=reason)

    def answered(self, officer: PersonId, text: str, outcome: Outcome, now: datetime) -> Self:
        """The answer. Raises DataRequestAnswered, SeparationOfDuties for an own request.

        What asks for a destruction is satisfied by its order alone: ErasureNotAsked.
        """
        if self.kind is RequestKind.ERASURE and outcome is Outcome.SATISFIED:
            self._require_open(officer)
            raise ErasureNotAsked(step="SATISFY")
        return self._ended(officer, text, outcome, now)

    def destroyed(self, officer: PersonId, text: str, now: datetime) -> Self:
        """Answered by the order. Raises ErasureNotAsked and as `answered`."""
        if self.kind is not RequestKind.ERASURE:
            raise ErasureNotAsked(step="DESTROY")
        return self._ended(officer, text, Outcome.SATISFIED, now)

    def superseded(self, text: str, now: datetime) -> Self:
        """Closed by the person's own later decision. Raises DataRequestAnswered."""
        if self.state is RequestStage.ANSWERED:
            raise DataRequestAnswered
        return replace(
            self,
            state=RequestStage.ANSWERED,
            answer=text,
            outcome=Outcome.SUPERSEDED,
            answer_time=now,
        )

    def _ended(self, officer: PersonId, text: str, outcome: Outcome, now: datetime) -> Self:
        taken = self.taken(officer)
        return replace(
            taken, state=RequestStage.ANSWERED, answer=text, outcome=outcome, answer_time=now
        )

    def _require_open(self, officer: PersonId) -> None:
        if self.state is RequestStage.ANSWERED:
            raise DataRequestAnswered
        if officer == self.person_id:
            raise SeparationOfDuties


def kind_chosen(text: str) -> RequestKind:
    """What a person chose; a dispute begins at an entry of the access log.

    Raises DataRequestKindUnknown.
    """
    try:
        kind = RequestKind(text)
    except ValueError:
        raise DataRequestKindUnknown(field="kind") from None
    if kind is RequestKind.DISPUTE:
        raise DataRequestKindUnknown(field="kind")
    return kind
