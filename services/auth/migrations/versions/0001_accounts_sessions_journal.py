"""Accounts, bindings, sign-ins, codes, sessions, keys, journal."""

from alembic import op

from lkmr_servicekit.tables import SQL_V1

revision = "0001"
down_revision = None

SQL = """
CREATE TABLE organization (
  id text PRIMARY KEY,
  oid text NOT NULL UNIQUE,
  name text NOT NULL,
  short_name text NOT NULL
);
CREATE TABLE person (
  id uuid PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  state text NOT NULL,
  snils_index bytea NOT NULL UNIQUE,
  data_key bytea NOT NULL,
  snils bytea NOT NULL,
  names bytea,
  contacts bytea,
  employee_number bytea,
  worker_id text UNIQUE,
  register_version text DEFAULT '' NOT NULL,
  register_jobs jsonb DEFAULT '[]'::jsonb NOT NULL,
  code_lock_time timestamptz,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL
);
CREATE TABLE binding (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person (id),
  organization_id text NOT NULL REFERENCES organization (id),
  role text NOT NULL,
  position text NOT NULL,
  department text NOT NULL,
  start_time timestamptz NOT NULL,
  end_time timestamptz
);
CREATE UNIQUE INDEX binding_open ON binding (person_id, organization_id, role)
  WHERE end_time IS NULL;
CREATE TABLE sign_in (
  id uuid PRIMARY KEY,
  secret_hash bytea NOT NULL UNIQUE,
  state uuid NOT NULL UNIQUE,
  origin text NOT NULL,
  return_to text NOT NULL,
  create_time timestamptz NOT NULL
);
CREATE INDEX sign_in_created ON sign_in (create_time);
CREATE TABLE waiting_sign_in (
  id uuid PRIMARY KEY,
  secret_hash bytea NOT NULL UNIQUE,
  stage text NOT NULL,
  person_id uuid NOT NULL REFERENCES person (id),
  content bytea NOT NULL,
  create_time timestamptz NOT NULL
);
CREATE INDEX waiting_sign_in_created ON waiting_sign_in (create_time);
CREATE TABLE one_time_code (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person (id),
  code_hmac bytea NOT NULL,
  tries integer NOT NULL,
  create_time timestamptz NOT NULL,
  expire_time timestamptz NOT NULL,
  consume_time timestamptz,
  replace_time timestamptz
);
CREATE INDEX one_time_code_of_person ON one_time_code (person_id, create_time DESC);
CREATE INDEX one_time_code_created ON one_time_code (create_time);
CREATE TABLE session (
  id uuid PRIMARY KEY,
  family_id uuid NOT NULL,
  person_id uuid NOT NULL REFERENCES person (id),
  secret_hash bytea NOT NULL UNIQUE,
  state text NOT NULL,
  organization_id text NOT NULL,
  role text NOT NULL,
  device bytea NOT NULL,
  user_agent bytea NOT NULL,
  address bytea NOT NULL,
  start_time timestamptz NOT NULL,
  active_time timestamptz NOT NULL,
  expire_time timestamptz NOT NULL,
  data_check_time timestamptz NOT NULL,
  register_version text NOT NULL,
  rotate_time timestamptz,
  end_time timestamptz,
  end_reason text
);
CREATE INDEX session_of_person ON session (person_id, start_time DESC) WHERE state = 'ACTIVE';
CREATE INDEX session_of_family ON session (family_id);
CREATE INDEX session_rotated ON session (rotate_time) WHERE state = 'ROTATED';
CREATE INDEX session_active ON session (active_time) WHERE state = 'ACTIVE';
CREATE INDEX session_ended ON session (end_time) WHERE state = 'ENDED';
CREATE TABLE esia_session (
  family_id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person (id),
  access_token bytea NOT NULL,
  refresh_token bytea NOT NULL,
  expire_time timestamptz NOT NULL,
  lease_time timestamptz
);
CREATE INDEX esia_session_due ON esia_session (expire_time);
CREATE TABLE signing_key (
  key_id text PRIMARY KEY,
  data_key bytea NOT NULL,
  private_key bytea NOT NULL,
  public_key bytea NOT NULL,
  activate_time timestamptz NOT NULL
);
CREATE TABLE journal_key (
  id boolean DEFAULT true PRIMARY KEY CHECK (id),
  data_key bytea NOT NULL
);
CREATE TABLE audit_entry (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id uuid NOT NULL UNIQUE,
  source text NOT NULL,
  time timestamptz NOT NULL,
  actor text NOT NULL,
  on_behalf_of text NOT NULL,
  roles text[] NOT NULL,
  organization text NOT NULL,
  operation text NOT NULL,
  object text NOT NULL,
  result text NOT NULL,
  reason text NOT NULL,
  purpose text NOT NULL,
  basis text NOT NULL,
  session text NOT NULL,
  trace_id text NOT NULL,
  address bytea,
  device text NOT NULL,
  details_hash bytea
);
CREATE INDEX audit_entry_of_actor ON audit_entry (actor, operation, seq DESC);
"""

APPEND_ONLY = """
CREATE FUNCTION refuse_change_of_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'insufficient_privilege';
END $$
"""


def upgrade() -> None:
    for statement in (SQL_V1 + SQL).split(";"):
        if statement.strip():
            op.execute(statement)
    op.execute(APPEND_ONLY)
    op.execute(
        "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_journal()"
    )
    # Default privileges of the rig give the program all of DML; the journal takes less.
    op.execute(
        "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'auth_app') THEN"
        " REVOKE UPDATE, DELETE, TRUNCATE ON audit_entry FROM auth_app; END IF; END $$"
    )
    op.execute("REVOKE UPDATE, DELETE, TRUNCATE ON audit_entry FROM PUBLIC")


def downgrade() -> None:
    raise NotImplementedError("the first migration is not undone: drop the database")
