"""Requests of people about their personal data, with their terms and answers."""

from alembic import op

revision = "0012"
down_revision = "0011"

SQL = """
SET LOCAL lock_timeout = '3s';
CREATE TABLE data_request (
  id uuid PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  person_id uuid NOT NULL REFERENCES person (id),
  organization_id text NOT NULL,
  kind text NOT NULL,
  event_id uuid,
  state text NOT NULL,
  text bytea,
  create_time timestamptz NOT NULL,
  due_date date NOT NULL,
  extend_reason bytea,
  officer_id uuid REFERENCES person (id),
  answer bytea,
  outcome text DEFAULT '' NOT NULL,
  answer_time timestamptz
);
CREATE INDEX data_request_of_person ON data_request (person_id, create_time DESC);
CREATE INDEX data_request_open ON data_request (due_date, id) WHERE state <> 'ANSWERED';
CREATE INDEX data_request_of_organization ON data_request (organization_id, create_time DESC);
CREATE UNIQUE INDEX data_request_of_entry ON data_request (person_id, event_id)
  WHERE event_id IS NOT NULL;
"""


def upgrade() -> None:
    for statement in SQL.split(";"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("forward only: earlier code runs on this schema")
