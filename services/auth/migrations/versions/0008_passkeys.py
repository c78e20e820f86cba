"""Passkeys with their open ceremonies, and backup codes."""

from alembic import op

revision = "0008"
down_revision = "0007"

SQL = """
SET LOCAL lock_timeout = '3s';
CREATE TABLE passkey (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person (id),
  credential_id bytea NOT NULL UNIQUE,
  public_key bytea NOT NULL,
  sign_count bigint NOT NULL,
  relying_party text NOT NULL,
  name bytea NOT NULL,
  create_time timestamptz NOT NULL,
  use_time timestamptz
);
CREATE INDEX passkey_of_person ON passkey (person_id, create_time);
CREATE TABLE passkey_challenge (
  challenge bytea PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person (id),
  ceremony text NOT NULL,
  origin text NOT NULL,
  expire_time timestamptz NOT NULL
);
CREATE INDEX passkey_challenge_expired ON passkey_challenge (expire_time);
CREATE TABLE backup_code (
  person_id uuid NOT NULL REFERENCES person (id),
  code_hmac bytea NOT NULL,
  create_time timestamptz NOT NULL,
  use_time timestamptz,
  PRIMARY KEY (person_id, code_hmac)
);
"""


def upgrade() -> None:
    for statement in SQL.split(";"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("forward only: earlier code runs on this schema")
