"""Inbox with tasks, preferences, reminders of terms, announcements, browser push."""

from alembic import op

revision = "0002"
down_revision = "0001"

_STATEMENTS = """
ALTER TABLE message
  ADD COLUMN category text DEFAULT 'DOCUMENTS' NOT NULL,
  ADD COLUMN urgency text DEFAULT 'NOW' NOT NULL,
  ADD COLUMN task boolean DEFAULT false NOT NULL,
  ADD COLUMN deadline date,
  ADD COLUMN why text DEFAULT '' NOT NULL,
  ADD COLUMN action text DEFAULT '' NOT NULL,
  ADD COLUMN owner text DEFAULT '' NOT NULL,
  ADD COLUMN topic text DEFAULT '' NOT NULL,
  ADD COLUMN source_id uuid,
  ADD COLUMN done_time timestamptz,
  ADD COLUMN done_by text DEFAULT '' NOT NULL;
CREATE INDEX message_open_task ON message (topic) WHERE task AND done_time IS NULL;
ALTER TABLE delivery
  ADD COLUMN priority smallint DEFAULT 1 NOT NULL,
  ADD COLUMN due_time timestamptz,
  ADD COLUMN fallback text DEFAULT '' NOT NULL,
  ADD COLUMN safe jsonb DEFAULT '{}' NOT NULL,
  ADD COLUMN provider text DEFAULT '' NOT NULL,
  ADD COLUMN handover_time timestamptz,
  ADD COLUMN source_id uuid;
CREATE INDEX delivery_todo ON delivery (priority, next_try_time) WHERE next_try_time IS NOT NULL;
CREATE INDEX delivery_of_source ON delivery (source_id, state) WHERE source_id IS NOT NULL;
CREATE INDEX delivery_failed ON delivery (update_time)
  WHERE state IN ('TEMPORARY_FAILURE', 'PERMANENT_FAILURE', 'TECHNICAL_FAILURE');
CREATE TABLE person_setting (
  person_id uuid PRIMARY KEY,
  zone text NOT NULL,
  quiet_from time NOT NULL,
  quiet_until time NOT NULL,
  digest text NOT NULL,
  update_time timestamptz NOT NULL
);
CREATE TABLE person_choice (
  person_id uuid NOT NULL,
  category text NOT NULL,
  channel text NOT NULL,
  enabled boolean NOT NULL,
  PRIMARY KEY (person_id, category, channel)
);
CREATE TABLE organization_rule (
  organization_id text NOT NULL,
  category text NOT NULL,
  channel text NOT NULL,
  mode text NOT NULL,
  update_time timestamptz NOT NULL,
  PRIMARY KEY (organization_id, category, channel)
);
CREATE TABLE push_subscription (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL,
  endpoint_index bytea NOT NULL UNIQUE,
  data_key bytea NOT NULL,
  content bytea NOT NULL,
  create_time timestamptz NOT NULL
);
CREATE INDEX push_subscription_of_person ON push_subscription (person_id);
CREATE TABLE digest (
  person_id uuid NOT NULL,
  due_time timestamptz NOT NULL,
  count integer NOT NULL,
  PRIMARY KEY (person_id, due_time)
);
CREATE INDEX digest_due ON digest (due_time);
CREATE TABLE term (
  topic text PRIMARY KEY,
  profile text NOT NULL,
  worker_id text NOT NULL,
  cover text NOT NULL,
  subject text NOT NULL,
  link text NOT NULL,
  zone text NOT NULL,
  start_date date,
  end_date date NOT NULL,
  state text NOT NULL,
  handled_time timestamptz,
  next_time timestamptz,
  update_time timestamptz NOT NULL
);
CREATE INDEX term_due ON term (next_time) WHERE next_time IS NOT NULL;
CREATE INDEX term_cover ON term (cover) WHERE cover <> '';
CREATE TABLE reminder (
  topic text NOT NULL,
  end_date date NOT NULL,
  threshold text NOT NULL,
  person_id uuid NOT NULL,
  kind text NOT NULL,
  create_time timestamptz NOT NULL,
  PRIMARY KEY (topic, end_date, threshold, person_id, kind)
);
CREATE TABLE announcement (
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  title text NOT NULL,
  text text NOT NULL,
  link text NOT NULL,
  source text NOT NULL,
  document_version text NOT NULL,
  effective_date date,
  expire_date date,
  roles text[] NOT NULL,
  organizations text[] NOT NULL,
  urgent boolean NOT NULL,
  publish_time timestamptz NOT NULL,
  state text NOT NULL,
  cursor text NOT NULL,
  messages bigint NOT NULL,
  created_by uuid NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL
);
CREATE INDEX announcement_todo ON announcement (publish_time)
  WHERE state IN ('SCHEDULED', 'SENDING');
CREATE INDEX announcement_newest ON announcement (create_time, id)
"""


def upgrade() -> None:
    for statement in _STATEMENTS.split(";"):
        op.execute(statement)
