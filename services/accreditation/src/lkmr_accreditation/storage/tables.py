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
    sa.Column("snils_index", sa.LargeBinary, nullable=False),
    sa.Column("data_key", sa.LargeBinary, nullable=False),
    sa.Column("personal", sa.LargeBinary, nullable=False),
    sa.Column("jobs", pg.JSONB, nullable=False),
    sa.Column("register_version", sa.BigInteger, nullable=False),
    sa.Column("fetch_time", _MOMENT, nullable=False),
    sa.Column("gaps", pg.ARRAY(sa.Text)),
    sa.Column("identity", pg.JSONB),
    sa.Index("worker_snils", "snils_index"),
)

accreditation = sa.Table(
    "accreditation",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("worker_id", sa.Uuid, sa.ForeignKey("worker.id"), nullable=False),
    sa.Column("registry_number", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("specialty_code", sa.Text, nullable=False),
    sa.Column("specialty", sa.Text, nullable=False),
    sa.Column("education_level", sa.Text, nullable=False),
    sa.Column("commission", sa.Text, nullable=False),
    sa.Column("protocol_number", sa.Text, nullable=False),
    sa.Column("protocol_date", sa.Date),
    sa.Column("record_date", sa.Date),
    sa.Column("expire_date", sa.Date),
    sa.Column("annulled", sa.Boolean, nullable=False),
    sa.Column("organizations", pg.JSONB, nullable=False),
    sa.Column("removed", sa.Boolean, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("update_time", _MOMENT, nullable=False),
    sa.Index("accreditation_worker", "worker_id"),
)

accreditation_history = sa.Table(
    "accreditation_history",
    metadata,
    sa.Column("accreditation_id", sa.Uuid, sa.ForeignKey("accreditation.id"), primary_key=True),
    sa.Column("version", sa.BigInteger, primary_key=True),
    sa.Column("content", pg.JSONB, nullable=False),
    sa.Column("update_time", _MOMENT, nullable=False),
)

extract = sa.Table(
    "extract",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("code", sa.Text, nullable=False, unique=True),
    sa.Column("worker_id", sa.Uuid, sa.ForeignKey("worker.id"), nullable=False),
    sa.Column("accreditation_id", sa.Uuid, sa.ForeignKey("accreditation.id"), nullable=False),
    sa.Column("facts_hash", sa.LargeBinary, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("pdf", sa.LargeBinary, nullable=False),
    sa.Column("pdf_sha256", sa.Text, nullable=False),
    sa.Column("create_time", _MOMENT, nullable=False),
    sa.UniqueConstraint("accreditation_id", "facts_hash"),
)

register_sync = sa.Table(
    "register_sync",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("cursor", sa.Text, nullable=False),
    sa.Column("loaded", sa.BigInteger, nullable=False),
    sa.Column("total", sa.BigInteger, nullable=False),
    sa.Column("update_time", _MOMENT, nullable=False),
    sa.Column("heard_time", _MOMENT),
)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False)


organization_key = sa.Table(
    "organization_key",
    metadata,
    sa.Column("organization_oid", sa.Text, primary_key=True),
    sa.Column("data_key", sa.LargeBinary, nullable=False),
)

staff = sa.Table(
    "staff",
    metadata,
    sa.Column("organization_oid", sa.Text, primary_key=True),
    sa.Column("worker_id", sa.Uuid, sa.ForeignKey("worker.id"), primary_key=True),
    _text("region"),
    _text("organization_name"),
    sa.Column("card_version", sa.BigInteger, nullable=False),
    _text("print"),
    sa.Column("name", sa.LargeBinary, nullable=False),
    sa.Column("jobs", pg.JSONB, nullable=False),
    sa.Column("departments", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("specialties", pg.ARRAY(sa.Text), nullable=False),
    _text("staff_group"),
    sa.Column("concerned", sa.Boolean, nullable=False),
    sa.Column("checked", sa.Boolean, nullable=False),
    sa.Column("valid_until", sa.Date),
    sa.Column("extended", sa.Boolean, nullable=False),
    sa.Column("sort_date", sa.Date, nullable=False),
    sa.Column("hours", sa.Integer),
    sa.Column("hours_missing", sa.Integer),
    sa.Column("hours_waiting", sa.Integer),
    sa.Column("behind", sa.Boolean, nullable=False),
    _text("verdict"),
    sa.Column("failed", pg.ARRAY(sa.Text), nullable=False),
    _text("hindrance"),
    _text("todo"),
    _text("actor"),
    sa.Column("deadline", sa.Date),
    sa.Index("staff_worker", "worker_id"),
    sa.Index(
        "staff_board",
        "organization_oid",
        "sort_date",
        "worker_id",
        postgresql_where=sa.text("concerned"),
    ),
    sa.Index("staff_region", "region", "organization_oid", postgresql_where=sa.text("concerned")),
)

compliance = sa.Table(
    "compliance",
    metadata,
    sa.Column("worker_id", sa.Uuid, sa.ForeignKey("worker.id"), primary_key=True),
    sa.Column("revision", sa.BigInteger, nullable=False),
    _text("law"),
    _text("print"),
    _text("verdict"),
    sa.Column("terms", pg.JSONB, nullable=False),
    sa.Column("next_date", sa.Date, nullable=False),
    sa.Column("compute_time", _MOMENT, nullable=False),
    sa.Index("compliance_turn", "next_date", "worker_id"),
)

compliance_due = sa.Table(
    "compliance_due",
    metadata,
    sa.Column("worker_id", sa.Uuid, sa.ForeignKey("worker.id"), primary_key=True),
    sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False),
    sa.Index("compliance_due_order", "number"),
)

hours_due = sa.Table(
    "hours_due",
    metadata,
    sa.Column("worker_id", sa.Uuid, sa.ForeignKey("worker.id"), primary_key=True),
    sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False),
    sa.Column("taken", sa.Boolean, nullable=False, server_default="false"),
    sa.Index("hours_due_order", "number"),
)

recompute = sa.Table(
    "recompute",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    _text("law"),
    sa.Column("cursor", sa.Uuid),
    sa.Column("done", sa.BigInteger, nullable=False),
    sa.Column("start_time", _MOMENT, nullable=False),
    sa.Column("finish_time", _MOMENT),
)

discrepancy = sa.Table(
    "discrepancy",
    metadata,
    sa.Column("worker_id", sa.Uuid, sa.ForeignKey("worker.id"), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("found_date", sa.Date, nullable=False),
)

reminder_pause = sa.Table(
    "reminder_pause",
    metadata,
    sa.Column("worker_id", sa.Uuid, sa.ForeignKey("worker.id"), primary_key=True),
    sa.Column("specialty", sa.Text, primary_key=True),
    sa.Column("since_date", sa.Date, nullable=False),
    sa.Column("until_date", sa.Date),
)

worker_hours = sa.Table(
    "worker_hours",
    metadata,
    sa.Column("worker_id", sa.Uuid, sa.ForeignKey("worker.id"), primary_key=True),
    sa.Column("specialty", sa.Text, primary_key=True),
    sa.Column("content", pg.JSONB, nullable=False),
    sa.Column("fetch_time", _MOMENT, nullable=False),
)

law_entry = sa.Table(
    "law_entry",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("content", pg.JSONB, nullable=False),
    sa.Column("create_time", _MOMENT, nullable=False),
)

announced = sa.Table(
    "announced",
    metadata,
    sa.Column("fact", sa.Text, primary_key=True),
    sa.Column("announce_time", _MOMENT, nullable=False),
)

entry_change = sa.Table(
    "entry_change",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("worker_id", sa.Uuid, nullable=False),
    sa.Column("accreditation_id", sa.Uuid, nullable=False),
    sa.Column("change", sa.Text, nullable=False),
    sa.Column("change_time", _MOMENT, nullable=False),
)

partner_use = sa.Table(
    "partner_use",
    metadata,
    sa.Column("partner", sa.Text, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("used", sa.BigInteger, nullable=False),
)

application = sa.Table(
    "application",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("worker_id", sa.Uuid, sa.ForeignKey("worker.id"), nullable=False),
    _text("form"),
    _text("path"),
    _text("state"),
    _text("specialty"),
    _text("organization_oid"),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("file_set", sa.Integer, nullable=False),
    _text("agreement"),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("create_time", _MOMENT, nullable=False),
    sa.Column("update_time", _MOMENT, nullable=False),
    sa.Column("state_time", _MOMENT, nullable=False),
    sa.Column("limit_date", sa.Date),
    sa.Column("turn_date", sa.Date),
    sa.Column("warned", sa.SmallInteger, nullable=False),
    _text("outgoing"),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("send_time", _MOMENT),
    sa.Index("application_worker", "worker_id", sa.text("create_time DESC"), "id"),
    sa.Index("application_outgoing", "send_time", postgresql_where=sa.text("outgoing <> ''")),
    sa.Index("application_turn", "turn_date", postgresql_where=sa.text("turn_date IS NOT NULL")),
    sa.Index(
        "application_extracts",
        "state_time",
        postgresql_where=sa.text(
            "path = 'EXTRACT' AND state IN ('EXTRACT_REQUESTED', 'REGISTERED')"
        ),
    ),
    sa.Index("application_passed", "worker_id", postgresql_where=sa.text("state = 'PASSED'")),
)
_OPEN = (
    "state IN ('DRAFT', 'REPORT_APPROVAL', 'SUBMITTED', 'REGISTERED', 'FAC_CHECK', 'RETURNED',"
    " 'CAC_REVIEW', 'PASSED', 'APPEAL_FILED', 'APPEAL_GRANTED', 'UNKNOWN_EXTERNAL',"
    " 'EXTRACT_REQUESTED', 'IN_WORK', 'CONSENT_ASKED')"
)
sa.Index(
    "application_open",
    application.c.worker_id,
    application.c.form,
    sa.func.lower(application.c.specialty),
    unique=True,
    postgresql_where=sa.text(f"path <> 'STAFF_EXTRACT' AND {_OPEN}"),
)
sa.Index(
    "application_consent_open",
    application.c.worker_id,
    application.c.organization_oid,
    sa.func.lower(application.c.specialty),
    unique=True,
    postgresql_where=sa.text("path = 'STAFF_EXTRACT' AND state IN ('DRAFT', 'CONSENT_ASKED')"),
)
sa.Index(
    "application_at_staff",
    application.c.organization_oid,
    application.c.state_time,
    application.c.id,
    postgresql_where=sa.text(
        "state IN ('REPORT_APPROVAL', 'SUBMITTED', 'IN_WORK')"
        " OR (path = 'STAFF_EXTRACT' AND state IN ('CONSENT_ASKED', 'READY'))"
    ),
)

application_step = sa.Table(
    "application_step",
    metadata,
    sa.Column("application_id", sa.Uuid, sa.ForeignKey("application.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    _text("actor"),
    _text("before"),
    _text("after"),
    sa.Column("reason", sa.LargeBinary, nullable=False),
    sa.Column("file_set", sa.Integer, nullable=False),
    sa.Column("step_time", _MOMENT, nullable=False),
)

application_file_set = sa.Table(
    "application_file_set",
    metadata,
    sa.Column("application_id", sa.Uuid, sa.ForeignKey("application.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    _text("digest"),
    sa.Column("create_time", _MOMENT, nullable=False),
)

application_feed = sa.Table(
    "application_feed",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    _text("cursor"),
    sa.Column("update_time", _MOMENT, nullable=False),
)

document = sa.Table(
    "document",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("worker_id", sa.Uuid, sa.ForeignKey("worker.id"), nullable=False),
    _text("kind"),
    _text("source"),
    _text("visibility"),
    sa.Column("archived", sa.Boolean, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.LargeBinary),
    sa.Column("number_index", sa.LargeBinary),
    sa.Column("create_time", _MOMENT, nullable=False),
    sa.Index("document_worker", "worker_id"),
    sa.Index(
        "document_file",
        "worker_id",
        "sha256",
        unique=True,
        postgresql_where=sa.text("NOT archived"),
    ),
    sa.Index(
        "document_number",
        "worker_id",
        "kind",
        sa.text("(source = 'REGISTER')"),
        "number_index",
        unique=True,
        postgresql_where=sa.text("NOT archived"),
    ),
)

sa.Index(
    "document_licence",
    document.c.number_index,
    postgresql_where=sa.text("kind LIKE 'LICENCE%'"),
)

document_version = sa.Table(
    "document_version",
    metadata,
    sa.Column("document_id", sa.Uuid, sa.ForeignKey("document.id"), primary_key=True),
    sa.Column("version", sa.BigInteger, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    _text("specialty"),
    _text("level"),
    sa.Column("issue_date", sa.Date),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_until", sa.Date),
    _text("check_status"),
    _text("check_by"),
    _text("check_reason"),
    sa.Column("check_time", _MOMENT),
    _text("author"),
    sa.Column("create_time", _MOMENT, nullable=False),
    sa.Column("file_key", sa.Text),
    sa.Column("data_key", sa.LargeBinary),
    sa.Column("media_type", sa.Text),
    sa.Column("size", sa.BigInteger),
    sa.Column("sha256", sa.LargeBinary),
    sa.Column("pages", sa.Integer),
    sa.Column("scan", sa.Text),
    sa.Index(
        "document_checking",
        "check_time",
        "document_id",
        postgresql_where=sa.text("check_status = 'CHECKING'"),
    ),
    sa.Index("document_version_file", "file_key"),
)

licence = sa.Table(
    "licence",
    metadata,
    sa.Column("organization_oid", sa.Text, primary_key=True),
    sa.Column("number", sa.Text, primary_key=True),
    _text("kind"),
    _text("issuer"),
    sa.Column("issue_date", sa.Date),
    sa.Column("valid_until", sa.Date),
    _text("state"),
    sa.Column("works", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("change_time", _MOMENT, nullable=False),
)

licence_history = sa.Table(
    "licence_history",
    metadata,
    sa.Column("organization_oid", sa.Text, primary_key=True),
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("change_time", _MOMENT, primary_key=True),
    sa.Column("content", pg.JSONB, nullable=False),
)

licence_feed = sa.Table(
    "licence_feed",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    _text("cursor"),
    sa.Column("update_time", _MOMENT, nullable=False),
)

licence_check = sa.Table(
    "licence_check",
    metadata,
    sa.Column("organization_oid", sa.Text, primary_key=True),
    sa.Column("check_time", _MOMENT, nullable=False),
)
