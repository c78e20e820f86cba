"""Workers, activities with their changes, documents, confirmations, and the tables of the kit."""

from alembic import op

from lkmr_servicekit.tables import SQL_V1

revision = "0001"
down_revision = None

SQL = """
CREATE TABLE worker (
  id uuid PRIMARY KEY,
  data_key bytea NOT NULL,
  record jsonb NOT NULL,
  fetch_time timestamptz
);
CREATE TABLE activity (
  id uuid PRIMARY KEY,
  worker_id uuid NOT NULL REFERENCES worker,
  kind text NOT NULL,
  title text NOT NULL,
  organizer text NOT NULL,
  start_date date NOT NULL,
  end_date date NOT NULL,
  hours integer,
  specialty text NOT NULL,
  form text NOT NULL,
  place text NOT NULL,
  level integer,
  attestation text NOT NULL,
  source text NOT NULL,
  external_id text NOT NULL,
  programme_id text NOT NULL,
  state text NOT NULL,
  reason text NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL
);
CREATE INDEX activity_worker ON activity (worker_id, start_date, id);
CREATE UNIQUE INDEX activity_external ON activity (worker_id, external_id) WHERE external_id <> '';
CREATE TABLE activity_change (
  activity_id uuid NOT NULL REFERENCES activity,
  version bigint NOT NULL,
  actor text NOT NULL,
  content jsonb NOT NULL,
  update_time timestamptz NOT NULL,
  PRIMARY KEY (activity_id, version)
);
CREATE TABLE certificate (
  id uuid PRIMARY KEY,
  worker_id uuid NOT NULL REFERENCES worker,
  activity_id uuid NOT NULL REFERENCES activity,
  type text NOT NULL,
  issuer text NOT NULL,
  identity_index bytea NOT NULL,
  numbers bytea NOT NULL,
  issue_date date NOT NULL,
  hours integer,
  origin text NOT NULL,
  check_state text NOT NULL,
  check_fields jsonb NOT NULL,
  check_time timestamptz,
  next_check_time timestamptz,
  file bytea,
  file_type text NOT NULL,
  create_time timestamptz NOT NULL
);
CREATE UNIQUE INDEX certificate_identity ON certificate (identity_index);
CREATE INDEX certificate_worker ON certificate (worker_id);
CREATE INDEX certificate_activity ON certificate (activity_id);
CREATE INDEX certificate_due ON certificate (next_check_time) WHERE next_check_time IS NOT NULL;
CREATE TABLE confirmation (
  id uuid PRIMARY KEY,
  worker_id uuid NOT NULL REFERENCES worker,
  activity_id uuid NOT NULL REFERENCES activity,
  certificate_id uuid REFERENCES certificate,
  method text NOT NULL,
  units integer NOT NULL,
  confirmed_by text NOT NULL,
  reason text NOT NULL,
  confirm_time timestamptz NOT NULL,
  revoke_time timestamptz
);
CREATE UNIQUE INDEX confirmation_valid ON confirmation (activity_id) WHERE revoke_time IS NULL;
CREATE INDEX confirmation_worker ON confirmation (worker_id);
CREATE INDEX confirmation_certificate ON confirmation (certificate_id);
"""


def upgrade() -> None:
    for statement in (SQL_V1 + SQL).split(";\n"):
        if statement.strip():
            op.execute(statement)
