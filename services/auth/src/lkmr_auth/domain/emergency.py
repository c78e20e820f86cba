"""Emergency access (экстренный доступ, break-glass): one card, a reason, an end, a review."""

import re
import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import Self

from lkmr_auth.domain.access_errors import (
    EmergencyObjectInvalid,
    EmergencyReasonUnknown,
    EmergencyReviewed,
)
from lkmr_auth.domain.errors import SeparationOfDuties
from lkmr_auth.domain.person import PersonId

KIND = "EMERGENCY_ACCESS"
REASONS = frozenset({"LIFE_THREAT", "UNCONSCIOUS", "DUTY_CALL", "CONSULTATION", "OTHER"})
_CARD = re.compile(r"patients/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


class ReviewResult(Enum):
    """What a reviewer found."""

    JUSTIFIED = "JUSTIFIED"
    UNJUSTIFIED = "UNJUSTIFIED"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyAccess:
    """A person opened one card (`patients/{patient}`) without a treatment relation."""

    id: uuid.UUID
    person_id: PersonId
    organization_id: str
    role: str
    session: str
    object: str
    reason_code: str
    reason: str
    start_time: datetime
    expire_time: datetime
    review_due_date: date
    end_time: datetime | None = None
    reviewer_id: PersonId | None = None
    review_time: datetime | None = None
    review_result: ReviewResult | None = None

    def lasts(self, now: datetime) -> bool:
        """Whether the card is open still."""
        return self.end_time is None and now < self.expire_time

    def reviewed(self, who: PersonId, result: ReviewResult, now: datetime) -> Self:
        """What a reviewer found. Raises EmergencyReviewed, SeparationOfDuties for an own access."""
        if self.review_time is not None:
            raise EmergencyReviewed
        if who == self.person_id:
            raise SeparationOfDuties
        return replace(self, reviewer_id=who, review_time=now, review_result=result)


def card_named(name: str) -> str:
    """The card to open. Raises EmergencyObjectInvalid."""
    if not _CARD.match(name):
        raise EmergencyObjectInvalid(field="object")
    return name


def reason_chosen(code: str) -> str:
    """A reason of the list. Raises EmergencyReasonUnknown."""
    if code not in REASONS:
        raise EmergencyReasonUnknown(field="reason_code")
    return code
