"""The copy of the norms that `accreditation` owns."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_education.domain.norms import Norm, Norms
from lkmr_education.storage.tables import law_copy


class LawRepository:
    """The port `LawCopy`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def read(self) -> Norms:
        """What was kept last; empty before the first time."""
        found = await self._connection.execute(sa.select(law_copy).order_by(law_copy.c.key))
        return Norms(
            tuple(
                Norm(
                    key=row["key"],
                    value=row["value"],
                    source=row["source"],
                    **{
                        name: row[name]
                        for name in ("valid_from", "valid_until")
                        if row[name] is not None
                    },
                )
                for row in found.mappings()
            )
        )

    async def keep(self, norms: Norms) -> None:
        """Keep these in place of what was there."""
        await self._connection.execute(sa.delete(law_copy))
        await self._connection.execute(
            sa.insert(law_copy),
            [
                {
                    "key": one.key,
                    "value": one.value,
                    "source": one.source,
                    "valid_from": None if one.valid_from == date.min else one.valid_from,
                    "valid_until": None if one.valid_until == date.max else one.valid_until,
                }
                for one in norms.entries
            ],
        )
