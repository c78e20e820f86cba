"""Workers whose hours education counted anew in a load."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("SET lock_timeout = '2s'")
    op.execute(
        """CREATE TABLE hours_due (
          worker_id uuid PRIMARY KEY REFERENCES worker,
          number bigint GENERATED ALWAYS AS IDENTITY,
          taken boolean NOT NULL DEFAULT false
        )"""
    )
    op.execute("CREATE INDEX hours_due_order ON hours_due (number)")
