"""Tables of ordered destructions; they know people by ids and stay for the term of the act."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

_MOMENT = sa.DateTime(timezone=True)


def add_erasure_tables(metadata: sa.MetaData) -> None:
    """Describe them, so that drift between code and database is found."""
    sa.Table(
        "erasure",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("worker_id", sa.Text, nullable=False),
        sa.Column("account_number", sa.Text, nullable=False),
        sa.Column("organization_id", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("officer_id", sa.Uuid, nullable=False),
        sa.Column("request_time", _MOMENT, nullable=False),
        sa.Column("order_time", _MOMENT, nullable=False),
        sa.Column("ask_time", _MOMENT, nullable=False),
        sa.Column("act", sa.Text),
        sa.Column("signature", sa.Text, nullable=False, server_default=""),
        sa.Column("act_time", _MOMENT),
        sa.Column("keep_until", sa.Date),
        sa.Index("erasure_open", "ask_time", postgresql_where=sa.text("act_time IS NULL")),
        sa.Index("erasure_kept", "keep_until", postgresql_where=sa.text("keep_until IS NOT NULL")),
    )
    sa.Table(
        "erasure_part",
        metadata,
        sa.Column(
            "erasure_id", sa.Uuid, sa.ForeignKey("erasure.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("service", sa.Text, primary_key=True),
        sa.Column("destroyed", pg.JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
        sa.Column("event_id", sa.Uuid),
        sa.Column("report_time", _MOMENT),
    )
