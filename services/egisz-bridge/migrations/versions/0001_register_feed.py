"""The place in the register's changes, and the record of calls."""

from alembic import op

from lkmr_servicekit.partitions import MONTHS_SQL, rest_sql
from lkmr_servicekit.tables import SQL_V1

revision = "0001"
down_revision = None

_OWN = """
CREATE TABLE register_feed (
  register text PRIMARY KEY,
  cursor text NOT NULL,
  update_time timestamptz NOT NULL
);
CREATE TABLE exchange_log (
  time timestamptz NOT NULL,
  id uuid NOT NULL,
  system text NOT NULL,
  operation text NOT NULL,
  result text NOT NULL,
  code text NOT NULL,
  duration_ms integer NOT NULL,
  trace_id text NOT NULL,
  PRIMARY KEY (time, id)
) PARTITION BY RANGE (time)
"""


def upgrade() -> None:
    for statement in f"{SQL_V1.rstrip().rstrip(';')};{_OWN}".split(";"):
        op.execute(statement)
    for statement in (*MONTHS_SQL, rest_sql("exchange_log")):
        op.execute(statement)
