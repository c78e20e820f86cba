"""Workers, register entries and their history, extracts, and the tables of the kit."""

from alembic import op

from lkmr_servicekit.tables import SQL_V1

revision = "0001"
down_revision = None

SQL = """
CREATE TABLE worker (
  id uuid PRIMARY KEY,
  snils_index bytea NOT NULL,
  data_key bytea NOT NULL,
  personal bytea NOT NULL,
  jobs jsonb NOT NULL,
  register_version bigint NOT NULL,
  fetch_time timestamptz NOT NULL
);
CREATE INDEX worker_snils ON worker (snils_index);
CREATE TABLE accreditation (
  id uuid PRIMARY KEY,
  worker_id uuid NOT NULL REFERENCES worker,
  registry_number text NOT NULL,
  kind text NOT NULL,
  specialty_code text NOT NULL,
  specialty text NOT NULL,
  education_level text NOT NULL,
  commission text NOT NULL,
  protocol_number text NOT NULL,
  protocol_date date,
  record_date date,
  expire_date date,
  annulled boolean NOT NULL,
  organizations jsonb NOT NULL,
  removed boolean NOT NULL,
  version bigint NOT NULL,
  update_time timestamptz NOT NULL
);
CREATE INDEX accreditation_worker ON accreditation (worker_id);
CREATE TABLE accreditation_history (
  accreditation_id uuid NOT NULL REFERENCES accreditation,
  version bigint NOT NULL,
  content jsonb NOT NULL,
  update_time timestamptz NOT NULL,
  PRIMARY KEY (accreditation_id, version)
);
CREATE TABLE extract (
  id uuid PRIMARY KEY,
  code text NOT NULL UNIQUE,
  worker_id uuid NOT NULL REFERENCES worker,
  accreditation_id uuid NOT NULL REFERENCES accreditation,
  facts_hash bytea NOT NULL,
  content bytea NOT NULL,
  pdf bytea NOT NULL,
  pdf_sha256 text NOT NULL,
  create_time timestamptz NOT NULL,
  UNIQUE (accreditation_id, facts_hash)
);
CREATE TABLE register_sync (
  id integer PRIMARY KEY,
  cursor text NOT NULL,
  loaded bigint NOT NULL,
  total bigint NOT NULL,
  update_time timestamptz NOT NULL
);
"""


def upgrade() -> None:
    for statement in (SQL_V1 + SQL).split(";\n"):
        if statement.strip():
            op.execute(statement)
