"""Confirm a document by hand: the personnel office vouches for it, with a reason."""

from lkmr_education.domain.activity import FINISHED, State
from lkmr_education.domain.certificate import Check, Method, reason_of
from lkmr_education.domain.errors import (
    ActivityNotFound,
    CertificateNotFound,
    SelfConfirmation,
    StepNotAllowed,
)
from lkmr_education.usecases.ports import NewUnitOfWork
from lkmr_education.usecases.record_check import confirm
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.identity import Caller

_METHOD = "ConfirmCertificate"


async def confirm_certificate(
    worker: str,
    certificate_id: str,
    reason: str,
    *,
    caller: Caller,
    request_id: str,
    body: bytes,
    new_uow: NewUnitOfWork,
    clock: Clock,
) -> str:
    """The id of the activity whose hours now count with a mark. A repeat does nothing.

    Nobody vouches for themselves, and nobody against the register.
    Raises SelfConfirmation, CertificateNotFound, ConfirmationInvalid, StepNotAllowed.
    """
    if caller.worker == worker:
        raise SelfConfirmation
    ground = reason_of(reason)
    async with new_uow() as uow:
        stored = await uow.requests.replay(caller, _METHOD, request_id, body)
        if stored is not None:
            return stored.decode()
        certificate = await uow.certificates.find(worker, certificate_id)
        if certificate is None:
            raise CertificateNotFound
        activity = await uow.activities.find(worker, certificate.activity)
        if activity is None:
            raise ActivityNotFound
        against = certificate.check in {Check.ANNULLED, Check.MISMATCH}
        if against or activity.state not in FINISHED:
            raise StepNotAllowed(state=activity.state.value, to=State.CONFIRMED.value)
        await confirm(
            activity,
            certificate,
            Method.MANUAL_HR,
            uow=uow,
            clock=clock,
            confirmed_by=f"persons/{caller.subject}",
            reason=ground,
        )
        await uow.activities.announce_credit(worker, activity.id)
        await uow.requests.store(caller, _METHOD, request_id, activity.id.encode())
        await uow.commit()
    return activity.id
