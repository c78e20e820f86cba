"""Reports for supervising bodies: signed, sent, with the receipt."""

from alembic import op

revision = "0004"
down_revision = "0003"

SQL = """
SET lock_timeout = '2s';
CREATE TABLE report (
  id uuid PRIMARY KEY,
  organization_oid text NOT NULL,
  organization_name text NOT NULL,
  period_start date NOT NULL,
  period_end date NOT NULL,
  version integer NOT NULL,
  state text NOT NULL,
  content bytea NOT NULL,
  errors jsonb NOT NULL,
  replaces uuid REFERENCES report,
  created_by text NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  signature bytea NOT NULL,
  certificate bytea NOT NULL,
  signed_by text NOT NULL,
  sign_time timestamptz,
  send_asked boolean NOT NULL,
  next_send_time timestamptz,
  number text NOT NULL,
  reason text NOT NULL,
  receipt bytea NOT NULL
);
CREATE INDEX report_organization ON report (organization_oid, create_time DESC, id DESC);
CREATE INDEX report_due ON report (next_send_time) WHERE next_send_time IS NOT NULL;
"""


def upgrade() -> None:
    for statement in SQL.split(";\n"):
        if statement.strip():
            op.execute(statement)
