"""Which study a code of an event (ИКП) was taken for: the ground of its credit."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("SET lock_timeout = '2s'")
    op.execute("ALTER TABLE code_attempt ADD COLUMN study text NOT NULL DEFAULT ''")
    op.execute(
        "CREATE INDEX code_attempt_study ON code_attempt (worker_id, study) WHERE study <> ''"
    )
