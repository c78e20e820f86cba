"""What outside bodies said of what was sent to them."""

from alembic import op

revision = "0002"
down_revision = "0001"

SQL = """
SET lock_timeout = '2s';
CREATE TABLE receipt (
  exchange text NOT NULL,
  resource text NOT NULL,
  version integer NOT NULL,
  number text NOT NULL,
  state text NOT NULL,
  sender text NOT NULL,
  update_time timestamptz NOT NULL,
  PRIMARY KEY (exchange, resource, version)
);
CREATE INDEX receipt_number ON receipt (exchange, number) WHERE number <> '';
"""


def upgrade() -> None:
    for statement in SQL.split(";\n"):
        if statement.strip():
            op.execute(statement)
