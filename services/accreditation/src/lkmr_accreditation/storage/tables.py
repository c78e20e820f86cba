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
)
