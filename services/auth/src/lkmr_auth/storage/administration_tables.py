"""Tables of rights, incidents and settings that administrators change."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg


def add_administration_tables(metadata: sa.MetaData) -> None:
    """Describe them, so that drift between code and database is found."""
    _rights(metadata)
    _incidents(metadata)
    sa.Table(
        "act_by_hand",
        metadata,
        _id(),
        _person("person_id"),
        _person("actor_id"),
        _text("operation"),
        sa.Column("reason", sa.LargeBinary, nullable=False),
        _moment("create_time"),
        sa.Index("act_by_hand_of_person", "person_id", sa.text("create_time DESC")),
    )
    sa.Table(
        "policy",
        metadata,
        _text("key"),
        _text("value"),
        _moment("update_time"),
        _person("updated_by"),
        _id(),
        _day("effective_date"),
        sa.Column("reason", sa.LargeBinary, nullable=False),
        sa.Column("organization_id", sa.Text, nullable=False, server_default=""),
        sa.Index(
            "policy_in_force", "key", sa.text("effective_date DESC"), sa.text("update_time DESC")
        ),
    )
    sa.Table(
        "redirect_address",
        metadata,
        _id(),
        _organization(),
        _text("origin"),
        _moment("create_time"),
        _person("created_by"),
        _moment("end_time", nullable=True),
        sa.Index(
            "redirect_address_open",
            "origin",
            unique=True,
            postgresql_where=sa.text("end_time IS NULL"),
        ),
    )


def _rights(metadata: sa.MetaData) -> None:
    sa.Table(
        "role_request",
        metadata,
        _id(),
        _person("person_id"),
        _organization(),
        _text("role"),
        _text("position"),
        _text("department"),
        sa.Column("reason", sa.LargeBinary, nullable=False),
        _text("state"),
        _person("requester_id"),
        _moment("create_time"),
        _person("decider_id", nullable=True),
        _moment("decide_time", nullable=True),
        sa.Index(
            "role_request_open",
            "person_id",
            "organization_id",
            "role",
            unique=True,
            postgresql_where=sa.text("state = 'PENDING'"),
        ),
        sa.Index("role_request_of_organization", "organization_id", sa.text("create_time DESC")),
    )
    sa.Table(
        "delegation",
        metadata,
        _id(),
        _person("person_id"),
        _person("delegate_id"),
        _organization(),
        _text("role"),
        _text("section"),
        _text("operation"),
        _day("start_date"),
        _day("end_date"),
        _moment("create_time"),
        _moment("revoke_time", nullable=True),
        sa.Index("delegation_of_person", "person_id", sa.text("create_time DESC")),
        sa.Index(
            "delegation_to_person",
            "delegate_id",
            "end_date",
            postgresql_where=sa.text("revoke_time IS NULL"),
        ),
    )
    sa.Table(
        "emergency_access",
        metadata,
        _id(),
        _person("person_id"),
        _text("organization_id"),
        _text("role"),
        _text("session"),
        _text("object"),
        _text("reason_code"),
        sa.Column("reason", sa.LargeBinary, nullable=False),
        _moment("start_time"),
        _moment("expire_time"),
        _moment("end_time", nullable=True),
        _day("review_due_date"),
        _person("reviewer_id", nullable=True),
        _moment("review_time", nullable=True),
        _text("review_result", default=""),
        sa.Index("emergency_access_of_person", "person_id", "expire_time"),
        sa.Index("emergency_access_to_review", "organization_id", sa.text("start_time DESC")),
    )


def _incidents(metadata: sa.MetaData) -> None:
    sa.Table(
        "incident",
        metadata,
        _id(),
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False, unique=True),
        _text("kind"),
        _text("severity"),
        _text("state"),
        _person("person_id", nullable=True),
        _text("organization_id"),
        _text("session"),
        sa.Column("facts", pg.JSONB, nullable=False),
        _moment("detect_time"),
        _person("assignee_id", nullable=True),
        _moment("close_time", nullable=True),
        sa.Column("resolution", sa.LargeBinary),
        sa.Index("incident_newest", sa.text("detect_time DESC"), "id"),
        sa.Index(
            "incident_of_session", "session", "kind", postgresql_where=sa.text("session <> ''")
        ),
    )
    sa.Table(
        "leak_report",
        metadata,
        sa.Column("incident_id", sa.Uuid, sa.ForeignKey("incident.id"), primary_key=True),
        _moment("discover_time"),
        _moment("notice_due_time"),
        _moment("notice_time", nullable=True),
        _moment("result_due_time"),
        _moment("result_time", nullable=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )


def _id() -> sa.Column[uuid.UUID]:
    return sa.Column("id", sa.Uuid, primary_key=True)


def _person(name: str, *, nullable: bool = False) -> sa.Column[uuid.UUID]:
    return sa.Column(name, sa.Uuid, sa.ForeignKey("person.id"), nullable=nullable)


def _organization() -> sa.Column[str]:
    return sa.Column("organization_id", sa.Text, sa.ForeignKey("organization.id"), nullable=False)


def _text(name: str, *, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _day(name: str) -> sa.Column[date]:
    return sa.Column(name, sa.Date, nullable=False)
