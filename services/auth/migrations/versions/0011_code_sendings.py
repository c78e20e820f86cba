"""Sendings of one-time codes, counted by telephone and by address."""

from alembic import op

revision = "0011"
down_revision = "0010"

SQL = """
SET LOCAL lock_timeout = '3s';
CREATE TABLE code_sending (
  kind text NOT NULL,
  subject bytea NOT NULL,
  send_time timestamptz NOT NULL
);
CREATE INDEX code_sending_of_subject ON code_sending (kind, subject, send_time DESC);
CREATE INDEX code_sending_sent ON code_sending (send_time);
"""


def upgrade() -> None:
    for statement in SQL.split(";"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("forward only: earlier code runs on this schema")
