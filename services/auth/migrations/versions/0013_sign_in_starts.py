"""Starts of sign-ins, counted over all instances by address and by network."""

from alembic import op

revision = "0013"
down_revision = "0012"

SQL = """
SET LOCAL lock_timeout = '3s';
CREATE TABLE sign_in_start (
  kind text NOT NULL,
  subject bytea NOT NULL,
  free_time timestamptz NOT NULL,
  PRIMARY KEY (kind, subject)
);
CREATE INDEX sign_in_start_over ON sign_in_start (free_time);
"""


def upgrade() -> None:
    for statement in SQL.split(";"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("forward only: earlier code runs on this schema")
