"""When the worker register was last heard to its end."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("ALTER TABLE register_sync ADD COLUMN heard_time timestamptz")
