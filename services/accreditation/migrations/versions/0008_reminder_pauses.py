"""Pauses of reminders that workers asked for by form F9."""

from alembic import op

revision = "0008"
down_revision = "0007"

SQL = """
CREATE TABLE reminder_pause (
  worker_id uuid NOT NULL REFERENCES worker,
  specialty text NOT NULL,
  since_date date NOT NULL,
  until_date date,
  PRIMARY KEY (worker_id, specialty)
)
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute(SQL)
