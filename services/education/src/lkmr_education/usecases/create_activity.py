"""Register an activity of the caller."""

import uuid

from lkmr_education.domain.activity import Activity, State
from lkmr_education.domain.draft import Draft
from lkmr_education.usecases.account import Account
from lkmr_education.usecases.ports import NewUnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.identity import Caller

_METHOD = "CreateActivity"


async def create_activity(
    draft: Draft,
    *,
    account: Account,
    caller: Caller,
    request_id: str,
    body: bytes,
    new_uow: NewUnitOfWork,
    clock: Clock,
) -> str:
    """The id of the new activity; a repeat gives the first one.

    One whose last day is past is finished and waits for its document («ждём документ»). Without a
    specialty it is credited to the only open cycle. Raises ServiceError REQUEST_ID_REUSED.
    """
    worker, now = account.present.worker.id, clock.now()
    specialties = account.open_specialties
    over = draft.end_date < account.present.today
    activity = Activity(
        id=str(uuid.uuid4()),
        worker=worker,
        kind=draft.kind,
        title=draft.title,
        organizer=draft.organizer,
        start_date=draft.start_date,
        end_date=draft.end_date,
        hours=draft.hours,
        specialty=draft.specialty or (specialties[0] if len(specialties) == 1 else ""),
        form=draft.form,
        place=draft.place,
        level=draft.level,
        attestation=draft.attestation,
        state=State.COMPLETED_CLAIMED if over else State.PLANNED,
        create_time=now,
        update_time=now,
    )
    async with new_uow() as uow:
        stored = await uow.requests.replay(caller, _METHOD, request_id, body)
        if stored is not None:
            return stored.decode()
        await uow.activities.add(activity, actor="WORKER")
        await uow.requests.store(caller, _METHOD, request_id, activity.id.encode())
        await uow.commit()
    return activity.id
