"""What the portal has said nothing about is found without reading all that it has credited."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("SET lock_timeout = '2s'")
    op.execute(
        "CREATE INDEX activity_own ON activity (worker_id, start_date, id) WHERE external_id = ''"
    )
