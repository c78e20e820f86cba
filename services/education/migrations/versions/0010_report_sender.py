"""Who handed a report over: that person is told of the receipt."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("SET lock_timeout = '2s'")
    op.execute("ALTER TABLE report ADD COLUMN sent_by text NOT NULL DEFAULT ''")
