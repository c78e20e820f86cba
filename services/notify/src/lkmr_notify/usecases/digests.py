"""Send the letters that tell what was gathered over a day."""

from lkmr_notify.domain.texts import Texts
from lkmr_notify.usecases.work import NewUnitOfWork
from lkmr_servicekit.clock import Clock

KIND = "DIGEST"
PORTION = 200


async def send_digests(*, texts: Texts, new_uow: NewUnitOfWork, clock: Clock) -> int:
    """Queue a letter for each person whose hour has come; taken and queued in one transaction."""
    now, version = clock.now(), texts.latest(KIND).version
    async with new_uow() as uow:
        taken = await uow.digests.take(now, PORTION)
        for person, count in taken:
            await uow.deliveries.add_digest(
                person, kind=KIND, version=version, count=count, now=now
            )
        await uow.commit()
    return len(taken)
