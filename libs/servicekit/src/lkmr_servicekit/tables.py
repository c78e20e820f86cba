"""Tables that every service with a database has, and the SQL that makes them."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

SQL_V1 = """
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id uuid NOT NULL UNIQUE,
  resource_name text NOT NULL,
  subject text NOT NULL,
  headers jsonb NOT NULL,
  body bytea NOT NULL,
  create_time timestamptz NOT NULL,
  publish_time timestamptz,
  attempts integer DEFAULT 0 NOT NULL,
  last_error text
);
CREATE INDEX outbox_todo ON outbox (id) WHERE publish_time IS NULL;
CREATE INDEX outbox_published ON outbox (publish_time) WHERE publish_time IS NOT NULL;
CREATE TABLE inbox (
  consumer text NOT NULL,
  event_id uuid NOT NULL,
  receive_time timestamptz NOT NULL,
  PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_received ON inbox (receive_time);
CREATE TABLE dead_event (
  consumer text NOT NULL,
  event_id uuid NOT NULL,
  subject text NOT NULL,
  headers jsonb NOT NULL,
  body bytea NOT NULL,
  reason text NOT NULL,
  deliveries integer NOT NULL,
  create_time timestamptz NOT NULL,
  replay_time timestamptz,
  resolve_time timestamptz,
  resolved_by text,
  PRIMARY KEY (consumer, event_id)
);
CREATE TABLE request_log (
  caller text NOT NULL,
  method text NOT NULL,
  request_id text NOT NULL,
  body_hash bytea NOT NULL,
  response bytea,
  create_time timestamptz NOT NULL,
  expire_time timestamptz NOT NULL,
  PRIMARY KEY (caller, method, request_id)
);
CREATE INDEX request_log_expiry ON request_log (expire_time);
"""

_MOMENT = sa.DateTime(timezone=True)


def add_kit_tables(metadata: sa.MetaData) -> None:
    """Describe the tables of `SQL_V1`, so that drift between code and database is found."""
    sa.Table(
        "outbox",
        metadata,
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("event_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("resource_name", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("headers", pg.JSONB, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("create_time", _MOMENT, nullable=False),
        sa.Column("publish_time", _MOMENT),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("last_error", sa.Text),
        sa.Index("outbox_todo", "id", postgresql_where=sa.text("publish_time IS NULL")),
        sa.Index(
            "outbox_published",
            "publish_time",
            postgresql_where=sa.text("publish_time IS NOT NULL"),
        ),
    )
    sa.Table(
        "inbox",
        metadata,
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("receive_time", _MOMENT, nullable=False),
        sa.Index("inbox_received", "receive_time"),
    )
    sa.Table(
        "dead_event",
        metadata,
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("headers", pg.JSONB, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("deliveries", sa.Integer, nullable=False),
        sa.Column("create_time", _MOMENT, nullable=False),
        sa.Column("replay_time", _MOMENT),
        sa.Column("resolve_time", _MOMENT),
        sa.Column("resolved_by", sa.Text),
    )
    sa.Table(
        "request_log",
        metadata,
        sa.Column("caller", sa.Text, primary_key=True),
        sa.Column("method", sa.Text, primary_key=True),
        sa.Column("request_id", sa.Text, primary_key=True),
        sa.Column("body_hash", sa.LargeBinary, nullable=False),
        sa.Column("response", sa.LargeBinary),
        sa.Column("create_time", _MOMENT, nullable=False),
        sa.Column("expire_time", _MOMENT, nullable=False),
        sa.Index("request_log_expiry", "expire_time"),
    )
