"""Reports are built beside the request: how far, and when a build is taken up again."""

from alembic import op

revision = "0008"
down_revision = "0007"

SQL = """
SET lock_timeout = '2s';
ALTER TABLE report ADD COLUMN staff_done integer NOT NULL DEFAULT 0;
ALTER TABLE report ADD COLUMN staff_total integer NOT NULL DEFAULT 0;
ALTER TABLE report ADD COLUMN next_build_time timestamptz;
CREATE INDEX report_build_due ON report (next_build_time) WHERE next_build_time IS NOT NULL;
"""


def upgrade() -> None:
    for statement in SQL.split(";\n"):
        if statement.strip():
            op.execute(statement)
