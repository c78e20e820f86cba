"""Place in the portal's notices, notices kept apart, editions of the catalogue, codes."""

from alembic import op

revision = "0003"
down_revision = "0002"

SQL = """
SET lock_timeout = '2s';
ALTER TABLE activity ADD COLUMN external_revision bigint DEFAULT 0 NOT NULL;
ALTER TABLE certificate ADD COLUMN portal_file text DEFAULT '' NOT NULL;
ALTER TABLE certificate ADD COLUMN next_file_time timestamptz;
ALTER TABLE certificate ADD COLUMN data_key bytea;
ALTER TABLE certificate ADD COLUMN file_key text DEFAULT '' NOT NULL;
ALTER TABLE certificate ADD COLUMN file_size bigint;
ALTER TABLE certificate ADD COLUMN file_sha256 bytea;
CREATE INDEX certificate_files_due ON certificate (next_file_time)
  WHERE next_file_time IS NOT NULL;
CREATE TABLE outside_feed (
  name text PRIMARY KEY,
  place text NOT NULL,
  generation bigint NOT NULL,
  update_time timestamptz NOT NULL
);
CREATE TABLE quarantine (
  id uuid PRIMARY KEY,
  print bytea NOT NULL,
  notice_id text NOT NULL,
  study text NOT NULL,
  fault text NOT NULL,
  data_key bytea NOT NULL,
  content bytea NOT NULL,
  receive_time timestamptz NOT NULL,
  tries integer NOT NULL,
  next_try_time timestamptz,
  resolve_time timestamptz,
  resolution text NOT NULL,
  resolved_by text NOT NULL
);
CREATE UNIQUE INDEX quarantine_print ON quarantine (print);
CREATE INDEX quarantine_open ON quarantine (receive_time, id) WHERE resolve_time IS NULL;
CREATE TABLE code_attempt (
  id uuid PRIMARY KEY,
  worker_id uuid NOT NULL REFERENCES worker,
  code_index bytea NOT NULL,
  answer text NOT NULL,
  attempt_time timestamptz NOT NULL
);
CREATE INDEX code_attempt_worker ON code_attempt (worker_id, attempt_time);
CREATE INDEX quarantine_due ON quarantine (next_try_time) WHERE next_try_time IS NOT NULL;
"""


def upgrade() -> None:
    for statement in SQL.split(";\n"):
        if statement.strip():
            op.execute(statement)
