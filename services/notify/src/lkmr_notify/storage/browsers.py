"""Browsers that people subscribed for push; endpoint and keys are sealed."""

import hashlib
import uuid
from collections.abc import Sequence

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_notify.usecases.ports import Subscription
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing

PER_PERSON = 10
_LIST = (
    "SELECT id, data_key, content FROM push_subscription WHERE person_id = $1 ORDER BY create_time"
)
_DELETE = "DELETE FROM push_subscription WHERE id = $1"
_PUT = sa.text(
    "INSERT INTO push_subscription (id, person_id, endpoint_index, data_key, content, create_time)"
    " VALUES (:id, :person, :index, :key, :content, :now)"
    " ON CONFLICT (endpoint_index) DO UPDATE SET person_id = excluded.person_id,"
    " data_key = excluded.data_key, content = excluded.content, id = excluded.id"
)
_TRIM = sa.text(
    "DELETE FROM push_subscription WHERE id IN (SELECT id FROM push_subscription"
    " WHERE person_id = :person ORDER BY create_time DESC OFFSET :keep)"
)
_DROP = sa.text(
    "DELETE FROM push_subscription WHERE person_id = :person"
    " AND (CAST(:index AS bytea) IS NULL OR endpoint_index = :index)"
)
_PLACE = ("push_subscription", "content")


class StoredBrowsers:
    """Subscriptions inside a unit of work."""

    def __init__(self, connection: AsyncConnection, ring: KeyRing, clock: Clock) -> None:
        self._connection, self._ring, self._clock = connection, ring, clock

    async def put(self, person: uuid.UUID, given: Subscription) -> None:
        """Keep a subscription; the same browser under another person moves to that person."""
        made, key = uuid.uuid4(), self._ring.new_data_key()
        content = orjson.dumps([given.endpoint, given.p256dh, given.auth])
        await self._connection.execute(
            _PUT,
            {
                "id": made,
                "person": person,
                "index": self._index(given.endpoint),
                "key": key.wrapped,
                "content": key.seal(content, *_PLACE, str(made)),
                "now": self._clock.now(),
            },
        )
        await self._connection.execute(_TRIM, {"person": person, "keep": PER_PERSON})

    async def drop(self, person: uuid.UUID, endpoint: str) -> None:
        """Forget a browser of a person; all of them for an empty endpoint."""
        index = self._index(endpoint) if endpoint else None
        await self._connection.execute(_DROP, {"person": person, "index": index})

    def _index(self, endpoint: str) -> bytes:
        digest = hashlib.sha256(endpoint.encode()).hexdigest()
        return self._ring.index("push_subscription.endpoint", digest)


class BrowserReader:
    """Subscriptions at the moment of sending."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database, self._ring = database, ring

    async def of(self, person: uuid.UUID) -> Sequence[tuple[uuid.UUID, Subscription]]:
        """All of a person. Raises ServiceError when a sealed value does not open."""
        rows = await self._database.pool.fetch(_LIST, person)
        return [
            (
                row["id"],
                Subscription(
                    *orjson.loads(
                        self._ring.data_key(row["data_key"]).open(
                            row["content"], *_PLACE, str(row["id"])
                        )
                    )
                ),
            )
            for row in rows
        ]

    async def forget(self, browser: uuid.UUID) -> None:
        """Remove one whose subscription has ended."""
        await self._database.pool.execute(_DELETE, browser)
