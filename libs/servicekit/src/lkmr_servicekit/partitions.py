"""Tables that grow for ever are cut by month, so that old months can be taken away whole.

The program may not make tables; a function that belongs to the owner makes the months ahead.
Partitions lie in the schema `months`, out of the way of the tables that code speaks of; the program
reaches them through their table only, whose rights decide.
"""

from datetime import datetime

import asyncpg

from lkmr_servicekit.database import Database
from lkmr_servicekit.telemetry import log

AHEAD_MONTHS = 3

_FUNCTION = """
CREATE OR REPLACE FUNCTION make_month(parent text, moment timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $body$
DECLARE
  first timestamptz := date_trunc('month', moment AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
  following timestamptz :=
    (date_trunc('month', moment AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
  part text := parent || to_char(moment AT TIME ZONE 'UTC', '_YYYY_MM');
  app text := regexp_replace(current_user, '_owner$', '_app');
BEGIN
  IF to_regclass('months.' || quote_ident(part)) IS NOT NULL THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(hashtext('make_month'));
  IF to_regclass('months.' || quote_ident(part)) IS NOT NULL THEN RETURN; END IF;
  IF NOT EXISTS (SELECT FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
                 WHERE c.relname = parent) THEN
    RAISE EXCEPTION 'not a table cut by month';
  END IF;
  BEGIN
    EXECUTE format('CREATE TABLE months.%I PARTITION OF public.%I FOR VALUES FROM (%L) TO (%L)',
                   part, parent, first, following);
  EXCEPTION WHEN duplicate_table THEN
    RETURN;  -- another instance made it while this one waited for the lock
  END;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN
    EXECUTE format('REVOKE ALL ON months.%I FROM %I', part, app);
  END IF;
END
$body$
"""

MONTHS_SQL = ("CREATE SCHEMA IF NOT EXISTS months", _FUNCTION)


def rest_sql(table: str) -> str:
    """The partition that takes rows whose month was never made, so that no write is refused."""
    return f"CREATE TABLE months.{table}_rest PARTITION OF {table} DEFAULT"


async def ensure_months(database: Database, tables: tuple[str, ...], now: datetime) -> None:
    """Make the present month and some ahead; run at start and each day.

    A month whose rows already lie in the rest stays there.
    """
    async with database.pool.acquire() as connection:
        for table in tables:
            for ahead in range(AHEAD_MONTHS):
                month = now.month - 1 + ahead
                first = now.replace(day=1, year=now.year + month // 12, month=month % 12 + 1)
                try:
                    await connection.execute("SELECT make_month($1, $2)", table, first)
                except asyncpg.CheckViolationError:
                    log.warning("partition.stays_in_rest", table=table, month=first.isoformat()[:7])
