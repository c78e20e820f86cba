"""Tables of passkeys and backup codes."""

import sqlalchemy as sa

_MOMENT = sa.DateTime(timezone=True)


def add_passkey_tables(metadata: sa.MetaData) -> None:
    """Describe them, so that drift between code and database is found."""
    sa.Table(
        "passkey",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("credential_id", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("relying_party", sa.Text, nullable=False),
        sa.Column("name", sa.LargeBinary, nullable=False),
        sa.Column("create_time", _MOMENT, nullable=False),
        sa.Column("use_time", _MOMENT),
        sa.Index("passkey_of_person", "person_id", "create_time"),
    )
    sa.Table(
        "passkey_challenge",
        metadata,
        sa.Column("challenge", sa.LargeBinary, primary_key=True),
        sa.Column("person_id", sa.Uuid, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("ceremony", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("expire_time", _MOMENT, nullable=False),
        sa.Index("passkey_challenge_expired", "expire_time"),
    )
    sa.Table(
        "backup_code",
        metadata,
        sa.Column("person_id", sa.Uuid, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("code_hmac", sa.LargeBinary, primary_key=True),
        sa.Column("create_time", _MOMENT, nullable=False),
        sa.Column("use_time", _MOMENT),
    )
