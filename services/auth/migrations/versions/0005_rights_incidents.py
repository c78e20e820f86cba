"""Roles given in the cabinet, delegations, emergency access, incidents, policies, addresses."""

from alembic import op

revision = "0005"
down_revision = "0004"

SQL = """
ALTER TABLE binding ADD COLUMN source text DEFAULT 'IMPORT' NOT NULL;
ALTER TABLE binding ADD COLUMN end_reason text DEFAULT '' NOT NULL;
CREATE INDEX binding_of_organization ON binding (organization_id, person_id)
  WHERE end_time IS NULL;
CREATE TABLE role_request (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person (id),
  organization_id text NOT NULL REFERENCES organization (id),
  role text NOT NULL,
  position text NOT NULL,
  department text NOT NULL,
  reason bytea NOT NULL,
  state text NOT NULL,
  requester_id uuid NOT NULL REFERENCES person (id),
  create_time timestamptz NOT NULL,
  decider_id uuid REFERENCES person (id),
  decide_time timestamptz
);
CREATE UNIQUE INDEX role_request_open ON role_request (person_id, organization_id, role)
  WHERE state = 'PENDING';
CREATE INDEX role_request_of_organization ON role_request (organization_id, create_time DESC);
CREATE TABLE delegation (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person (id),
  delegate_id uuid NOT NULL REFERENCES person (id),
  organization_id text NOT NULL REFERENCES organization (id),
  role text NOT NULL,
  section text NOT NULL,
  operation text NOT NULL,
  start_date date NOT NULL,
  end_date date NOT NULL,
  create_time timestamptz NOT NULL,
  revoke_time timestamptz
);
CREATE INDEX delegation_of_person ON delegation (person_id, create_time DESC);
CREATE INDEX delegation_to_person ON delegation (delegate_id, end_date)
  WHERE revoke_time IS NULL;
CREATE TABLE emergency_access (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person (id),
  organization_id text NOT NULL,
  role text NOT NULL,
  session text NOT NULL,
  object text NOT NULL,
  reason_code text NOT NULL,
  reason bytea NOT NULL,
  start_time timestamptz NOT NULL,
  expire_time timestamptz NOT NULL,
  end_time timestamptz,
  review_due_date date NOT NULL,
  reviewer_id uuid REFERENCES person (id),
  review_time timestamptz,
  review_result text DEFAULT '' NOT NULL
);
CREATE INDEX emergency_access_of_person ON emergency_access (person_id, expire_time);
CREATE INDEX emergency_access_to_review ON emergency_access (organization_id, start_time DESC);
CREATE TABLE incident (
  id uuid PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  kind text NOT NULL,
  severity text NOT NULL,
  state text NOT NULL,
  person_id uuid REFERENCES person (id),
  organization_id text NOT NULL,
  session text NOT NULL,
  facts jsonb NOT NULL,
  detect_time timestamptz NOT NULL,
  assignee_id uuid REFERENCES person (id),
  close_time timestamptz,
  resolution bytea
);
CREATE INDEX incident_newest ON incident (detect_time DESC, id);
CREATE INDEX incident_of_session ON incident (session, kind) WHERE session <> '';
CREATE TABLE leak_report (
  incident_id uuid PRIMARY KEY REFERENCES incident (id),
  discover_time timestamptz NOT NULL,
  notice_due_time timestamptz NOT NULL,
  notice_time timestamptz,
  result_due_time timestamptz NOT NULL,
  result_time timestamptz,
  content bytea NOT NULL
);
CREATE TABLE policy (
  key text PRIMARY KEY,
  value text NOT NULL,
  update_time timestamptz NOT NULL,
  updated_by uuid NOT NULL REFERENCES person (id)
);
CREATE TABLE redirect_address (
  id uuid PRIMARY KEY,
  organization_id text NOT NULL REFERENCES organization (id),
  origin text NOT NULL,
  create_time timestamptz NOT NULL,
  created_by uuid NOT NULL REFERENCES person (id),
  end_time timestamptz
);
CREATE UNIQUE INDEX redirect_address_open ON redirect_address (origin) WHERE end_time IS NULL;
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '3s'")
    for statement in SQL.split(";"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("migrations only go forward")
