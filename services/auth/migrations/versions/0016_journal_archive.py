"""Months of the journal that left the table, and days on which its keeping was assessed.

The program may not drop anything: a function of the owner lets the oldest month go, and only one
that follows the month before without a gap, whose rows are those that the archive was made of, and
after which the chain went on for half a year.
"""

from alembic import op

revision = "0016"
down_revision = "0015"

TABLES = """
SET LOCAL lock_timeout = '3s';
CREATE TABLE journal_archive (
  month date PRIMARY KEY,
  first_seq bigint NOT NULL,
  before_hash bytea NOT NULL,
  last_seq bigint NOT NULL,
  last_hash bytea NOT NULL,
  sha256 bytea NOT NULL,
  leave_time timestamptz NOT NULL
);
CREATE TRIGGER journal_archive_append_only BEFORE UPDATE OR DELETE ON journal_archive
  FOR EACH ROW EXECUTE FUNCTION refuse_change_of_journal();
CREATE TRIGGER journal_archive_never_emptied BEFORE TRUNCATE ON journal_archive
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_journal();
REVOKE UPDATE, DELETE, TRUNCATE ON journal_archive FROM PUBLIC;
CREATE TABLE assessment (
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  assess_date date NOT NULL,
  value text NOT NULL,
  document text NOT NULL,
  record_time timestamptz NOT NULL
);
CREATE INDEX assessment_of_kind ON assessment (kind, assess_date DESC, record_time DESC)
"""
LEAVE = """
CREATE FUNCTION let_month_of_journal_go(
  of_month date, first bigint, before bytea, last bigint, last_own bytea, file_hash bytea,
  moment timestamptz
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public SET lock_timeout = '2s' AS $body$
DECLARE
  begins timestamptz := of_month::timestamp AT TIME ZONE 'UTC';
  ends timestamptz := (of_month + interval '1 month')::timestamp AT TIME ZONE 'UTC';
  part text := 'journal_entry' || to_char(of_month, '_YYYY_MM');
  app text := regexp_replace(current_user, '_owner$', '_app');
BEGIN
  LOCK TABLE public.journal_entry IN ACCESS EXCLUSIVE MODE;
  IF of_month <> date_trunc('month', of_month)::date
     OR first IS DISTINCT FROM (SELECT min(seq) FROM public.journal_entry)
     OR last + 1 IS DISTINCT FROM
        (SELECT min(seq) FROM public.journal_entry WHERE chain_time >= ends)
     OR EXISTS (SELECT FROM public.journal_entry WHERE chain_time < begins)
     OR NOT EXISTS (SELECT FROM public.journal_entry
                    WHERE seq = first AND prev_hash = before AND chain_time < ends)
     OR NOT EXISTS (SELECT FROM public.journal_entry
                    WHERE seq = last AND hash = last_own AND chain_time < ends)
     OR NOT EXISTS (SELECT FROM public.journal_entry
                    WHERE chain_time >= ends + interval '6 months') THEN
    RAISE EXCEPTION 'this month may not leave the journal' USING ERRCODE = 'check_violation';
  END IF;
  INSERT INTO public.journal_archive
    VALUES (of_month, first, before, last, last_own, file_hash, moment);
  IF to_regclass('months.' || quote_ident(part)) IS NOT NULL THEN
    EXECUTE format('ALTER TABLE public.journal_entry DETACH PARTITION months.%I', part);
    EXECUTE format('DROP TABLE months.%I', part);
  END IF;
  IF EXISTS (SELECT FROM months.journal_entry_rest
             WHERE chain_time >= begins AND chain_time < ends) THEN
    ALTER TABLE public.journal_entry DETACH PARTITION months.journal_entry_rest;
    ALTER TABLE months.journal_entry_rest RENAME TO journal_entry_rest_before;
    CREATE TABLE months.journal_entry_rest PARTITION OF public.journal_entry DEFAULT;
    INSERT INTO public.journal_entry SELECT * FROM months.journal_entry_rest_before
      WHERE chain_time < begins OR chain_time >= ends;
    DROP TABLE months.journal_entry_rest_before;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN
      EXECUTE format('REVOKE ALL ON months.journal_entry_rest FROM %I', app);
    END IF;
  END IF;
END
$body$
"""
NOBODY = (
    "REVOKE ALL ON FUNCTION"
    " let_month_of_journal_go(date, bigint, bytea, bigint, bytea, bytea, timestamptz) FROM PUBLIC"
)
RIGHTS = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'auth_app') THEN
    REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON journal_archive FROM auth_app;
    REVOKE UPDATE, DELETE, TRUNCATE ON assessment FROM auth_app;
    GRANT EXECUTE ON FUNCTION
      let_month_of_journal_go(date, bigint, bytea, bigint, bytea, bytea, timestamptz) TO auth_app;
  END IF;
END $$
"""


def upgrade() -> None:
    for statement in (*TABLES.split(";"), LEAVE, NOBODY, RIGHTS):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("a journal is never taken back")
