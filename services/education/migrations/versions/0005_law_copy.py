"""The norms in force as the owner of the law gave them last."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("SET lock_timeout = '2s'")
    op.execute(
        """CREATE TABLE law_copy (
          key text PRIMARY KEY,
          value integer NOT NULL,
          source text NOT NULL,
          valid_from date,
          valid_until date
        )"""
    )
