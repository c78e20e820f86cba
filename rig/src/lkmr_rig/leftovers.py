"""What a test of destruction looks for in a database afterwards."""

from collections.abc import AsyncIterator, Iterable
from uuid import uuid4

from lkmr.auth.v1.events_pb2 import ErasureOrdered

from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.events import Event

_KEYS = (
    "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
    " AND column_name = 'data_key'"
)


def an_order(
    person: str, worker: str = "", scope: str = "ACCOUNT", erasure: str = ""
) -> Event[ErasureOrdered]:
    """The event by which auth orders a destruction, new each time."""
    data = ErasureOrdered(
        erasure=erasure or f"erasures/{uuid4()}",
        person=f"persons/{person}",
        worker=f"workers/{worker}" if worker else "",
        scope=scope,
    )
    return Event(uuid4(), "lkmr.auth.v1.erasure.ordered", data.erasure, data)


async def opens(store: Database, ring: KeyRing, envelope: bytes, *place: str) -> bool:
    """Whether a sealed value, as a copy would hold it, opens by any data key that is left."""
    async for wrapped in _data_keys(store):
        try:
            ring.data_key(wrapped).open(envelope, *place)
        except ServiceError:
            continue
        return True
    return False


async def holding(store: Database, identity: str, *, but: Iterable[str] = ()) -> dict[str, int]:
    """Tables in which an id still stands in some column, with the number of rows."""
    found = {}
    tables = await store.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for (table,) in tables:
        if table in but:
            continue
        query = f'SELECT count(*) FROM "{table}" one WHERE one::text LIKE $1'  # noqa: S608 - the catalogue's
        if count := await store.pool.fetchval(query, f"%{identity}%"):
            found[table] = count
    return found


async def _data_keys(store: Database) -> AsyncIterator[bytes]:
    for (table,) in await store.pool.fetch(_KEYS):
        query = f'SELECT data_key FROM "{table}" WHERE data_key IS NOT NULL'  # noqa: S608 - the catalogue's
        for (wrapped,) in await store.pool.fetch(query):
            yield bytes(wrapped)
