"""Tables of the database `notify`."""

import sqlalchemy as sa

from lkmr_servicekit.tables import add_kit_tables

metadata = sa.MetaData()
add_kit_tables(metadata)

_MOMENT = sa.DateTime(timezone=True)

# Keys carry the moment, so that the table can be cut by month without a new contract.
message = sa.Table(
    "message",
    metadata,
    sa.Column("create_time", _MOMENT, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("person_id", sa.Uuid, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("template_version", sa.Integer, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("link", sa.Text, nullable=False),
    sa.Column("read_time", _MOMENT),
)
sa.Index("message_inbox", message.c.person_id, message.c.create_time, message.c.id)
sa.Index("message_of_person", message.c.person_id, message.c.id)
sa.Index("message_unread", message.c.person_id, postgresql_where=message.c.read_time.is_(None))

# Cut by month of `create_time`; holds no address.
delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("create_time", _MOMENT, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("message_id", sa.Uuid, nullable=False),
    sa.Column("person_id", sa.Uuid, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("template_version", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    # When it is due: the next try, or the end of the lease while it is being sent.
    sa.Column("next_try_time", _MOMENT),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("update_time", _MOMENT, nullable=False),
)
sa.Index(
    "delivery_due",
    delivery.c.next_try_time,
    postgresql_where=delivery.c.next_try_time.is_not(None),
)
sa.Index("delivery_of_message", delivery.c.message_id)
