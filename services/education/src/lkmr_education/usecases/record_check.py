"""What the register of education documents said about a document, and what follows."""

from dataclasses import replace
from datetime import timedelta

from lkmr_education.domain.activity import Activity, Actor, State
from lkmr_education.domain.certificate import (
    DECIDED,
    Certificate,
    Check,
    Confirmation,
    Method,
    next_check_time,
)
from lkmr_education.domain.errors import ActivityNotFound, CertificateNotFound
from lkmr_education.usecases.follow_activity import save_and_follow
from lkmr_education.usecases.ports import CheckResult, UnitOfWork
from lkmr_education.usecases.present_worker import today_at
from lkmr_servicekit.clock import Clock

_AGAINST = frozenset({Check.MISMATCH, Check.ANNULLED})
AGAIN = timedelta(minutes=15)


async def record_check(
    worker: str, certificate_id: str, result: CheckResult, *, uow: UnitOfWork, clock: Clock
) -> None:
    """Store an answer inside an open unit of work; the same answer again changes nothing else.

    A register that is away takes nothing back from what it once decided: it is asked again later.
    FOUND confirms the hours of a programme; MISMATCH and ANNULLED take a confirmation back,
    whoever gave it. A document that waits for its entry is announced, so that its worker is
    reminded; once it is there, that ends. Raises CertificateNotFound, ActivityNotFound.
    """
    now = clock.now()
    old = await uow.certificates.find(worker, certificate_id)
    if old is None:
        raise CertificateNotFound
    if result.check is Check.SOURCE_DOWN and old.check in DECIDED:
        still = replace(old, check_time=now)
        await uow.certificates.save_check(still, next_time=now + AGAIN)
        return
    new = replace(old, check=result.check, check_fields=result.fields, check_time=now)
    later = next_check_time(new, now=now, before=old.check)
    await uow.certificates.save_check(new, next_time=later)
    if old.waits is not new.waits:
        await uow.certificates.announce_wait(new)
    if (old.check, old.check_fields) == (new.check, new.check_fields):
        return
    activity = await uow.activities.find(worker, old.activity)
    if activity is None:
        raise ActivityNotFound
    if result.check is Check.FOUND and activity.kind.is_programme:
        await confirm(activity, new, Method.FRDO, uow=uow, clock=clock)
    elif result.check in _AGAINST:
        await _take_back(activity, new, uow=uow, clock=clock)
    await uow.activities.announce_credit(worker, activity.id)


async def confirm(
    activity: Activity,
    certificate: Certificate | None,
    method: Method,
    *,
    uow: UnitOfWork,
    clock: Clock,
    units: int = 0,
    confirmed_by: str = "",
    reason: str = "",
) -> None:
    """Store the ground on which hours count and move the activity to CONFIRMED."""
    document = certificate.hours if certificate else None
    await uow.certificates.confirm(
        Confirmation(
            activity=activity.id,
            worker=activity.worker,
            method=method,
            units=units or document or activity.hours or 0,
            confirm_time=clock.now(),
            certificate=certificate.id if certificate else "",
            confirmed_by=confirmed_by,
            reason=reason,
        )
    )
    if activity.state is not State.CONFIRMED:
        ready = await _claimed(activity, uow=uow, clock=clock)
        await _step(ready, State.CONFIRMED, uow=uow, clock=clock)


async def _claimed(activity: Activity, *, uow: UnitOfWork, clock: Clock) -> Activity:
    """An activity that waits for its document: one that was refused comes back first."""
    if activity.state is State.REJECTED_DOC:
        return await _step(activity, State.COMPLETED_CLAIMED, uow=uow, clock=clock)
    return activity


async def _take_back(
    activity: Activity, certificate: Certificate, *, uow: UnitOfWork, clock: Clock
) -> None:
    await uow.certificates.revoke(activity.id, clock.now())
    if activity.state in {State.COMPLETED_CLAIMED, State.CONFIRMED}:
        reason = certificate.check.value
        await _step(activity, State.REJECTED_DOC, uow=uow, clock=clock, reason=reason)


async def _step(
    activity: Activity, to: State, *, uow: UnitOfWork, clock: Clock, reason: str = ""
) -> Activity:
    now = clock.now()
    new = activity.advance(to, actor=Actor.SYSTEM, today=today_at(now), now=now, reason=reason)
    await save_and_follow(activity, new, actor=Actor.SYSTEM, uow=uow)
    return new
