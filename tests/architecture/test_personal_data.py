"""The register of processing names every column that holds sealed data about people."""

import importlib
import re
import tomllib

import pytest
import sqlalchemy as sa

from lkmr_access.erasure import Scope
from lkmr_auth.domain.erasure import SERVICES as REPORTING
from lkmr_auth.messaging.erasure_handlers import REPORTS
from lkmr_auth.storage import destroyer, shipped

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
# Rows with an id of a person that stay: why is said beside each in services/auth/.../erasure.toml
# or here; what a destruction leaves of them names nobody.
KEPT = {
    "auth.act_by_hand": "reasons of administrators, sealed anew",
    "auth.data_request": "kind, days and outcome; the words are gone",
    "auth.emergency_access": "reasons of emergency accesses, sealed anew",
    "auth.erasure": "the act of the destruction itself, for three years",
    "auth.incident": "security incidents by ids",
    "auth.legal_decision": "proof that a consent was given (152-ФЗ, art. 9 part 3)",
    "auth.role_request": "reasons of role requests, sealed anew",
    "accreditation.accreditation": "copy of the register",
    "accreditation.compliance": "follows from the copy of the register",
    "accreditation.compliance_due": "a turn to be judged",
    "accreditation.entry_change": "changes of the copy of the register, by ids",
}
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


def test_each_sealed_column_is_destroyed_or_kept_on_a_ground_until_a_day() -> None:
    """The dated data of destruction and the register of processing say the same columns."""
    fate = shipped.fate()
    said = [column for one in fate.categories for column in one.columns]
    purposes = {row[0]: row[4] for row in ROWS}

    assert sorted(said) == sorted(NAMED)
    for one in fate.categories:
        assert all(column in purposes[one.purpose] for column in one.columns), one.title
        assert one.source.startswith(("152-ФЗ", "ТК РФ")), one.title


def test_each_row_about_a_person_is_destroyed_or_said_why_it_stays() -> None:
    counted = {kind for one in shipped.fate().categories for kind in one.kinds}
    for folder in SERVICES:
        package = f"lkmr_{folder.name.replace('-', '_')}"
        tables = importlib.import_module(f"{package}.storage.tables").metadata.sorted_tables
        for table in tables:
            name = f"{folder.name}.{table.name}"
            about = {"person_id", "worker_id"} & set(table.columns.keys())
            assert not about or table.name in counted or name in KEPT, name
    assert {table for table, _ in destroyer.KEPT} >= {"act_by_hand", "policy"}


def test_every_service_that_holds_data_of_people_reports_its_destruction() -> None:
    holding = {one.split(".")[0] for one in NAMED}

    assert set(REPORTING[Scope.ACCOUNT]) == holding
    assert set(REPORTS) | {"auth"} == holding
    for folder in (one for one in SERVICES if one.name in REPORTS):
        package = f"lkmr_{folder.name.replace('-', '_')}"
        main = (folder / "src" / package / "main.py").read_text(encoding="utf-8")
        assert "ErasureHandler(" in main, folder.name


@pytest.mark.proves("F-159")
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
