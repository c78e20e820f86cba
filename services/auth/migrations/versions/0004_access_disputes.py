"""Requests of people to explain an access to their data."""

from alembic import op

revision = "0004"
down_revision = "0003"

SQL = """
CREATE TABLE access_dispute (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person (id),
  event_id uuid NOT NULL,
  text bytea,
  create_time timestamptz NOT NULL,
  resolve_time timestamptz,
  UNIQUE (person_id, event_id)
);
CREATE INDEX access_dispute_open ON access_dispute (create_time) WHERE resolve_time IS NULL
"""


def upgrade() -> None:
    for statement in SQL.split(";"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE access_dispute")
