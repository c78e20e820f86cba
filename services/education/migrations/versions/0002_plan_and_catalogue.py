"""The development plan, the catalogue with its search, calendar links."""

from alembic import op

revision = "0002"
down_revision = "0001"

# pg_trgm is a trusted extension: the owner of the database may make it.
SQL = """
SET lock_timeout = '2s';
CREATE EXTENSION IF NOT EXISTS pg_trgm;
ALTER TABLE worker ADD COLUMN direction text DEFAULT '' NOT NULL;
CREATE TABLE plan_item (
  id uuid PRIMARY KEY,
  worker_id uuid NOT NULL REFERENCES worker,
  title text NOT NULL,
  kind text NOT NULL,
  hours integer,
  specialty text NOT NULL,
  organizer text NOT NULL,
  programme text NOT NULL,
  activity text NOT NULL,
  direction text NOT NULL,
  attestation text NOT NULL,
  deadline date NOT NULL,
  required_level integer,
  programme_level integer,
  start_date date,
  end_date date,
  state text NOT NULL,
  agreement text NOT NULL,
  agreed_by text NOT NULL,
  comment text NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL
);
CREATE INDEX plan_item_worker ON plan_item (worker_id, deadline);
CREATE INDEX plan_item_activity ON plan_item (activity) WHERE activity <> '';
CREATE TABLE programme (
  id text PRIMARY KEY,
  title text NOT NULL,
  provider text NOT NULL,
  kind text NOT NULL,
  hours integer NOT NULL,
  specialties jsonb NOT NULL,
  specialty_keys text[] NOT NULL,
  level integer,
  start_date date,
  end_date date,
  form text NOT NULL,
  city text NOT NULL,
  price integer NOT NULL,
  url text NOT NULL,
  annotation text NOT NULL,
  attestation text NOT NULL,
  new_competence boolean NOT NULL,
  title_key text NOT NULL,
  search tsvector NOT NULL,
  generation bigint NOT NULL
);
CREATE INDEX programme_search ON programme USING gin (search);
CREATE INDEX programme_title_key ON programme USING gin (title_key gin_trgm_ops);
CREATE INDEX programme_specialty ON programme USING gin (specialty_keys);
CREATE INDEX programme_start ON programme (start_date, id);
CREATE TABLE calendar_link (
  worker_id uuid PRIMARY KEY REFERENCES worker,
  secret_hash bytea NOT NULL,
  create_time timestamptz NOT NULL
);
CREATE UNIQUE INDEX calendar_link_secret ON calendar_link (secret_hash);
"""


def upgrade() -> None:
    for statement in SQL.split(";\n"):
        if statement.strip():
            op.execute(statement)
