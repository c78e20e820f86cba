"""Tables of this service."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from lkmr_servicekit.tables import add_kit_tables

metadata = sa.MetaData()
add_kit_tables(metadata)

_MOMENT = sa.DateTime(timezone=True)

worker = sa.Table(
    "worker",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("data_key", sa.LargeBinary, nullable=False),
    sa.Column("record", pg.JSONB, nullable=False),
    sa.Column("fetch_time", _MOMENT),
)

activity = sa.Table(
    "activity",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("worker_id", sa.Uuid, sa.ForeignKey("worker.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("organizer", sa.Text, nullable=False),
    sa.Column("start_date", sa.Date, nullable=False),
    sa.Column("end_date", sa.Date, nullable=False),
    sa.Column("hours", sa.Integer),
    sa.Column("specialty", sa.Text, nullable=False),
    sa.Column("form", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("level", sa.Integer),
    sa.Column("attestation", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("external_id", sa.Text, nullable=False),
    sa.Column("programme_id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("create_time", _MOMENT, nullable=False),
    sa.Column("update_time", _MOMENT, nullable=False),
    sa.Index("activity_worker", "worker_id", "start_date", "id"),
    sa.Index(
        "activity_external",
        "worker_id",
        "external_id",
        unique=True,
        postgresql_where=sa.text("external_id <> ''"),
    ),
)

activity_change = sa.Table(
    "activity_change",
    metadata,
    sa.Column("activity_id", sa.Uuid, sa.ForeignKey("activity.id"), primary_key=True),
    sa.Column("version", sa.BigInteger, primary_key=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("content", pg.JSONB, nullable=False),
    sa.Column("update_time", _MOMENT, nullable=False),
)

certificate = sa.Table(
    "certificate",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("worker_id", sa.Uuid, sa.ForeignKey("worker.id"), nullable=False),
    sa.Column("activity_id", sa.Uuid, sa.ForeignKey("activity.id"), nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("identity_index", sa.LargeBinary, nullable=False),
    sa.Column("numbers", sa.LargeBinary, nullable=False),
    sa.Column("issue_date", sa.Date, nullable=False),
    sa.Column("hours", sa.Integer),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("check_state", sa.Text, nullable=False),
    sa.Column("check_fields", pg.JSONB, nullable=False),
    sa.Column("check_time", _MOMENT),
    sa.Column("next_check_time", _MOMENT),
    sa.Column("file", sa.LargeBinary),
    sa.Column("file_type", sa.Text, nullable=False),
    sa.Column("create_time", _MOMENT, nullable=False),
    sa.Index("certificate_identity", "identity_index", unique=True),
    sa.Index("certificate_worker", "worker_id"),
    sa.Index("certificate_activity", "activity_id"),
    sa.Index(
        "certificate_due",
        "next_check_time",
        postgresql_where=sa.text("next_check_time IS NOT NULL"),
    ),
)

confirmation = sa.Table(
    "confirmation",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("worker_id", sa.Uuid, sa.ForeignKey("worker.id"), nullable=False),
    sa.Column("activity_id", sa.Uuid, sa.ForeignKey("activity.id"), nullable=False),
    sa.Column("certificate_id", sa.Uuid, sa.ForeignKey("certificate.id")),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("units", sa.Integer, nullable=False),
    sa.Column("confirmed_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("confirm_time", _MOMENT, nullable=False),
    sa.Column("revoke_time", _MOMENT),
    sa.Index(
        "confirmation_valid",
        "activity_id",
        unique=True,
        postgresql_where=sa.text("revoke_time IS NULL"),
    ),
    sa.Index("confirmation_worker", "worker_id"),
    sa.Index("confirmation_certificate", "certificate_id"),
)
