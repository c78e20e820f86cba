"""Which faults of PostgreSQL mean that it is away, and which that a statement is wrong."""

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from lkmr_servicekit.database import is_away


def raised(cause: Exception) -> DBAPIError:
    """As the driver of SQLAlchemy hands on a fault of asyncpg."""
    translated = Exception("translated")
    translated.__cause__ = cause
    return DBAPIError("SELECT 1", None, translated)


@pytest.mark.parametrize(
    "cause",
    [
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InterfaceError("the underlying connection is closed"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.CannotConnectNowError("the database system is starting up"),
        ConnectionRefusedError(),
    ],
)
def test_a_lost_connection_is_a_database_that_is_away(cause: Exception) -> None:
    assert is_away(raised(cause))


@pytest.mark.parametrize(
    "cause",
    [
        asyncpg.InterfaceError("cannot perform operation: another operation is in progress"),
        asyncpg.UniqueViolationError("duplicate key"),
    ],
)
def test_a_wrong_statement_is_not(cause: Exception) -> None:
    assert not is_away(raised(cause))
