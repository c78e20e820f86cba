"""Deliveries of an announcement are held, released and cancelled in portions."""

from alembic import op

revision = "0005"
down_revision = "0004"

_STATEMENTS = """
ALTER TABLE announcement ADD COLUMN steering boolean DEFAULT false NOT NULL;
CREATE INDEX announcement_steering ON announcement (id) WHERE steering;
CREATE INDEX delivery_waiting ON delivery (source_id, next_try_time)
  WHERE source_id IS NOT NULL AND next_try_time IS NOT NULL;
CREATE INDEX delivery_held ON delivery (source_id)
  WHERE source_id IS NOT NULL AND next_try_time IS NULL AND state = 'CREATED'
"""


def upgrade() -> None:
    for statement in _STATEMENTS.split(";"):
        op.execute(statement)
