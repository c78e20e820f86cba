"""What is known of the right to practise; policies that an organisation decides for itself."""

from alembic import op

revision = "0014"
down_revision = "0013"

SQL = """
SET LOCAL lock_timeout = '3s';
ALTER TABLE person ADD COLUMN lapses jsonb DEFAULT '[]'::jsonb NOT NULL;
ALTER TABLE policy ADD COLUMN organization_id text DEFAULT '' NOT NULL;
"""


def upgrade() -> None:
    for statement in SQL.split(";"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("forward only: earlier code runs on this schema")
