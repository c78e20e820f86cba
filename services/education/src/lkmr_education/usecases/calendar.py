"""The calendar feed and its secret link."""

import hashlib
import secrets

from lkmr_education.domain.calendar import calendar_of
from lkmr_education.domain.errors import CalendarNotFound
from lkmr_education.usecases.ports import NewUnitOfWork, Reader
from lkmr_education.usecases.present_worker import today_at
from lkmr_servicekit.clock import Clock

_LONGEST = 128


async def renew_calendar(worker: str, *, new_uow: NewUnitOfWork, clock: Clock) -> str:
    """A new secret (256 bits); only its hash is kept, and the one before opens nothing any more."""
    secret = secrets.token_urlsafe(32)
    async with new_uow() as uow:
        await uow.plans.renew_calendar(worker, _hash(secret), clock.now())
        await uow.commit()
    return secret


async def read_calendar(secret: str, *, reader: Reader, clock: Clock) -> bytes:
    """The feed that a secret opens. Raises CalendarNotFound."""
    if not secret or len(secret) > _LONGEST:
        raise CalendarNotFound
    worker_id = await reader.opened_by(_hash(secret))
    worker = await reader.find_worker(worker_id) if worker_id else None
    if worker is None:
        raise CalendarNotFound
    plan = await reader.plan_of(worker.id)
    return calendar_of(worker.studies, plan, today=today_at(clock.now()))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(b"education-calendar\x00" + secret.encode()).digest()
