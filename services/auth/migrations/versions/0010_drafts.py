"""Drafts: what people typed into forms and did not send."""

from alembic import op

revision = "0010"
down_revision = "0009"

SQL = """
SET LOCAL lock_timeout = '3s';
CREATE TABLE draft (
  person_id uuid NOT NULL REFERENCES person (id),
  form text NOT NULL,
  page text NOT NULL,
  content bytea NOT NULL,
  update_time timestamptz NOT NULL,
  PRIMARY KEY (person_id, form)
);
CREATE INDEX draft_updated ON draft (update_time);
"""


def upgrade() -> None:
    for statement in SQL.split(";"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("forward only: earlier code runs on this schema")
