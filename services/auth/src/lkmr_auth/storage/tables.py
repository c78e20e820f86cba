"""The tables of auth. Columns of type LargeBinary that hold personal data are sealed envelopes."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from lkmr_auth.storage.administration_tables import add_administration_tables
from lkmr_auth.storage.draft_table import add_draft_table
from lkmr_auth.storage.erasure_tables import add_erasure_tables
from lkmr_auth.storage.passkey_tables import add_passkey_tables
from lkmr_servicekit.tables import add_kit_tables

metadata = sa.MetaData()
add_kit_tables(metadata)
add_administration_tables(metadata)
add_erasure_tables(metadata)

_MOMENT = sa.DateTime(timezone=True)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, _MOMENT, nullable=nullable)


def _text(name: str, *, unique: bool = False, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, unique=unique, server_default=default)


def _sealed(name: str, *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=nullable)


def _person_id() -> sa.Column[uuid.UUID]:
    return sa.Column("person_id", sa.Uuid, sa.ForeignKey("person.id"), nullable=False)


organization = sa.Table(
    "organization",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    _text("oid", unique=True),
    _text("name"),
    _text("short_name"),
)

person = sa.Table(
    "person",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False, unique=True),
    _text("state"),
    sa.Column("snils_index", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("data_key", sa.LargeBinary, nullable=False),
    _sealed("snils"),
    _sealed("names", nullable=True),
    _sealed("contacts", nullable=True),
    _sealed("employee_number", nullable=True),
    sa.Column("worker_id", sa.Text, unique=True),
    _text("register_version", default=""),
    sa.Column("register_jobs", pg.JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    _moment("code_lock_time", nullable=True),
    sa.Column("lapses", pg.JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    _moment("create_time"),
    _moment("update_time"),
)

binding = sa.Table(
    "binding",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    _person_id(),
    _text("organization_id"),
    _text("role"),
    _text("position"),
    _text("department"),
    _moment("start_time"),
    _moment("end_time", nullable=True),
    _text("source", default="IMPORT"),
    _text("end_reason", default=""),
    sa.ForeignKeyConstraint(["organization_id"], ["organization.id"]),
    sa.Index(
        "binding_of_organization",
        "organization_id",
        "person_id",
        postgresql_where=sa.text("end_time IS NULL"),
    ),
    sa.Index(
        "binding_open",
        "person_id",
        "organization_id",
        "role",
        unique=True,
        postgresql_where=sa.text("end_time IS NULL"),
    ),
)

sign_in = sa.Table(
    "sign_in",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("secret_hash", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("state", sa.Uuid, nullable=False, unique=True),
    _text("origin"),
    _text("return_to"),
    _moment("create_time"),
    sa.Index("sign_in_created", "create_time"),
)

waiting_sign_in = sa.Table(
    "waiting_sign_in",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("secret_hash", sa.LargeBinary, nullable=False, unique=True),
    _text("stage"),
    _person_id(),
    _sealed("content"),
    _moment("create_time"),
    sa.Index("waiting_sign_in_created", "create_time"),
)

one_time_code = sa.Table(
    "one_time_code",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    _person_id(),
    sa.Column("code_hmac", sa.LargeBinary, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    _moment("create_time"),
    _moment("expire_time"),
    _moment("consume_time", nullable=True),
    _moment("replace_time", nullable=True),
    _text("purpose", default="SIGN_IN"),
    sa.Index("one_time_code_of_person", "person_id", sa.text("create_time DESC")),
    sa.Index("one_time_code_created", "create_time"),
)

legal_decision = sa.Table(
    "legal_decision",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    _person_id(),
    _text("document"),
    _text("version"),
    sa.Column("text_hash", sa.LargeBinary, nullable=False),
    _text("decision"),
    _moment("time"),
    sa.Index("legal_decision_of_person", "person_id", "document", sa.text("time DESC")),
)

activation = sa.Table(
    "activation",
    metadata,
    sa.Column("person_id", sa.Uuid, sa.ForeignKey("person.id"), primary_key=True),
    _moment("employee_time", nullable=True),
    _text("approval_id", default=""),
    _moment("approval_end", nullable=True),
    _moment("activate_time", nullable=True),
)

employee_claim = sa.Table(
    "employee_claim",
    metadata,
    sa.Column("employee_index", sa.LargeBinary, primary_key=True),
    _person_id(),
    _moment("time"),
)

guarded_attempt = sa.Table(
    "guarded_attempt",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("subject", sa.LargeBinary, primary_key=True),
    sa.Column("tries", sa.Integer, nullable=False),
    _moment("wait_time", nullable=True),
    _moment("update_time"),
    sa.Index("guarded_attempt_updated", "update_time"),
)

cabinet_password = sa.Table(
    "cabinet_password",
    metadata,
    sa.Column("person_id", sa.Uuid, sa.ForeignKey("person.id"), primary_key=True),
    _text("password_hash"),
    sa.Column("tries", sa.Integer, nullable=False, server_default=sa.text("0")),
    _moment("wait_time", nullable=True),
    _moment("set_time"),
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("family_id", sa.Uuid, nullable=False),
    _person_id(),
    sa.Column("secret_hash", sa.LargeBinary, nullable=False, unique=True),
    _text("state"),
    _text("organization_id"),
    _text("role"),
    sa.Column("device", sa.LargeBinary, nullable=False),
    _sealed("user_agent"),
    _sealed("address"),
    _moment("start_time"),
    _moment("active_time"),
    _moment("expire_time"),
    _moment("data_check_time"),
    _text("register_version"),
    _moment("rotate_time", nullable=True),
    _moment("end_time", nullable=True),
    sa.Column("end_reason", sa.Text),
    _text("basis", default="SIGNED_IN"),
    _moment("step_up_time", nullable=True),
    _moment("issue_time", nullable=True),
    sa.Index(
        "session_of_person",
        "person_id",
        sa.text("start_time DESC"),
        postgresql_where=sa.text("state = 'ACTIVE'"),
    ),
    sa.Index("session_of_family", "family_id"),
    sa.Index("session_rotated", "rotate_time", postgresql_where=sa.text("state = 'ROTATED'")),
    sa.Index("session_active", "active_time", postgresql_where=sa.text("state = 'ACTIVE'")),
    sa.Index("session_ended", "end_time", postgresql_where=sa.text("state = 'ENDED'")),
)

esia_session = sa.Table(
    "esia_session",
    metadata,
    sa.Column("family_id", sa.Uuid, primary_key=True),
    _person_id(),
    _sealed("access_token"),
    _sealed("refresh_token"),
    _moment("expire_time"),
    _moment("lease_time", nullable=True),
    sa.Index("esia_session_due", "expire_time"),
)

signing_key = sa.Table(
    "signing_key",
    metadata,
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("data_key", sa.LargeBinary, nullable=False),
    _sealed("private_key"),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    _moment("activate_time"),
)

journal_key = sa.Table(
    "journal_key",
    metadata,
    sa.Column("id", sa.Boolean, sa.CheckConstraint("id"), primary_key=True, server_default="true"),
    sa.Column("data_key", sa.LargeBinary, nullable=False),
)


def _act() -> list[sa.Column[Any]]:
    texts = ("organization", "operation", "object", "subject", "result", "reason", "purpose")
    return [
        sa.Column("event_id", sa.Uuid, nullable=False),
        _text("source"),
        _moment("time"),
        _text("actor"),
        _text("on_behalf_of"),
        sa.Column("roles", pg.ARRAY(sa.Text), nullable=False),
        *(_text(name) for name in texts),
        *(_text(name) for name in ("basis", "session", "trace_id")),
        _sealed("address", nullable=True),
        _text("device"),
    ]


journal_pending = sa.Table(
    "journal_pending",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    *_act(),
    sa.Index("journal_pending_of_actor", "actor", "operation"),
)

journal_head = sa.Table(
    "journal_head",
    metadata,
    sa.Column("id", sa.Boolean, sa.CheckConstraint("id"), primary_key=True, server_default="true"),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)

journal_entry = sa.Table(
    "journal_entry",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("chain_time", _MOMENT, primary_key=True),
    *_act(),
    sa.Column("prev_hash", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Index("journal_entry_of_actor", "actor", sa.text("seq DESC")),
    sa.Index(
        "journal_entry_of_subject",
        "subject",
        sa.text("seq DESC"),
        postgresql_where=sa.text("subject <> ''"),
    ),
    sa.Index("journal_entry_of_operation", "operation", sa.text("seq DESC")),
    sa.Index("journal_entry_of_organization", "organization", sa.text("seq DESC")),
    postgresql_partition_by="RANGE (chain_time)",
)

journal_archive = sa.Table(
    "journal_archive",
    metadata,
    sa.Column("month", sa.Date, primary_key=True),
    sa.Column("first_seq", sa.BigInteger, nullable=False),
    sa.Column("before_hash", sa.LargeBinary, nullable=False),
    sa.Column("last_seq", sa.BigInteger, nullable=False),
    sa.Column("last_hash", sa.LargeBinary, nullable=False),
    sa.Column("sha256", sa.LargeBinary, nullable=False),
    _moment("leave_time"),
)

assessment = sa.Table(
    "assessment",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    _text("kind"),
    sa.Column("assess_date", sa.Date, nullable=False),
    _text("value"),
    _text("document"),
    _moment("record_time"),
    sa.Index(
        "assessment_of_kind", "kind", sa.text("assess_date DESC"), sa.text("record_time DESC")
    ),
)

audit_entry = sa.Table(
    "audit_entry",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("event_id", sa.Uuid, nullable=False, unique=True),
    _text("source"),
    _moment("time"),
    _text("actor"),
    _text("on_behalf_of"),
    sa.Column("roles", pg.ARRAY(sa.Text), nullable=False),
    _text("organization"),
    _text("operation"),
    _text("object"),
    _text("result"),
    _text("reason"),
    _text("purpose"),
    _text("basis"),
    _text("session"),
    _text("trace_id"),
    _sealed("address", nullable=True),
    _text("device"),
    sa.Column("details_hash", sa.LargeBinary),
    sa.Index("audit_entry_of_actor", "actor", "operation", sa.text("seq DESC")),
)

access_dispute = sa.Table(
    "access_dispute",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    _person_id(),
    sa.Column("event_id", sa.Uuid, nullable=False),
    _sealed("text", nullable=True),
    _moment("create_time"),
    _moment("resolve_time", nullable=True),
    sa.UniqueConstraint("person_id", "event_id"),
    sa.Index(
        "access_dispute_open", "create_time", postgresql_where=sa.text("resolve_time IS NULL")
    ),
)

add_passkey_tables(metadata)
add_draft_table(metadata)

code_sending = sa.Table(
    "code_sending",
    metadata,
    _text("kind"),
    sa.Column("subject", sa.LargeBinary, nullable=False),
    _moment("send_time"),
    sa.Index("code_sending_of_subject", "kind", "subject", sa.text("send_time DESC")),
    sa.Index("code_sending_sent", "send_time"),
)

sign_in_start = sa.Table(
    "sign_in_start",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("subject", sa.LargeBinary, primary_key=True),
    _moment("free_time"),
    sa.Index("sign_in_start_over", "free_time"),
)

data_request = sa.Table(
    "data_request",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False, unique=True),
    _person_id(),
    _text("organization_id"),
    _text("kind"),
    sa.Column("event_id", sa.Uuid),
    _text("state"),
    _sealed("text", nullable=True),
    _moment("create_time"),
    sa.Column("due_date", sa.Date, nullable=False),
    _sealed("extend_reason", nullable=True),
    sa.Column("officer_id", sa.Uuid, sa.ForeignKey("person.id")),
    _sealed("answer", nullable=True),
    _text("outcome", default=""),
    _moment("answer_time", nullable=True),
    _text("scope", default=""),
    sa.Index("data_request_of_person", "person_id", sa.text("create_time DESC")),
    sa.Index(
        "data_request_open", "due_date", "id", postgresql_where=sa.text("state <> 'ANSWERED'")
    ),
    sa.Index("data_request_of_organization", "organization_id", sa.text("create_time DESC")),
    sa.Index(
        "data_request_of_entry",
        "person_id",
        "event_id",
        unique=True,
        postgresql_where=sa.text("event_id IS NOT NULL"),
    ),
)
