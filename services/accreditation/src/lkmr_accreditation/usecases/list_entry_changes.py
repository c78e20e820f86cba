"""The feed of changed entries for those who follow them from outside."""

from collections.abc import Callable, Sequence

from lkmr_accreditation.domain.errors import PartnerCursorUnknown
from lkmr_accreditation.usecases.ports import StoredChange, UnitOfWork
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.pagination import page_size_of, page_token_of, position_of


async def list_entry_changes(
    cursor: str, page_size: int, *, new_uow: Callable[[], UnitOfWork]
) -> tuple[Sequence[StoredChange], str]:
    """Changes after a cursor, oldest first, and the cursor after them.

    An empty cursor gives the present end and no change. Raises PartnerCursorUnknown.
    """
    try:
        position = position_of(cursor, int)
    except ServiceError:
        raise PartnerCursorUnknown from None
    size = page_size_of(page_size)
    async with new_uow() as uow:
        end = await uow.changes.end()
        if not position:
            return (), page_token_of(end)
        after = int(position[0])
        if not 0 <= after <= end:
            raise PartnerCursorUnknown
        found = await uow.changes.after(after, size)
    return found, page_token_of(found[-1].sequence if found else after)
