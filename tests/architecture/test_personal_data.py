"""The register of processing names every column that holds sealed data about people."""

import importlib
import re
import tomllib

import sqlalchemy as sa

from .sources import ROOT, SERVICES

TEXT = (ROOT / "docs" / "personal-data.md").read_text(encoding="utf-8")
ROWS = [line.strip("| ").split(" | ") for line in TEXT.splitlines() if line.startswith("| ")][2:]
NAMED = re.findall(r"`([a-z-]+\.\w+\.\w+)`", TEXT)
# Keys, keyed hashes and public keys: nobody can read a person out of them.
TECHNICAL = re.compile(
    r"(_index|_hash|_hmac|_sha256|\.hash|\.sha256|data_key|public_key|private_key|\.challenge"
    r"|credential_id|\.device|\.print|(code_sending|sign_in_start|guarded_attempt)\.subject)$"
)
# Without people: tests/privacy looks through all tables for what would contradict this.
OPEN = re.compile(
    r"(\.(outbox|dead_event)\.body|\.request_log\.response"
    r"|education\.report\.(content|signature|certificate|receipt))$"
)
SENSITIVE = ("SEC-11", "SEC-12", "SEC-13", "SEC-14", "SEC-27")


def stored() -> set[str]:
    """Columns of bytes of all services, `service.table.column`."""
    found = set()
    for folder in SERVICES:
        package = f"lkmr_{folder.name.replace('-', '_')}"
        tables = importlib.import_module(f"{package}.storage.tables").metadata.sorted_tables
        found |= {
            f"{folder.name}.{table.name}.{column.name}"
            for table in tables
            for column in table.columns
            if isinstance(column.type, sa.LargeBinary)
        }
    return found


def test_every_sealed_column_stands_in_the_register_once() -> None:
    personal = {one for one in stored() if not TECHNICAL.search(one) and not OPEN.search(one)}

    assert len(NAMED) == len(set(NAMED))
    assert set(NAMED) == personal


def test_every_purpose_says_whose_by_what_right_and_how_long() -> None:
    assert len(ROWS) >= 10
    for row in ROWS:
        assert len(row) == 5, row
        assert all(cell.strip() for cell in row), row


def test_demands_of_the_law_on_personal_data_have_their_evidence() -> None:
    """Consent, rights of a person, place, leaks and this register: each names a test."""
    text = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    rows = {line.split()[1]: line for line in text.splitlines() if line.startswith("| SEC-")}

    for demand in SENSITIVE:
        assert re.search(r"`[\w./-]+\.py::test_\w+`", rows[demand]), demand


def test_each_consent_is_a_document_with_one_purpose_of_its_own() -> None:
    """152-ФЗ, art. 9 as amended by 156-ФЗ of 24.06.2025: never part of another document."""
    source = ROOT / "services/auth/src/lkmr_auth/legal.toml"
    documents = tomllib.loads(source.read_text(encoding="utf-8"))["document"]
    consents = [one for one in documents if one["kind"] == "CONSENT"]

    assert len({one["purpose"] for one in consents}) == len(consents) >= 3
    assert not any(one["required"] for one in consents), "a consent that is forced is none"
    for one in consents:
        assert all(word in one["text"] for word in ("Цель:", "Данные:", "Срок:")), one["id"]
