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
    sa.Column("direction", sa.Text, nullable=False, server_default=""),
)

consent = sa.Table(
    "consent",
    metadata,
    sa.Column("worker_id", sa.Uuid, primary_key=True),
    sa.Column("given", sa.Boolean, nullable=False),
    sa.Column("decide_time", _MOMENT, nullable=False),
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
    sa.Column("external_revision", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("programme_id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("create_time", _MOMENT, nullable=False),
    sa.Column("update_time", _MOMENT, nullable=False),
    sa.Index("activity_worker", "worker_id", "start_date", "id"),
    sa.Index(
        "activity_own",
        "worker_id",
        "start_date",
        "id",
        postgresql_where=sa.text("external_id = ''"),
    ),
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
    sa.Column("portal_file", sa.Text, nullable=False, server_default=""),
    sa.Column("next_file_time", _MOMENT),
    sa.Column("data_key", sa.LargeBinary),
    sa.Column("file_key", sa.Text, nullable=False, server_default=""),
    sa.Column("file_size", sa.BigInteger),
    sa.Column("file_sha256", sa.LargeBinary),
    sa.Column("file_scan", sa.Text, nullable=False, server_default="NOT_SCANNED"),
    sa.Column("create_time", _MOMENT, nullable=False),
    sa.Index("certificate_identity", "identity_index", unique=True),
    sa.Index("certificate_worker", "worker_id"),
    sa.Index("certificate_activity", "activity_id"),
    sa.Index(
        "certificate_due",
        "next_check_time",
        postgresql_where=sa.text("next_check_time IS NOT NULL"),
    ),
    sa.Index(
        "certificate_files_due",
        "next_file_time",
        postgresql_where=sa.text("next_file_time IS NOT NULL"),
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

plan_item = sa.Table(
    "plan_item",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("worker_id", sa.Uuid, sa.ForeignKey("worker.id"), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("hours", sa.Integer),
    sa.Column("specialty", sa.Text, nullable=False),
    sa.Column("organizer", sa.Text, nullable=False),
    sa.Column("programme", sa.Text, nullable=False),
    sa.Column("activity", sa.Text, nullable=False),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("attestation", sa.Text, nullable=False),
    sa.Column("deadline", sa.Date, nullable=False),
    sa.Column("required_level", sa.Integer),
    sa.Column("programme_level", sa.Integer),
    sa.Column("start_date", sa.Date),
    sa.Column("end_date", sa.Date),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("agreement", sa.Text, nullable=False),
    sa.Column("agreed_by", sa.Text, nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("create_time", _MOMENT, nullable=False),
    sa.Column("update_time", _MOMENT, nullable=False),
    sa.Index("plan_item_worker", "worker_id", "deadline"),
    sa.Index("plan_item_activity", "activity", postgresql_where=sa.text("activity <> ''")),
)

programme = sa.Table(
    "programme",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("hours", sa.Integer, nullable=False),
    sa.Column("specialties", pg.JSONB, nullable=False),
    sa.Column("specialty_keys", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("level", sa.Integer),
    sa.Column("start_date", sa.Date),
    sa.Column("end_date", sa.Date),
    sa.Column("form", sa.Text, nullable=False),
    sa.Column("city", sa.Text, nullable=False),
    sa.Column("price", sa.Integer, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("annotation", sa.Text, nullable=False),
    sa.Column("attestation", sa.Text, nullable=False),
    sa.Column("new_competence", sa.Boolean, nullable=False),
    sa.Column("title_key", sa.Text, nullable=False),
    sa.Column("search", pg.TSVECTOR, nullable=False),
    sa.Column("generation", sa.BigInteger, nullable=False),
    sa.Index("programme_search", "search", postgresql_using="gin"),
    sa.Index(
        "programme_title_key",
        "title_key",
        postgresql_using="gin",
        postgresql_ops={"title_key": "gin_trgm_ops"},
    ),
    sa.Index("programme_specialty", "specialty_keys", postgresql_using="gin"),
    sa.Index("programme_start", "start_date", "id"),
)

calendar_link = sa.Table(
    "calendar_link",
    metadata,
    sa.Column("worker_id", sa.Uuid, sa.ForeignKey("worker.id"), primary_key=True),
    sa.Column("secret_hash", sa.LargeBinary, nullable=False),
    sa.Column("create_time", _MOMENT, nullable=False),
    sa.Index("calendar_link_secret", "secret_hash", unique=True),
)

outside_feed = sa.Table(
    "outside_feed",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("generation", sa.BigInteger, nullable=False),
    sa.Column("update_time", _MOMENT, nullable=False),
    sa.Column("heard_time", _MOMENT),
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("print", sa.LargeBinary, nullable=False),
    sa.Column("notice_id", sa.Text, nullable=False),
    sa.Column("study", sa.Text, nullable=False),
    sa.Column("fault", sa.Text, nullable=False),
    sa.Column("data_key", sa.LargeBinary, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("receive_time", _MOMENT, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("next_try_time", _MOMENT),
    sa.Column("resolve_time", _MOMENT),
    sa.Column("resolution", sa.Text, nullable=False),
    sa.Column("resolved_by", sa.Text, nullable=False),
    sa.Index("quarantine_print", "print", unique=True),
    sa.Index(
        "quarantine_open",
        "receive_time",
        "id",
        postgresql_where=sa.text("resolve_time IS NULL"),
    ),
    sa.Index(
        "quarantine_due", "next_try_time", postgresql_where=sa.text("next_try_time IS NOT NULL")
    ),
)

code_attempt = sa.Table(
    "code_attempt",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("worker_id", sa.Uuid, sa.ForeignKey("worker.id"), nullable=False),
    sa.Column("code_index", sa.LargeBinary, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("study", sa.Text, nullable=False, server_default=""),
    sa.Column("attempt_time", _MOMENT, nullable=False),
    sa.Index("code_attempt_worker", "worker_id", "attempt_time"),
    sa.Index("code_attempt_study", "worker_id", "study", postgresql_where=sa.text("study <> ''")),
)

report = sa.Table(
    "report",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_oid", sa.Text, nullable=False),
    sa.Column("organization_name", sa.Text, nullable=False),
    sa.Column("period_start", sa.Date, nullable=False),
    sa.Column("period_end", sa.Date, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("errors", pg.JSONB, nullable=False),
    sa.Column("replaces", sa.Uuid, sa.ForeignKey("report.id")),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("create_time", _MOMENT, nullable=False),
    sa.Column("update_time", _MOMENT, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
    sa.Column("certificate", sa.LargeBinary, nullable=False),
    sa.Column("signed_by", sa.Text, nullable=False),
    sa.Column("sign_time", _MOMENT),
    sa.Column("send_asked", sa.Boolean, nullable=False),
    sa.Column("sent_by", sa.Text, nullable=False, server_default=""),
    sa.Column("next_send_time", _MOMENT),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("receipt", sa.LargeBinary, nullable=False),
    sa.Column("staff_done", sa.Integer, nullable=False, server_default="0"),
    sa.Column("staff_total", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_build_time", _MOMENT),
    sa.Index(
        "report_build_due",
        "next_build_time",
        postgresql_where=sa.text("next_build_time IS NOT NULL"),
    ),
    sa.Index(
        "report_organization", "organization_oid", sa.text("create_time DESC"), sa.text("id DESC")
    ),
    sa.Index(
        "report_due", "next_send_time", postgresql_where=sa.text("next_send_time IS NOT NULL")
    ),
)

law_copy = sa.Table(
    "law_copy",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_until", sa.Date),
)
