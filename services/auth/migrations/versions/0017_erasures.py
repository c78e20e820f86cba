"""Ordered destructions of personal data, what services reported, and the acts of them."""

from alembic import op

revision = "0017"
down_revision = "0016"

SQL = """
SET LOCAL lock_timeout = '3s';
ALTER TABLE data_request ADD COLUMN scope text DEFAULT '' NOT NULL;
CREATE TABLE erasure (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL,
  worker_id text NOT NULL,
  account_number text NOT NULL,
  organization_id text NOT NULL,
  scope text NOT NULL,
  officer_id uuid NOT NULL,
  request_time timestamptz NOT NULL,
  order_time timestamptz NOT NULL,
  ask_time timestamptz NOT NULL,
  act text,
  signature text DEFAULT '' NOT NULL,
  act_time timestamptz,
  keep_until date
);
CREATE INDEX erasure_open ON erasure (ask_time) WHERE act_time IS NULL;
CREATE INDEX erasure_kept ON erasure (keep_until) WHERE keep_until IS NOT NULL;
CREATE TABLE erasure_part (
  erasure_id uuid NOT NULL REFERENCES erasure (id) ON DELETE CASCADE,
  service text NOT NULL,
  destroyed jsonb DEFAULT '{}'::jsonb NOT NULL,
  event_id uuid,
  report_time timestamptz,
  PRIMARY KEY (erasure_id, service)
);
"""


def upgrade() -> None:
    for statement in SQL.split(";"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("forward only: earlier code runs on this schema")
