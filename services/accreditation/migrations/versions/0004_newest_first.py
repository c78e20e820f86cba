"""Who came last into the queue of verdicts is judged first."""

from alembic import op

revision = "0004"
down_revision = "0003"

SQL = """
ALTER TABLE compliance_due ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;
CREATE INDEX compliance_due_order ON compliance_due (number);
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statement in SQL.split(";\n"):
        if statement.strip():
            op.execute(statement)
