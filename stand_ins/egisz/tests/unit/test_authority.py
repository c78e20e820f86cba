import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from lkmr_egisz_stand_in.authority import Authority, Handed, Verdict
from lkmr_gost import (
    SoftwareSigner,
    generate_private_key,
    load_certificate,
    self_signed_certificate,
)
from lkmr_gost.cms import sign_detached
from lkmr_servicekit.clock import FakeClock
from lkmr_stand_in_kit.store import Store

OID = "1.2.643.1"
CONTENT = {
    "organization": {"oid": OID},
    "staff": {"total": 3, "groups": {"DOCTOR": 2, "NURSE": 1, "OTHER": 0}},
}
KEY = generate_private_key()
CERTIFICATE = load_certificate(
    self_signed_certificate(
        KEY,
        common_name="test",
        not_before=datetime(2020, 1, 1, tzinfo=UTC),
        not_after=datetime(2040, 1, 1, tzinfo=UTC),
    )
)


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    with Store(tmp_path / "egisz.db") as store:
        yield Authority(store, FakeClock())


def handed(content: Any = None, *, signed: bytes | None = None, **more: Any) -> Handed:
    body = orjson.dumps(content or CONTENT)
    signer = SoftwareSigner(KEY, CERTIFICATE.der)
    container = sign_detached(signed or body, signer, sign_time=FakeClock().now())
    values = {
        "reportId": "r1",
        "organizationOid": OID,
        "kind": "RPT-CPD",
        "periodStart": "2026-01-01",
        "periodEnd": "2026-06-30",
        "version": 1,
        "content": base64.b64encode(body).decode(),
        "signature": base64.b64encode(container).decode(),
        "certificate": base64.b64encode(CERTIFICATE.der).decode(),
    }
    return Handed(**(values | more))


def test_a_good_report_is_accepted_with_a_receipt_once(authority: Authority) -> None:
    first, again = authority.take(handed()), authority.take(handed())

    assert (first["state"], first["number"]) == ("ACCEPTED", again["number"])
    assert first["receipt"]["reportId"] == "r1"
    assert authority.take(handed(version=2))["number"] != first["number"]


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (handed(signed=b"another"), "Подпись не соответствует отчёту"),
        (handed(signature="AAAA"), "Подпись не соответствует отчёту"),
        (handed({"staff": 1}), "Отчёт не соответствует форме"),
        (handed(organizationOid="1.2.643.2"), "Отчёт составлен за другую организацию"),
        (
            handed({**CONTENT, "staff": {"total": 9, "groups": {"DOCTOR": 1}}}),
            "Численность не равна сумме групп",
        ),
    ],
)
def test_what_is_wrong_is_rejected_with_its_reason(
    authority: Authority, report: Handed, reason: str
) -> None:
    made = authority.take(report)

    assert (made["state"], made["reason"], made["receipt"]) == ("REJECTED", reason, None)


def test_a_verdict_may_be_forced_and_taken_back(authority: Authority) -> None:
    number = authority.take(handed())["number"]
    for state in ("RECEIVED", "REJECTED"):
        authority.force(Verdict(organization_oid=OID, state=state, reason="так решено"))
        assert authority.report(number)["state"] == state
    authority.force(Verdict(organization_oid=OID, state=None))
    assert authority.report(number)["state"] == "ACCEPTED"
