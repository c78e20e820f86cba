"""Take what the НМО portal credited to a worker: the port `CreditFeed` of this service."""

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime

from lkmr_education.domain.activity import Activity, Actor, Kind, Source, State
from lkmr_education.domain.certificate import Method
from lkmr_education.domain.draft import MAX_HOURS
from lkmr_education.domain.errors import CreditInvalid, WorkerNotFound
from lkmr_education.usecases.follow_activity import save_and_follow
from lkmr_education.usecases.ports import UnitOfWork
from lkmr_education.usecases.present_worker import today_at
from lkmr_education.usecases.record_check import confirm
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import FieldFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Credit units of one event or module; `external_id` is the same at every repeat."""

    worker: str
    external_id: str
    kind: Kind
    title: str
    organizer: str
    start_date: date
    end_date: date
    units: int
    specialty: str
    method: Method = Method.PORTAL_AUTO


async def take_credit(credit: Credit, *, uow: UnitOfWork, clock: Clock) -> bool:
    """Inside an open unit of work; False for a repeat that changes nothing.

    A first credit registers the activity; a corrected one (other units or days) replaces what was
    credited before, so that the portal may correct itself. Raises CreditInvalid, WorkerNotFound:
    whoever brings the feed keeps what was refused, with the reason.
    """
    now = clock.now()
    today = today_at(now)
    _check(credit, today)
    if not await uow.workers.lock(credit.worker):
        raise WorkerNotFound
    known = await uow.activities.find_external(credit.worker, credit.external_id)
    activity = known or _activity_of(credit, now)
    if known is None:
        await uow.activities.add(activity, actor=Actor.PROVIDER.value)
    else:
        fresh = replace(
            known,
            title=credit.title,
            organizer=credit.organizer,
            start_date=credit.start_date,
            end_date=credit.end_date,
            hours=credit.units,
            specialty=credit.specialty,
        )
        _, valid = await uow.certificates.of_activity(credit.worker, known.id)
        if fresh == known and valid is not None and valid.units == credit.units:
            return False
        if fresh != known:
            activity = replace(fresh, version=known.version + 1, update_time=now)
            await save_and_follow(known, activity, actor=Actor.PROVIDER, uow=uow)
    await confirm(activity, None, credit.method, uow=uow, clock=clock, units=credit.units)
    await uow.activities.announce_credit(credit.worker, activity.id)
    return True


def _check(credit: Credit, today: date) -> None:
    faults = []
    if not 0 < credit.units <= MAX_HOURS:
        faults.append(FieldFault("units", "OUT_OF_RANGE"))
    if not credit.start_date <= credit.end_date <= today:
        faults.append(FieldFault("end_date", "OUT_OF_RANGE"))
    if not credit.kind.is_portal:
        faults.append(FieldFault("kind", "UNKNOWN"))
    if not credit.external_id:
        faults.append(FieldFault("external_id", "REQUIRED"))
    if faults:
        raise CreditInvalid(faults)


def _activity_of(credit: Credit, now: datetime) -> Activity:
    return Activity(
        id=str(uuid.uuid4()),
        worker=credit.worker,
        kind=credit.kind,
        title=credit.title,
        organizer=credit.organizer,
        start_date=credit.start_date,
        end_date=credit.end_date,
        hours=credit.units,
        specialty=credit.specialty,
        source=Source.PORTAL,
        external_id=credit.external_id,
        state=State.COMPLETED_CLAIMED,
        create_time=now,
        update_time=now,
    )
