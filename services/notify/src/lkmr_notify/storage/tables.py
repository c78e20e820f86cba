"""Tables of the database `notify`."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from lkmr_servicekit.tables import add_kit_tables

metadata = sa.MetaData()
add_kit_tables(metadata)

_MOMENT = sa.DateTime(timezone=True)


def _text(name: str, *, default: str | None = None) -> "sa.Column[Any]":
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, _MOMENT, nullable=nullable)


# Keys carry the moment, so that the table can be cut by month without a new contract.
message = sa.Table(
    "message",
    metadata,
    sa.Column("create_time", _MOMENT, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("person_id", sa.Uuid, nullable=False),
    _text("kind"),
    sa.Column("template_version", sa.Integer, nullable=False),
    # Both stand sealed in `content`; empty, but in rows that await their seal.
    _text("title"),
    _text("text"),
    _text("link"),
    _moment("read_time", nullable=True),
    _text("category", default="DOCUMENTS"),
    _text("urgency", default="NOW"),
    sa.Column("task", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("deadline", sa.Date),
    _text("why", default=""),
    _text("action", default=""),
    _text("owner", default=""),
    _text("topic", default=""),
    sa.Column("source_id", sa.Uuid),
    _moment("done_time", nullable=True),
    _text("done_by", default=""),
    sa.Column("content", sa.LargeBinary),
)
sa.Index(
    "message_bare",
    message.c.create_time,
    message.c.id,
    postgresql_where=message.c.content.is_(None),
)
sa.Index("message_inbox", message.c.person_id, message.c.create_time, message.c.id)
sa.Index("message_of_person", message.c.person_id, message.c.id)
sa.Index("message_unread", message.c.person_id, postgresql_where=message.c.read_time.is_(None))
sa.Index(
    "message_open_task",
    message.c.topic,
    postgresql_where=sa.text("task AND done_time IS NULL"),
)

# The key that opens texts of a person; without it they are gone.
person_key = sa.Table(
    "person_key",
    metadata,
    sa.Column("person_id", sa.Uuid, primary_key=True),
    sa.Column("data_key", sa.LargeBinary, nullable=False),
    _moment("create_time"),
)

# Cut by month of `create_time`; holds no address.
delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("create_time", _MOMENT, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("message_id", sa.Uuid, nullable=False),
    sa.Column("person_id", sa.Uuid, nullable=False),
    _text("channel"),
    _text("kind"),
    sa.Column("template_version", sa.Integer, nullable=False),
    _text("state"),
    sa.Column("attempts", sa.Integer, nullable=False),
    # When it is due: the next try, or the end of the lease while it is being sent.
    _moment("next_try_time", nullable=True),
    _text("reason"),
    _moment("update_time"),
    sa.Column("priority", sa.SmallInteger, nullable=False, server_default="1"),
    # When it was first due: tries end 72 hours later.
    _moment("due_time", nullable=True),
    # Channels that stand in, by comma, in order.
    _text("fallback", default=""),
    sa.Column("safe", pg.JSONB, nullable=False, server_default="{}"),
    _text("provider", default=""),
    # The point of no return was passed: from here on the other side may have it.
    _moment("handover_time", nullable=True),
    # The announcement that it belongs to.
    sa.Column("source_id", sa.Uuid),
)
sa.Index(
    "delivery_todo",
    delivery.c.priority,
    delivery.c.next_try_time,
    postgresql_where=delivery.c.next_try_time.is_not(None),
)
sa.Index("delivery_of_message", delivery.c.message_id)
sa.Index(
    "delivery_of_source",
    delivery.c.source_id,
    delivery.c.state,
    postgresql_where=delivery.c.source_id.is_not(None),
)
sa.Index(
    "delivery_waiting",
    delivery.c.source_id,
    delivery.c.next_try_time,
    postgresql_where=sa.text("source_id IS NOT NULL AND next_try_time IS NOT NULL"),
)
sa.Index(
    "delivery_held",
    delivery.c.source_id,
    postgresql_where=sa.text(
        "source_id IS NOT NULL AND next_try_time IS NULL AND state = 'CREATED'"
    ),
)
sa.Index(
    "delivery_failed",
    delivery.c.update_time,
    postgresql_where=sa.text(
        "state IN ('TEMPORARY_FAILURE', 'PERMANENT_FAILURE', 'TECHNICAL_FAILURE')"
    ),
)

person_setting = sa.Table(
    "person_setting",
    metadata,
    sa.Column("person_id", sa.Uuid, primary_key=True),
    _text("zone"),
    sa.Column("quiet_from", sa.Time, nullable=False),
    sa.Column("quiet_until", sa.Time, nullable=False),
    _text("digest"),
    _moment("update_time"),
)

person_choice = sa.Table(
    "person_choice",
    metadata,
    sa.Column("person_id", sa.Uuid, primary_key=True),
    sa.Column("category", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("enabled", sa.Boolean, nullable=False),
)

organization_rule = sa.Table(
    "organization_rule",
    metadata,
    sa.Column("organization_id", sa.Text, primary_key=True),
    sa.Column("category", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    _text("mode"),
    _moment("update_time"),
)

# Endpoint and keys of a browser are sealed; equal endpoints are found by a blind index.
push_subscription = sa.Table(
    "push_subscription",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("person_id", sa.Uuid, nullable=False),
    sa.Column("endpoint_index", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("data_key", sa.LargeBinary, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    _moment("create_time"),
    sa.Index("push_subscription_of_person", "person_id"),
)

digest = sa.Table(
    "digest",
    metadata,
    sa.Column("person_id", sa.Uuid, primary_key=True),
    sa.Column("due_time", _MOMENT, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Index("digest_due", "due_time"),
)

# What other services say must be done by a day; `next_time` is when to look at it again.
term = sa.Table(
    "term",
    metadata,
    sa.Column("topic", sa.Text, primary_key=True),
    _text("profile"),
    _text("worker_id"),
    _text("cover"),
    _text("subject"),
    _text("link"),
    _text("zone"),
    sa.Column("start_date", sa.Date),
    sa.Column("end_date", sa.Date, nullable=False),
    _text("state"),
    _moment("handled_time", nullable=True),
    _moment("next_time", nullable=True),
    _moment("update_time"),
    sa.Column("recommended_months", sa.Integer, nullable=False, server_default="0"),
    sa.Index("term_due", "next_time", postgresql_where=sa.text("next_time IS NOT NULL")),
    sa.Index("term_cover", "cover", postgresql_where=sa.text("cover <> ''")),
)

# One row for each reminder ever sent; never deleted while the topic lives.
reminder = sa.Table(
    "reminder",
    metadata,
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("end_date", sa.Date, primary_key=True),
    sa.Column("threshold", sa.Text, primary_key=True),
    sa.Column("person_id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    _moment("create_time"),
)

announcement = sa.Table(
    "announcement",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    _text("kind"),
    _text("title"),
    _text("text"),
    _text("link"),
    _text("source"),
    _text("document_version"),
    sa.Column("effective_date", sa.Date),
    sa.Column("expire_date", sa.Date),
    sa.Column("roles", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("organizations", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("urgent", sa.Boolean, nullable=False),
    _moment("publish_time"),
    _text("state"),
    # The last person of the audience who has the message.
    _text("cursor"),
    sa.Column("messages", sa.BigInteger, nullable=False),
    sa.Column("created_by", sa.Uuid, nullable=False),
    _moment("create_time"),
    _moment("update_time"),
    # Its deliveries do not all follow its state yet.
    sa.Column("steering", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("announcement_steering", "id", postgresql_where=sa.text("steering")),
    sa.Index(
        "announcement_todo",
        "publish_time",
        postgresql_where=sa.text("state IN ('SCHEDULED', 'SENDING')"),
    ),
    sa.Index("announcement_newest", "create_time", "id"),
)
