"""What time ends by itself: replaced ids, idle sessions, old records."""

from datetime import timedelta

from lkmr_auth.domain.session import ROTATION_GRACE
from lkmr_auth.usecases.resolve_session import SessionParts

BATCH = 200


async def close_rotated(*, parts: SessionParts) -> None:
    """End the replaced ids whose 30 s are over and tell the gateways, which still hold them."""
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        ended = await uow.sessions.take_closed(now - ROTATION_GRACE, BATCH)
        await uow.announce(*ended)
        await uow.commit()


async def sweep(*, parts: SessionParts) -> None:
    """Remove records of sign-in that ran out, spent codes and long-ended sessions."""
    async with parts.new_uow() as uow:
        await uow.cleaner.sweep(parts.clock.now(), parts.limits.idle + timedelta(minutes=2))
        await uow.commit()
