"""Messages and deliveries."""

from alembic import op

from lkmr_servicekit.partitions import MONTHS_SQL, rest_sql
from lkmr_servicekit.tables import SQL_V1

revision = "0001"
down_revision = None

_OWN = """
CREATE TABLE message (
  create_time timestamptz NOT NULL,
  id uuid NOT NULL,
  person_id uuid NOT NULL,
  kind text NOT NULL,
  template_version integer NOT NULL,
  title text NOT NULL,
  text text NOT NULL,
  link text NOT NULL,
  read_time timestamptz,
  PRIMARY KEY (create_time, id)
);
CREATE INDEX message_inbox ON message (person_id, create_time, id);
CREATE INDEX message_of_person ON message (person_id, id);
CREATE INDEX message_unread ON message (person_id) WHERE read_time IS NULL;
CREATE TABLE delivery (
  create_time timestamptz NOT NULL,
  id uuid NOT NULL,
  message_id uuid NOT NULL,
  person_id uuid NOT NULL,
  channel text NOT NULL,
  kind text NOT NULL,
  template_version integer NOT NULL,
  state text NOT NULL,
  attempts integer NOT NULL,
  next_try_time timestamptz,
  reason text NOT NULL,
  update_time timestamptz NOT NULL,
  PRIMARY KEY (create_time, id)
) PARTITION BY RANGE (create_time);
CREATE INDEX delivery_due ON delivery (next_try_time) WHERE next_try_time IS NOT NULL;
CREATE INDEX delivery_of_message ON delivery (message_id)
"""


def upgrade() -> None:
    for statement in f"{SQL_V1.rstrip().rstrip(';')};{_OWN}".split(";"):
        op.execute(statement)
    for statement in (*MONTHS_SQL, rest_sql("delivery")):
        op.execute(statement)
