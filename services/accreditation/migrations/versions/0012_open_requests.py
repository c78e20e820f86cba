"""One open application of a worker, and one open request of an organisation, each by its index."""

from alembic import op

revision = "0012"
down_revision = "0011"

SQL = """
CREATE UNIQUE INDEX application_consent_open ON application (
    worker_id, organization_oid, lower(specialty)
) WHERE path = 'STAFF_EXTRACT' AND state IN ('DRAFT', 'CONSENT_ASKED');
CREATE UNIQUE INDEX application_open ON application (worker_id, form, lower(specialty))
    WHERE path <> 'STAFF_EXTRACT' AND state IN (
    'DRAFT', 'REPORT_APPROVAL', 'SUBMITTED', 'REGISTERED', 'FAC_CHECK', 'RETURNED',
    'CAC_REVIEW', 'PASSED', 'APPEAL_FILED', 'APPEAL_GRANTED', 'UNKNOWN_EXTERNAL',
    'EXTRACT_REQUESTED', 'IN_WORK', 'CONSENT_ASKED');
DROP INDEX application_one_open;
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statement in SQL.split(";\n"):
        if statement.strip():
            op.execute(statement)
