"""Add the document that was received for an activity."""

import uuid

from lkmr_education.domain.activity import FINISHED, Actor, State
from lkmr_education.domain.certificate import Certificate, TypedCertificate, certificate_of
from lkmr_education.domain.errors import ActivityNotFound, CertificateDuplicate, StepNotAllowed
from lkmr_education.usecases.follow_activity import save_and_follow
from lkmr_education.usecases.ports import NewUnitOfWork
from lkmr_education.usecases.present_worker import today_at
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.identity import Caller

_METHOD = "AddCertificate"


async def add_certificate(
    worker: str,
    activity_id: str,
    typed: TypedCertificate,
    *,
    caller: Caller,
    request_id: str,
    body: bytes,
    new_uow: NewUnitOfWork,
    clock: Clock,
) -> None:
    """Store the document; its hours wait for the check. A repeat does nothing.

    An activity whose document was refused waits again. Raises ActivityNotFound, CertificateInvalid,
    CertificateDuplicate, StepNotAllowed, ActivityNotFinished.
    """
    now = clock.now()
    today = today_at(now)
    async with new_uow() as uow:
        if await uow.requests.replay(caller, _METHOD, request_id, body) is not None:
            return
        activity = await uow.activities.find(worker, activity_id)
        if activity is None:
            raise ActivityNotFound
        if activity.state is State.CONFIRMED:
            raise StepNotAllowed(state=activity.state.value, to=State.COMPLETED_CLAIMED.value)
        draft = certificate_of(
            typed,
            kind=activity.kind,
            organizer=activity.organizer,
            ended_on=activity.end_date,
            today=today,
        )
        certificate = Certificate(
            id=str(uuid.uuid4()),
            worker=worker,
            activity=activity_id,
            type=draft.type,
            issuer=draft.issuer,
            series=draft.series,
            number=draft.number,
            issue_date=draft.issue_date,
            hours=draft.hours,
            create_time=now,
        )
        if not await uow.certificates.add(certificate):
            raise CertificateDuplicate
        if activity.state not in FINISHED or activity.state is State.REJECTED_DOC:
            finished = activity.advance(
                State.COMPLETED_CLAIMED, actor=Actor.WORKER, today=today, now=now
            )
            await save_and_follow(activity, finished, actor=Actor.WORKER, uow=uow)
        await uow.activities.announce_credit(worker, activity_id)
        await uow.requests.store(caller, _METHOD, request_id, b"done")
        await uow.commit()
