"""Give the portal a code of an event (ИКП), at most five in ten minutes."""

from datetime import timedelta

from lkmr_education.domain.code import normalised
from lkmr_education.domain.errors import (
    CodeAttemptsExhausted,
    CodeEventNotFinished,
    CodeOutsideCycle,
    CodeSpecialtyMismatch,
    CodeUnknown,
    CodeUsed,
)
from lkmr_education.usecases.account import Account
from lkmr_education.usecases.outside import Portal, Redeemed
from lkmr_education.usecases.ports import NewUnitOfWork, UnitOfWork
from lkmr_servicekit.clock import Clock

LIMIT, WINDOW = 5, timedelta(minutes=10)
_REFUSALS = {
    "UNKNOWN": CodeUnknown,
    "NOT_FINISHED": CodeEventNotFinished,
    "SPECIALTY_MISMATCH": CodeSpecialtyMismatch,
    "OUTSIDE_CYCLE": CodeOutsideCycle,
}


async def redeem_code(
    typed: str, *, account: Account, portal: Portal, new_uow: NewUnitOfWork, clock: Clock
) -> Redeemed:
    """The portal's yes; the credit itself comes by its notice, so that it counts once.

    Its confirmation rests on the code (method IKP), whichever of answer and notice comes first: a
    worker whose row is locked is told of by one of them at a time.

    Raises CodeUnknown, CodeUsed, CodeEventNotFinished, CodeSpecialtyMismatch, CodeOutsideCycle,
    CodeAttemptsExhausted, PortalUnavailable.
    """
    worker, code, now = account.present.worker.id, normalised(typed), clock.now()
    if not code:
        raise CodeUnknown
    async with new_uow() as uow:
        await uow.workers.lock(worker)
        if await uow.codes.tries(worker, now - WINDOW) >= LIMIT:
            raise CodeAttemptsExhausted(limit=LIMIT, seconds=int(WINDOW.total_seconds()))
        noted = await uow.codes.note(worker, code, now)
        await uow.commit()
    said = await portal.redeem(worker, code, [one.cycle for one in account.current])
    async with new_uow() as uow:
        await uow.workers.lock(worker)
        await uow.codes.answered(noted, said.answer, said.study)
        if said.study:  # its notice may have been faster
            await _ground_on_code(worker, said.study, uow=uow)
        await uow.commit()
    if said.answer.startswith("USED_BY_"):
        raise CodeUsed(by=said.answer.removeprefix("USED_BY_"))
    if refusal := _REFUSALS.get(said.answer):
        raise refusal
    return said


async def _ground_on_code(worker: str, study: str, *, uow: UnitOfWork) -> None:
    activity = await uow.activities.find_external(worker, study)
    if activity is not None and await uow.certificates.ground_on_code(activity.id):
        await uow.activities.announce_credit(worker, activity.id)
