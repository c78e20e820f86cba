"""Documents of workers with every version; licences of organisations."""

from alembic import op

revision = "0006"
down_revision = "0005"

SQL = """
CREATE TABLE document (
  id uuid PRIMARY KEY,
  worker_id uuid NOT NULL REFERENCES worker,
  kind text NOT NULL,
  source text NOT NULL,
  visibility text NOT NULL,
  archived boolean NOT NULL,
  version bigint NOT NULL,
  sha256 bytea,
  number_index bytea,
  create_time timestamptz NOT NULL
);
CREATE INDEX document_worker ON document (worker_id);
CREATE UNIQUE INDEX document_file ON document (worker_id, sha256) WHERE NOT archived;
CREATE UNIQUE INDEX document_number ON document
  (worker_id, kind, (source = 'REGISTER'), number_index) WHERE NOT archived;
CREATE INDEX document_licence ON document (number_index) WHERE kind LIKE 'LICENCE%';
CREATE TABLE document_version (
  document_id uuid NOT NULL REFERENCES document,
  version bigint NOT NULL,
  sealed bytea NOT NULL,
  specialty text NOT NULL,
  level text NOT NULL,
  issue_date date,
  valid_from date,
  valid_until date,
  check_status text NOT NULL,
  check_by text NOT NULL,
  check_reason text NOT NULL,
  check_time timestamptz,
  author text NOT NULL,
  create_time timestamptz NOT NULL,
  file_key text,
  data_key bytea,
  media_type text,
  size bigint,
  sha256 bytea,
  pages integer,
  scan text,
  PRIMARY KEY (document_id, version)
);
CREATE INDEX document_checking ON document_version (check_time, document_id)
  WHERE check_status = 'CHECKING';
CREATE TABLE licence (
  organization_oid text NOT NULL,
  number text NOT NULL,
  kind text NOT NULL,
  issuer text NOT NULL,
  issue_date date,
  valid_until date,
  state text NOT NULL,
  works text[] NOT NULL,
  change_time timestamptz NOT NULL,
  PRIMARY KEY (organization_oid, number)
);
CREATE TABLE licence_history (
  organization_oid text NOT NULL,
  number text NOT NULL,
  change_time timestamptz NOT NULL,
  content jsonb NOT NULL,
  PRIMARY KEY (organization_oid, number, change_time)
);
CREATE TABLE licence_feed (
  id integer PRIMARY KEY,
  cursor text NOT NULL,
  update_time timestamptz NOT NULL
);
CREATE TABLE licence_check (
  organization_oid text PRIMARY KEY,
  check_time timestamptz NOT NULL
);
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statement in SQL.split(";\n"):
        if statement.strip():
            op.execute(statement)
