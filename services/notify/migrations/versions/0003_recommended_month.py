"""The month in which an application is recommended, beside the term."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE term ADD COLUMN recommended_months integer DEFAULT 0 NOT NULL")
