"""Extracts that personnel asks for: one open request beside the worker's own, and their list."""

from alembic import op

revision = "0011"
down_revision = "0010"

SQL = """
CREATE UNIQUE INDEX application_one_open ON application (
    worker_id, form, lower(specialty), path,
    (CASE WHEN path = 'STAFF_EXTRACT' THEN organization_oid ELSE '' END)
) WHERE state IN ('DRAFT', 'REPORT_APPROVAL', 'SUBMITTED', 'REGISTERED', 'FAC_CHECK', 'RETURNED',
    'CAC_REVIEW', 'PASSED', 'APPEAL_FILED', 'APPEAL_GRANTED', 'UNKNOWN_EXTERNAL',
    'EXTRACT_REQUESTED', 'IN_WORK', 'CONSENT_ASKED');
DROP INDEX application_open;
CREATE INDEX application_at_staff ON application (organization_oid, state_time, id)
    WHERE state IN ('REPORT_APPROVAL', 'SUBMITTED', 'IN_WORK')
       OR (path = 'STAFF_EXTRACT' AND state IN ('CONSENT_ASKED', 'READY'));
DROP INDEX application_staff;
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statement in SQL.split(";\n"):
        if statement.strip():
            op.execute(statement)
