"""Policies become dated rows with a reason; no program has used the table before."""

from alembic import op

revision = "0009"
down_revision = "0008"

SQL = """
SET LOCAL lock_timeout = '3s';
ALTER TABLE policy ADD COLUMN id uuid NOT NULL;
ALTER TABLE policy ADD COLUMN effective_date date NOT NULL;
ALTER TABLE policy ADD COLUMN reason bytea NOT NULL;
ALTER TABLE policy DROP CONSTRAINT policy_pkey;
ALTER TABLE policy ADD PRIMARY KEY (id);
CREATE INDEX policy_in_force ON policy (key, effective_date DESC, update_time DESC);
"""


def upgrade() -> None:
    for statement in SQL.split(";"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("forward only: earlier code runs on this schema")
