"""Runs the migrations of a service: `python -m lkmr_servicekit.migrate services/auth`.

The address comes from `<PREFIX>MIGRATION_URL` of the service; it is the owner's, not the program's.
"""

import asyncio
import os
import sys
from pathlib import Path

import sqlalchemy as sa
from alembic import command, context
from alembic.config import Config
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.ext.asyncio import create_async_engine

_LOCK = 7_304_001


def upgrade(service: Path, url: str, revision: str = "head") -> None:
    """Bring a database to a revision; two at once wait for one another."""
    config = Config()
    config.set_main_option("script_location", str(service / "migrations"))
    config.attributes["url"] = url
    command.upgrade(config, revision)


def run_env(metadata: sa.MetaData) -> None:
    """Called by `migrations/env.py` of every service."""
    url = make_url(context.config.attributes["url"]).set(drivername="postgresql+asyncpg")

    def work(connection: Connection) -> None:
        connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        connection.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
        connection.execute(sa.text("SET LOCAL statement_timeout = '15min'"))
        context.configure(connection=connection, target_metadata=metadata)
        context.run_migrations()
        connection.commit()

    async def run() -> None:
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            await connection.run_sync(work)
        await engine.dispose()

    asyncio.run(run())


def main() -> None:
    """Command line: folder of the service, optionally the revision."""
    service = Path(sys.argv[1])
    prefix = service.name.replace("-", "_").upper()
    upgrade(service, os.environ[f"{prefix}_MIGRATION_URL"], *sys.argv[2:3])


if __name__ == "__main__":
    main()
