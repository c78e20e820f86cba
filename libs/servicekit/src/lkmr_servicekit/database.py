"""PostgreSQL: one engine for units of work, one plain pool for the hottest reads."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Protocol, Self

import asyncpg
import orjson
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from lkmr_servicekit import telemetry
from lkmr_servicekit.errors import Category, ServiceError

_SERVER_AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InternalClientError,  # the conversation broke off in the middle of an answer
    asyncpg.InternalServerError,  # XX000: a server that is dying says so of itself
)
_GIVEN_UP = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
)
AWAY = (*_SERVER_AWAY, *_GIVEN_UP, asyncpg.InterfaceError, PoolTimeout)
"""What a query of the plain pool raises while PostgreSQL is away, starts or stops, or gave it up:

of two who wait for each other one, and who waits or works longer than its role may. Nothing of it
was kept, and the same again may succeed.
"""
FAULTS = (*AWAY, asyncpg.PostgresError, TimeoutError)
"""Whatever a statement may raise: for background work that waits and begins anew."""


class Passenger(Protocol):
    """What the next commit of a call takes along: the act that the journal is told of."""

    async def board(self, connection: AsyncConnection) -> None:
        """Write into the transaction that is about to be committed."""
        ...

    def arrived(self) -> None:
        """The commit was kept."""
        ...


passenger: ContextVar[Passenger | None] = ContextVar("passenger", default=None)


class Database:
    """The database of one service, reached by its URL.

    Opened with `async with`; everything that talks to PostgreSQL in a service holds this object.
    """

    def __init__(self, dsn: str, *, pool_size: int = 8) -> None:
        self.dsn = dsn
        self._pool_size = pool_size
        self._stack = AsyncExitStack()
        self.engine: AsyncEngine
        self.pool: asyncpg.Pool

    async def __aenter__(self) -> Self:
        url = make_url(self.dsn).set(drivername="postgresql+asyncpg")
        self.engine = create_async_engine(
            url,
            pool_size=10,
            max_overflow=0,
            pool_timeout=2,
            pool_recycle=300,
            connect_args={
                "command_timeout": 30,
                "timeout": 3,
                "prepared_statement_cache_size": 500,
            },
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
        )
        _trace_statements(self.engine)
        _renew_closed(self.engine)
        self._stack.push_async_callback(self.engine.dispose)
        self.pool = await asyncpg.create_pool(
            self.dsn,
            min_size=1,
            max_size=self._pool_size,
            timeout=3,
            command_timeout=5,
            reset=_keep_as_is,
        )
        self._stack.push_async_callback(self._close_pool)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def _close_pool(self) -> None:
        try:
            await asyncio.wait_for(self.pool.close(), 3)
        except TimeoutError:
            self.pool.terminate()

    async def answers(self) -> bool:
        """Whether the database answers now."""
        try:
            await self.pool.fetchval("select 1", timeout=1)
        except FAULTS:
            return False
        return True

    async def fetch_value(self, statement: str, *values: object) -> Any:
        """One value by one prepared statement, for the hottest reads (json_agg answers).

        Raises ServiceError DATABASE_UNAVAILABLE.
        """
        row = await self.fetch_row(statement, *values)
        return None if row is None else row[0]

    async def fetch_row(self, statement: str, *values: object) -> Any:
        """One row or None, the same way. Raises ServiceError DATABASE_UNAVAILABLE."""
        with _query():
            return await self.pool.fetchrow(statement, *values)

    async def fetch_rows(self, statement: str, *values: object) -> list[Any]:
        """All rows, the same way. Raises ServiceError DATABASE_UNAVAILABLE."""
        with _query():
            found: list[Any] = await self.pool.fetch(statement, *values)
            return found


@contextmanager
def _query() -> Iterator[None]:
    with telemetry.span("postgresql.query", kind="CLIENT", attributes={"db.system": "postgresql"}):
        try:
            yield
        except AWAY as fault:
            raise unavailable() from fault


class UnitOfWork:
    """One transaction: nothing is kept unless `commit` was called.

    A service derives its own and adds repositories over `self.connection`.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.connection: AsyncConnection

    async def __aenter__(self) -> Self:
        try:
            self.connection = await self.database.engine.connect()
        except (*AWAY, DBAPIError) as fault:
            raise unavailable() from fault
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Shielded: a cancelled request must still give its connection back clean.
        try:
            await asyncio.shield(self.connection.close())
        except (*AWAY, DBAPIError) as lost:
            # What was committed is kept, what was read is read; the connection is thrown away.
            telemetry.log.info("database.connection_lost", kind=type(lost).__name__)
        if isinstance(fault, AWAY) or (isinstance(fault, DBAPIError) and is_away(fault)):
            raise unavailable() from fault

    async def commit(self) -> None:
        """Keep the work. Raises ServiceError DATABASE_UNAVAILABLE when that cannot be known."""
        aboard = passenger.get()
        try:
            if aboard is not None:
                await aboard.board(self.connection)
            await self.connection.commit()
        except (*AWAY, DBAPIError) as fault:
            raise unavailable() from fault
        if aboard is not None:
            aboard.arrived()


def unavailable() -> ServiceError:
    """The refusal while the database of the service is away."""
    return ServiceError("DATABASE_UNAVAILABLE", Category.UNAVAILABLE)


def is_away(fault: DBAPIError) -> bool:
    """Whether the fault is the connection's or the moment's, not the statement's."""
    if fault.connection_invalidated:
        return True
    cause = getattr(fault.orig, "__cause__", None)
    # asyncpg says in the same way that a program misused it; only its words tell them apart.
    closed = isinstance(cause, asyncpg.InterfaceError) and "closed" in str(cause)
    return closed or isinstance(cause, (*_SERVER_AWAY, *_GIVEN_UP))


def _renew_closed(engine: AsyncEngine) -> None:
    """A connection that the server closed is opened anew when it is taken from the pool.

    asyncpg knows of it without asking; the ping of the pool would be three trips each time.
    """

    @event.listens_for(engine.sync_engine, "checkout")
    def look(held: Any, _record: Any, _proxy: Any) -> None:
        if held.driver_connection.is_closed():
            raise DisconnectionError


def _trace_statements(engine: AsyncEngine) -> None:
    """A span for each statement of a sampled trace; the text is the statement, never its values."""

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def before(_c: Any, _cur: Any, statement: str, _p: Any, context: Any, _m: Any) -> None:
        trace = telemetry.current_trace()
        if trace is not None and trace.sampled:
            name = "postgresql " + statement.lstrip().split(None, 1)[0].lower()
            scope = telemetry.span(
                name,
                kind="CLIENT",
                attributes={"db.system": "postgresql", "db.query.text": statement[:500]},
            )
            scope.__enter__()
            context._lkmr_span = scope  # noqa: SLF001 - the execution context is the place for it

    @event.listens_for(engine.sync_engine, "after_cursor_execute")
    def after(_c: Any, _cur: Any, _s: str, _p: Any, context: Any, _m: Any) -> None:
        if scope := getattr(context, "_lkmr_span", None):
            scope.__exit__(None, None, None)


async def _keep_as_is(_: asyncpg.Connection) -> None:
    """The plain pool runs single statements that leave nothing behind: no `RESET ALL` trip."""


@asynccontextmanager
async def listening(
    dsn: str, channel: str, wake: asyncio.Event
) -> AsyncIterator[asyncpg.Connection]:
    """A connection of its own that sets `wake` on each NOTIFY of a channel, and when it is lost."""
    connection = await asyncpg.connect(dsn, timeout=3, command_timeout=10)
    connection.add_termination_listener(lambda _: wake.set())
    try:
        await connection.add_listener(channel, lambda *_: wake.set())
        yield connection
    finally:
        try:
            await asyncio.wait_for(connection.close(), 2)
        except FAULTS:
            connection.terminate()


@asynccontextmanager
async def holding(database: Database, work: str) -> AsyncIterator[None]:
    """Hold the right to a piece of background work; waits while another instance has it.

    However long: the limits of the role for statements do not hold for this one.
    Raises ServiceError DATABASE_UNAVAILABLE when the connection that carries the right is lost.
    """
    try:
        connection = await asyncpg.connect(
            database.dsn,
            timeout=3,
            command_timeout=None,
            server_settings={"lock_timeout": "0", "statement_timeout": "0"},
        )
    except AWAY as fault:
        raise unavailable() from fault
    lost = asyncio.Event()
    connection.add_termination_listener(lambda _: lost.set())
    try:
        await connection.execute("SELECT pg_advisory_lock(hashtext($1))", f"work:{work}")
        task = asyncio.current_task()
        watch = asyncio.create_task(lost.wait())
        watch.add_done_callback(lambda done: done.cancelled() or (task and task.cancel()))
        try:
            yield
        except asyncio.CancelledError:
            if lost.is_set():
                if task is not None:
                    task.uncancel()
                raise unavailable() from None
            raise
        finally:
            watch.cancel()
    except AWAY as fault:
        raise unavailable() from fault
    finally:
        connection.terminate()
