"""Whether a worker lets registers be asked about documents: the decision that was made last."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("SET lock_timeout = '2s'")
    op.execute(
        "CREATE TABLE consent (worker_id uuid PRIMARY KEY, given boolean NOT NULL,"
        " decide_time timestamptz NOT NULL)"
    )
