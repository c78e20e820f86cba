"""Activation: decisions on terms and consents, employee identifiers, counted attempts."""

from alembic import op

revision = "0006"
down_revision = "0005"

SQL = """
SET LOCAL lock_timeout = '3s';
CREATE TABLE legal_decision (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person (id),
  document text NOT NULL,
  version text NOT NULL,
  text_hash bytea NOT NULL,
  decision text NOT NULL,
  time timestamptz NOT NULL
);
CREATE INDEX legal_decision_of_person ON legal_decision (person_id, document, time DESC);
CREATE TABLE activation (
  person_id uuid PRIMARY KEY REFERENCES person (id),
  employee_time timestamptz,
  approval_id text DEFAULT '' NOT NULL,
  approval_end timestamptz,
  activate_time timestamptz
);
CREATE TABLE employee_claim (
  employee_index bytea PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person (id),
  time timestamptz NOT NULL
);
CREATE TABLE guarded_attempt (
  kind text NOT NULL,
  subject bytea NOT NULL,
  tries integer NOT NULL,
  wait_time timestamptz,
  update_time timestamptz NOT NULL,
  PRIMARY KEY (kind, subject)
);
CREATE INDEX guarded_attempt_updated ON guarded_attempt (update_time);
"""


def upgrade() -> None:
    for statement in SQL.split(";"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("forward only: earlier code runs on this schema")
