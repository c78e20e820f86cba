"""Addresses of the cabinet for organisations."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_auth.domain.errors import AddressTaken
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.redirect import RedirectAddress
from lkmr_auth.domain.rights import Reach

_LIST = sa.text(
    "SELECT id, organization_id, origin, create_time FROM redirect_address"
    " WHERE end_time IS NULL AND (:everywhere OR organization_id = :own) ORDER BY origin"
)
_ADD = sa.text(
    "INSERT INTO redirect_address (id, organization_id, origin, create_time, created_by)"
    " VALUES (:id, :organization, :origin, :now, :who)"
)
_END = sa.text(
    "UPDATE redirect_address SET end_time = :now WHERE id = :id AND end_time IS NULL"
    " AND (:everywhere OR organization_id = :own) RETURNING id"
)


class StoredRedirects:
    """The port `Redirects` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def page(self, reach: Reach) -> tuple[RedirectAddress, ...]:
        values = {"everywhere": reach.everywhere, "own": reach.organization}
        rows = await self._connection.execute(_LIST, values)
        return tuple(
            RedirectAddress(
                id=row.id,
                organization=row.organization_id,
                origin=row.origin,
                create_time=row.create_time,
            )
            for row in rows
        )

    async def add(self, address: RedirectAddress, who: PersonId) -> None:
        values = {
            "id": address.id,
            "organization": address.organization,
            "origin": address.origin,
            "now": address.create_time,
            "who": who,
        }
        try:
            await self._connection.execute(_ADD, values)
        except IntegrityError:
            raise AddressTaken from None

    async def end(self, identity: uuid.UUID, reach: Reach, now: datetime) -> bool:
        values = {
            "id": identity,
            "everywhere": reach.everywhere,
            "own": reach.organization,
            "now": now,
        }
        return (await self._connection.execute(_END, values)).first() is not None
