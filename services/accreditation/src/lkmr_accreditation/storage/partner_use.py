"""How many checks partner systems used up, counted once for all instances."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_accreditation.storage.tables import partner_use


class PartnerUse:
    """The day's use inside one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def take(self, partner: str, day: date, checks: int, *, limit: int) -> bool:
        """Count checks; False, and nothing counted, when they do not fit. A limit of 0 is none."""
        if limit and checks > limit:
            return False
        fresh = insert(partner_use).values(partner=partner, day=day, used=checks)
        both = partner_use.c.used + fresh.excluded.used
        taken = fresh.on_conflict_do_update(
            index_elements=["partner", "day"],
            set_={"used": both},
            where=(both <= limit) if limit else sa.true(),
        ).returning(partner_use.c.used)
        return (await self._connection.execute(taken)).first() is not None
