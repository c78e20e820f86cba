"""The journal as a chain of rows cut by month; what arrives waits in a table of its own."""

from alembic import op

from lkmr_servicekit.partitions import MONTHS_SQL, rest_sql

revision = "0003"
down_revision = "0002"

_ACT = """
  event_id uuid NOT NULL,
  source text NOT NULL,
  time timestamptz NOT NULL,
  actor text NOT NULL,
  on_behalf_of text NOT NULL,
  roles text[] NOT NULL,
  organization text NOT NULL,
  operation text NOT NULL,
  object text NOT NULL,
  subject text NOT NULL,
  result text NOT NULL,
  reason text NOT NULL,
  purpose text NOT NULL,
  basis text NOT NULL,
  session text NOT NULL,
  trace_id text NOT NULL,
  address bytea,
  device text NOT NULL"""

TABLES = f"""
CREATE TABLE journal_pending (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,{_ACT});
CREATE INDEX journal_pending_of_actor ON journal_pending (actor, operation);
CREATE TABLE journal_head (
  id boolean DEFAULT true PRIMARY KEY CHECK (id), seq bigint NOT NULL, hash bytea NOT NULL
);
INSERT INTO journal_head (seq, hash) VALUES (0, decode(repeat('00', 32), 'hex'));
CREATE TABLE journal_entry (
  seq bigint NOT NULL,
  chain_time timestamptz NOT NULL,{_ACT},
  prev_hash bytea NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (seq, chain_time)
) PARTITION BY RANGE (chain_time);
CREATE INDEX journal_entry_of_actor ON journal_entry (actor, seq DESC);
CREATE INDEX journal_entry_of_subject ON journal_entry (subject, seq DESC) WHERE subject <> '';
CREATE INDEX journal_entry_of_operation ON journal_entry (operation, seq DESC);
CREATE INDEX journal_entry_of_organization ON journal_entry (organization, seq DESC);
{rest_sql("journal_entry")};
CREATE TRIGGER journal_entry_append_only BEFORE UPDATE OR DELETE ON journal_entry
  FOR EACH ROW EXECUTE FUNCTION refuse_change_of_journal();
CREATE TRIGGER journal_entry_never_emptied BEFORE TRUNCATE ON journal_entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_journal();
REVOKE UPDATE, DELETE, TRUNCATE ON journal_entry FROM PUBLIC
"""  # noqa: S608 - made of constants of this file
# Default privileges give the program all of DML; the journal takes less, and its parts nothing.
RIGHTS = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'auth_app') THEN
    REVOKE UPDATE, DELETE, TRUNCATE ON journal_entry FROM auth_app;
    REVOKE DELETE, TRUNCATE ON journal_head FROM auth_app;
    REVOKE ALL ON months.journal_entry_rest FROM auth_app;
  END IF;
END $$
"""
# An instance of the release before still writes the old table: its rows go the same way.
OLD_ROWS = """
INSERT INTO journal_pending (event_id, source, time, actor, on_behalf_of, roles, organization,
  operation, object, subject, result, reason, purpose, basis, session, trace_id, address, device)
SELECT event_id, source, time, actor, on_behalf_of, roles, organization, operation, object, actor,
  result, reason, purpose, basis, session, trace_id, address, device
FROM audit_entry ORDER BY seq
"""
OLD_WRITERS = """
CREATE FUNCTION chain_old_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO journal_pending (event_id, source, time, actor, on_behalf_of, roles, organization,
    operation, object, subject, result, reason, purpose, basis, session, trace_id, address, device)
  VALUES (NEW.event_id, NEW.source, NEW.time, NEW.actor, NEW.on_behalf_of, NEW.roles,
    NEW.organization, NEW.operation, NEW.object, NEW.actor, NEW.result, NEW.reason, NEW.purpose,
    NEW.basis, NEW.session, NEW.trace_id, NEW.address, NEW.device);
  RETURN NULL;
END $$
"""
OLD_TRIGGER = """
CREATE TRIGGER audit_entry_chained AFTER INSERT ON audit_entry
  FOR EACH ROW EXECUTE FUNCTION chain_old_entry()
"""


def upgrade() -> None:
    tables = (part for part in TABLES.split(";") if part.strip())
    for statement in (*MONTHS_SQL, *tables, RIGHTS, OLD_ROWS, OLD_WRITERS, OLD_TRIGGER):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("a journal is never taken back")
