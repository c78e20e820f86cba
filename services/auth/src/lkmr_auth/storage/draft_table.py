"""The table of drafts."""

import sqlalchemy as sa


def add_draft_table(metadata: sa.MetaData) -> None:
    """Describe it, so that drift between code and database is found."""
    sa.Table(
        "draft",
        metadata,
        sa.Column("person_id", sa.Uuid, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("form", sa.Text, primary_key=True),
        sa.Column("page", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
        sa.Index("draft_updated", "update_time"),
    )
