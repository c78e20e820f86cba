"""Store a new version of an activity and bring along the plan item that it carries out."""

from lkmr_education.domain.activity import Activity, Actor
from lkmr_education.usecases.ports import UnitOfWork


async def save_and_follow(old: Activity, new: Activity, *, actor: Actor, uow: UnitOfWork) -> None:
    """Inside an open unit of work: the change, then the item's deadline and state after it."""
    await uow.activities.save(old, new, actor=actor.value)
    item = await uow.plans.of_activity(new.worker, new.id)
    if item is None:
        return
    followed = item.following(new, new.update_time)
    if followed is not None:
        await uow.plans.save(followed)
