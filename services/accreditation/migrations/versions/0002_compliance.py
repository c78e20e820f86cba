"""Staff of organisations with what the rules say of them, terms, contradictions, entries of law."""

from alembic import op

revision = "0002"
down_revision = "0001"

SQL = """
ALTER TABLE worker ADD COLUMN gaps text[], ADD COLUMN identity jsonb;
CREATE TABLE organization_key (
  organization_oid text PRIMARY KEY,
  data_key bytea NOT NULL
);
CREATE TABLE staff (
  organization_oid text NOT NULL,
  worker_id uuid NOT NULL REFERENCES worker,
  region text NOT NULL,
  organization_name text NOT NULL,
  card_version bigint NOT NULL,
  print text NOT NULL,
  name bytea NOT NULL,
  jobs jsonb NOT NULL,
  departments text[] NOT NULL,
  specialties text[] NOT NULL,
  staff_group text NOT NULL,
  concerned boolean NOT NULL,
  checked boolean NOT NULL,
  valid_until date,
  extended boolean NOT NULL,
  sort_date date NOT NULL,
  hours integer,
  hours_missing integer,
  hours_waiting integer,
  behind boolean NOT NULL,
  verdict text NOT NULL,
  failed text[] NOT NULL,
  hindrance text NOT NULL,
  todo text NOT NULL,
  actor text NOT NULL,
  deadline date,
  PRIMARY KEY (organization_oid, worker_id)
);
CREATE INDEX staff_worker ON staff (worker_id);
CREATE INDEX staff_board ON staff (organization_oid, sort_date, worker_id) WHERE concerned;
CREATE INDEX staff_region ON staff (region, organization_oid) WHERE concerned;
CREATE TABLE compliance (
  worker_id uuid PRIMARY KEY REFERENCES worker,
  revision bigint NOT NULL,
  law text NOT NULL,
  print text NOT NULL,
  verdict text NOT NULL,
  terms jsonb NOT NULL,
  next_date date NOT NULL,
  compute_time timestamptz NOT NULL
);
CREATE INDEX compliance_turn ON compliance (next_date, worker_id);
CREATE TABLE compliance_due (
  worker_id uuid PRIMARY KEY REFERENCES worker
);
CREATE TABLE recompute (
  id integer PRIMARY KEY,
  law text NOT NULL,
  cursor uuid,
  done bigint NOT NULL,
  start_time timestamptz NOT NULL,
  finish_time timestamptz
);
CREATE TABLE discrepancy (
  worker_id uuid NOT NULL REFERENCES worker,
  kind text NOT NULL,
  subject text NOT NULL,
  found_date date NOT NULL,
  PRIMARY KEY (worker_id, kind, subject)
);
CREATE TABLE worker_hours (
  worker_id uuid NOT NULL REFERENCES worker,
  specialty text NOT NULL,
  content jsonb NOT NULL,
  fetch_time timestamptz NOT NULL,
  PRIMARY KEY (worker_id, specialty)
);
CREATE TABLE law_entry (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  content jsonb NOT NULL,
  create_time timestamptz NOT NULL
);
CREATE TABLE announced (
  fact text PRIMARY KEY,
  announce_time timestamptz NOT NULL
);
"""


def upgrade() -> None:
    for statement in SQL.split(";\n"):
        if statement.strip():
            op.execute(statement)
