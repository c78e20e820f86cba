"""Fresh second factors of sessions, what a code is for, passwords of the cabinet."""

from alembic import op

revision = "0002"
down_revision = "0001"

SQL = """
SET LOCAL lock_timeout = '3s';
ALTER TABLE session ADD COLUMN basis text DEFAULT 'SIGNED_IN' NOT NULL;
ALTER TABLE session ADD COLUMN step_up_time timestamptz;
ALTER TABLE one_time_code ADD COLUMN purpose text DEFAULT 'SIGN_IN' NOT NULL;
CREATE TABLE cabinet_password (
  person_id uuid PRIMARY KEY REFERENCES person (id),
  password_hash text NOT NULL,
  tries integer DEFAULT 0 NOT NULL,
  wait_time timestamptz,
  set_time timestamptz NOT NULL
);
"""


def upgrade() -> None:
    for statement in SQL.split(";"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("forward only: earlier code runs on this schema")
