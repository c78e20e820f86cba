"""What the scanner for malware said of the file of a document."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("SET lock_timeout = '2s'")
    op.execute("ALTER TABLE certificate ADD COLUMN file_scan text NOT NULL DEFAULT 'NOT_SCANNED'")
