"""Take a step in the life cycle of an activity, or move its days."""

from dataclasses import dataclass

from lkmr_education.domain.activity import UPCOMING, Activity, Actor, State
from lkmr_education.domain.draft import days_of
from lkmr_education.domain.errors import ActivityChanged, ActivityNotFound, StepNotAllowed
from lkmr_education.usecases.follow_activity import save_and_follow
from lkmr_education.usecases.ports import NewUnitOfWork
from lkmr_education.usecases.present_worker import today_at
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.identity import Caller

_METHOD = "AdvanceActivity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is asked for; `version` 0 means whatever is stored."""

    worker: str
    activity: str
    to: str
    reason: str = ""
    start_date: str = ""
    end_date: str = ""
    version: int = 0


async def advance_activity(
    step: Step,
    *,
    actor: Actor,
    caller: Caller,
    request_id: str,
    body: bytes,
    new_uow: NewUnitOfWork,
    clock: Clock,
) -> None:
    """Store the new version with what changed, and announce it; a repeat does nothing.

    Raises ActivityNotFound, ActivityChanged, StepNotAllowed, ActivityNotFinished, ActivityInvalid.
    """
    async with new_uow() as uow:
        if await uow.requests.replay(caller, _METHOD, request_id, body) is not None:
            return
        old = await uow.activities.find(step.worker, step.activity)
        if old is None:
            raise ActivityNotFound
        if step.version and step.version != old.version:
            raise ActivityChanged(version=old.version)
        new = _stepped(old, step, actor, clock)
        await save_and_follow(old, new, actor=actor, uow=uow)
        if new.state not in UPCOMING:
            await uow.activities.announce_credit(step.worker, step.activity)
        await uow.requests.store(caller, _METHOD, request_id, b"done")
        await uow.commit()


def _stepped(old: Activity, step: Step, actor: Actor, clock: Clock) -> Activity:
    now = clock.now()
    if step.to not in State.__members__:
        raise StepNotAllowed(state=old.state.value, to=step.to[:40])
    to, reason = State(step.to), " ".join(step.reason.split())[:500]
    if to is State.RESCHEDULED or (step.start_date and to is old.state):
        start, end = days_of(step.start_date, step.end_date, today=today_at(now))
        return old.move(start, end, actor=actor, now=now, reason=reason)
    return old.advance(to, actor=actor, today=today_at(now), now=now, reason=reason)
