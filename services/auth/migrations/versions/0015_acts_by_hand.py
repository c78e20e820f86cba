"""Why administrators did what they did to accounts and rights."""

from alembic import op

revision = "0015"
down_revision = "0014"

SQL = """
SET LOCAL lock_timeout = '3s';
CREATE TABLE act_by_hand (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person,
  actor_id uuid NOT NULL REFERENCES person,
  operation text NOT NULL,
  reason bytea NOT NULL,
  create_time timestamptz NOT NULL
);
CREATE INDEX act_by_hand_of_person ON act_by_hand (person_id, create_time DESC);
"""


def upgrade() -> None:
    for statement in SQL.split(";"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("forward only: earlier code runs on this schema")
