"""When a feed from outside was last read to its present end: reports say how fresh they are."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute("SET lock_timeout = '2s'")
    op.execute("ALTER TABLE outside_feed ADD COLUMN heard_time timestamptz")
