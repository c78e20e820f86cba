"""The feed of changed entries, and what partner systems used up of their day."""

from alembic import op

revision = "0003"
down_revision = "0002"

SQL = """
CREATE TABLE entry_change (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  worker_id uuid NOT NULL,
  accreditation_id uuid NOT NULL,
  change text NOT NULL,
  change_time timestamptz NOT NULL
);
CREATE TABLE partner_use (
  partner text NOT NULL,
  day date NOT NULL,
  used bigint NOT NULL,
  PRIMARY KEY (partner, day)
);
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statement in SQL.split(";\n"):
        if statement.strip():
            op.execute(statement)
