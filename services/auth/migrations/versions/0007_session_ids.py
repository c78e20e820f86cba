"""When the present id of a session was issued."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("ALTER TABLE session ADD COLUMN issue_time timestamptz")


def downgrade() -> None:
    raise NotImplementedError("forward only: earlier code runs on this schema")
