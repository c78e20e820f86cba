"""Titles and texts of messages under the data key of their person."""

from alembic import op

revision = "0004"
down_revision = "0003"

_STATEMENTS = """
CREATE TABLE person_key (
  person_id uuid PRIMARY KEY,
  data_key bytea NOT NULL,
  create_time timestamptz NOT NULL
);
ALTER TABLE message ADD COLUMN content bytea;
CREATE INDEX message_bare ON message (create_time, id) WHERE content IS NULL
"""


def upgrade() -> None:
    for statement in _STATEMENTS.split(";"):
        op.execute(statement)
