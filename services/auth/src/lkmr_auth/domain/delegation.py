"""Delegation (замещение): a head lets a colleague approve for a span of days."""

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self

from lkmr_access.matrix import DEPUTIES
from lkmr_auth.domain.access_errors import DelegationClosed, DelegationDatesInvalid
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.profiles import Profile

_WORDS = {"HEAD_DEPT": "заведующего отделением", "HEAD_ORG": "руководителя организации"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """`delegate_id` approves for `person_id` from `start_date` to `end_date`, both included."""

    id: uuid.UUID
    person_id: PersonId
    delegate_id: PersonId
    organization_id: str
    role: str
    start_date: date
    end_date: date
    create_time: datetime
    revoke_time: datetime | None = None

    def counts_on(self, day: date) -> bool:
        """Whether it lets the delegate act on a day."""
        return self.revoke_time is None and self.start_date <= day <= self.end_date

    def profile(self, source: Profile) -> Profile:
        """What the delegate may choose, made from the giver's own profile.

        Its position is what stands beside a decision (4.3: shown in the signature text).
        """
        return replace(
            source,
            role=DEPUTIES[self.role],
            position=f"замещает {_WORDS[self.role]} до {self.end_date:%d.%m.%Y}",
        )

    def revoked(self, now: datetime) -> Self:
        """Nobody acts by it from now on."""
        return replace(self, revoke_time=now)


def require_span(start: date, end: date, today: date, most_days: int) -> None:
    """Raises DelegationDatesInvalid: begins in the past, ends before it begins, or is too long."""
    if start < today:
        raise DelegationDatesInvalid(field="start_date", most_days=most_days)
    if end < start or (end - start).days >= most_days:
        raise DelegationDatesInvalid(field="end_date", most_days=most_days)


def require_delegable(role: str) -> None:
    """Raises DelegationClosed unless the role approves by itself."""
    if role not in DEPUTIES:
        raise DelegationClosed
