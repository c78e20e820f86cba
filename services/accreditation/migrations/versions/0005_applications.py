"""Applications with their history and versions of what was sent; the place in the centre's feed."""

from alembic import op

revision = "0005"
down_revision = "0004"

SQL = """
CREATE TABLE application (
  id uuid PRIMARY KEY,
  worker_id uuid NOT NULL REFERENCES worker,
  form text NOT NULL,
  path text NOT NULL,
  state text NOT NULL,
  specialty text NOT NULL,
  organization_oid text NOT NULL,
  version bigint NOT NULL,
  file_set integer NOT NULL,
  agreement text NOT NULL,
  content bytea NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  state_time timestamptz NOT NULL,
  limit_date date,
  turn_date date,
  warned smallint NOT NULL,
  outgoing text NOT NULL,
  attempts integer NOT NULL,
  send_time timestamptz
);
CREATE UNIQUE INDEX application_open ON application (worker_id, form, lower(specialty))
  WHERE state IN ('DRAFT', 'REPORT_APPROVAL', 'SUBMITTED', 'REGISTERED', 'FAC_CHECK', 'RETURNED',
    'CAC_REVIEW', 'PASSED', 'APPEAL_FILED', 'APPEAL_GRANTED', 'UNKNOWN_EXTERNAL',
    'EXTRACT_REQUESTED', 'IN_WORK');
CREATE INDEX application_worker ON application (worker_id, create_time DESC, id);
CREATE INDEX application_staff ON application (organization_oid, state_time, id)
  WHERE state IN ('REPORT_APPROVAL', 'SUBMITTED', 'IN_WORK');
CREATE INDEX application_outgoing ON application (send_time) WHERE outgoing <> '';
CREATE INDEX application_turn ON application (turn_date) WHERE turn_date IS NOT NULL;
CREATE INDEX application_extracts ON application (state_time)
  WHERE path = 'EXTRACT' AND state IN ('EXTRACT_REQUESTED', 'REGISTERED');
CREATE INDEX application_passed ON application (worker_id) WHERE state = 'PASSED';
CREATE TABLE application_step (
  application_id uuid NOT NULL REFERENCES application,
  number integer NOT NULL,
  actor text NOT NULL,
  before text NOT NULL,
  after text NOT NULL,
  reason bytea NOT NULL,
  file_set integer NOT NULL,
  step_time timestamptz NOT NULL,
  PRIMARY KEY (application_id, number)
);
CREATE TABLE application_file_set (
  application_id uuid NOT NULL REFERENCES application,
  version integer NOT NULL,
  content bytea NOT NULL,
  digest text NOT NULL,
  create_time timestamptz NOT NULL,
  PRIMARY KEY (application_id, version)
);
CREATE TABLE application_feed (
  id integer PRIMARY KEY,
  cursor text NOT NULL,
  update_time timestamptz NOT NULL
);
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statement in SQL.split(";\n"):
        if statement.strip():
            op.execute(statement)
