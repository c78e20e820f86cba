"""Tables of the database `egisz_bridge`."""

import sqlalchemy as sa

from lkmr_servicekit.tables import add_kit_tables

metadata = sa.MetaData()
add_kit_tables(metadata)

_MOMENT = sa.DateTime(timezone=True)

register_feed = sa.Table(
    "register_feed",
    metadata,
    sa.Column("register", sa.Text, primary_key=True),
    sa.Column("cursor", sa.Text, nullable=False),
    sa.Column("update_time", _MOMENT, nullable=False),
)

# What an outside body said of what was sent to it; its sender is forgotten with the last word.
receipt = sa.Table(
    "receipt",
    metadata,
    sa.Column("exchange", sa.Text, primary_key=True),
    sa.Column("resource", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("update_time", _MOMENT, nullable=False),
    sa.Index("receipt_number", "exchange", "number", postgresql_where=sa.text("number <> ''")),
)

# Cut by month of `time`; holds no data about people.
exchange_log = sa.Table(
    "exchange_log",
    metadata,
    sa.Column("time", _MOMENT, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("system", sa.Text, nullable=False),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("duration_ms", sa.Integer, nullable=False),
    sa.Column("trace_id", sa.Text, nullable=False),
)
