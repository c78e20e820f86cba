"""The password of the cabinet (пароль кабинета): a proof beside a code, no daily login."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lkmr_auth.domain.person import PersonId

FREE_TRIES = 5
MAX_WAIT_MINUTES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class CabinetPassword:
    """What is stored of a password. `tries` counts attempts since the last right one."""

    person_id: PersonId
    password_hash: str
    tries: int
    wait_time: datetime | None
    set_time: datetime


def wait_after(tries: int) -> timedelta:
    """How long nothing is looked at after so many attempts: from the fifth on 1, 2, 4 … 60 min."""
    if tries < FREE_TRIES:
        return timedelta(0)
    return timedelta(minutes=min(2 ** min(tries - FREE_TRIES, 6), MAX_WAIT_MINUTES))
