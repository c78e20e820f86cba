"""Who a partner is: pinned certificates, dates, suspension; grounds that the journal can keep."""

import os
from pathlib import Path

import pytest
from lkmr.partner.v1 import specialist_service_pb2 as pb

from lkmr_gateway.partner.certificate import peer_of
from lkmr_gateway.partner.grounds import reason_of
from lkmr_gateway.partner.registry import Registry, read_registry
from lkmr_servicekit.errors import ServiceError

from .partner_samples import IDENTITY, NOW, a_certificate, a_connection, an_entry

WARN = 30


def registry_of(tmp_path: Path, text: str) -> Registry:
    path = tmp_path / "partners.toml"
    path.write_text(text, encoding="utf-8")
    return Registry(path)


def refusal_of(registry: Registry, pem: bytes) -> str:
    with pytest.raises(ServiceError) as refusal:
        peer_of(a_connection(pem), registry, NOW, WARN)
    return refusal.value.reason


def test_a_pinned_certificate_is_its_partner(tmp_path: Path) -> None:
    pem, key = a_certificate()

    peer = peer_of(a_connection(pem), registry_of(tmp_path, an_entry(key)), NOW, WARN)

    assert (peer.partner.id, peer.warning) == ("one", "")


@pytest.mark.parametrize(
    "wrong", [{"identity": IDENTITY + "2"}, {"issuer": "Another CA"}, {"other_key": True}]
)
def test_a_certificate_that_differs_in_one_pinned_thing_is_unknown(
    tmp_path: Path, wrong: dict[str, object]
) -> None:
    other_key = wrong.pop("other_key", False)
    pem, key = a_certificate(**wrong)  # type: ignore[arg-type]
    registry = registry_of(tmp_path, an_entry("0" * 64 if other_key else key))

    assert refusal_of(registry, pem) == "PARTNER_UNKNOWN"


def test_a_connection_without_a_readable_certificate_is_unknown(tmp_path: Path) -> None:
    registry = registry_of(tmp_path, an_entry("0" * 64))

    assert refusal_of(registry, b"") == "PARTNER_UNKNOWN"
    assert refusal_of(registry, b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END") == "PARTNER_UNKNOWN"


@pytest.mark.parametrize(
    ("pin", "outcome"),
    [
        ("valid_until = 2027-02-01", ""),
        ("valid_until = 2026-12-26", "certificate_ends=2026-12-26"),
        ("valid_until = 2026-11-26", "certificate_ends=2026-11-26"),
        ("valid_until = 2026-11-25", "PARTNER_CERTIFICATE_OUTDATED"),
    ],
)
def test_a_certificate_is_switched_off_by_date_with_a_warning_before(
    tmp_path: Path, pin: str, outcome: str
) -> None:
    pem, key = a_certificate()
    registry = registry_of(tmp_path, an_entry(key, pin=pin))

    if outcome.startswith("PARTNER"):
        assert refusal_of(registry, pem) == outcome
    else:
        assert peer_of(a_connection(pem), registry, NOW, WARN).warning == outcome


def test_the_end_of_the_certificate_itself_is_announced_too(tmp_path: Path) -> None:
    pem, key = a_certificate(days=10)

    peer = peer_of(a_connection(pem), registry_of(tmp_path, an_entry(key)), NOW, WARN)

    assert peer.warning == "certificate_ends=2026-12-06"


def test_a_suspension_acts_when_the_file_changes_and_a_broken_file_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, key = a_certificate()
    registry = registry_of(tmp_path, an_entry(key))
    monkeypatch.setattr("lkmr_gateway.partner.registry.LOOK_EVERY_SECONDS", 0)
    assert [one.suspended for one in registry.all()] == [False]

    for moment, text in enumerate((an_entry(key, more="suspended = true"), "no toml ["), 1):
        registry.path.write_text(text, encoding="utf-8")
        os.utime(registry.path, ns=(moment, moment))
        assert [one.suspended for one in registry.all()] == [True]


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ('scope = "x"', "Extra inputs"),
        ("per_second = 0", "greater than 0"),
        ("batch = 1001", "less than or equal"),
        ("deadline_seconds = 11", "less than or equal"),
    ],
)
def test_a_register_that_says_too_much_is_not_read(more: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        read_registry(an_entry("0" * 64, more=more))


def test_a_key_or_an_esia_system_belongs_to_one_partner() -> None:
    with pytest.raises(ValueError, match="belongs to two partners"):
        read_registry(an_entry("0" * 64) + an_entry("1" * 64).replace('"one"', '"two"'))


def test_grounds_are_kept_as_registered_words(tmp_path: Path) -> None:
    (partner,) = read_registry(an_entry("0" * 64))
    given = pb.Grounds(purpose="EMPLOYMENT", basis="323-FZ-69", request_number="17-4/2026")

    reason = reason_of(given, partner)

    assert (reason.purpose, reason.basis) == ("EMPLOYMENT", "323-FZ-69 17-4/2026")


@pytest.mark.parametrize(
    ("grounds", "fields"),
    [
        (pb.Grounds(), {"grounds.purpose", "grounds.basis", "grounds.request_number"}),
        (
            pb.Grounds(purpose="CURIOSITY", basis="323-FZ-69", request_number="1"),
            {"grounds.purpose"},
        ),
        (
            pb.Grounds(purpose="EMPLOYMENT", basis="323-FZ-69", request_number="Иванова"),
            {"grounds.request_number"},
        ),
        (
            pb.Grounds(purpose="EMPLOYMENT", basis="323-FZ-69", request_number="900-001-037_98"),
            {"grounds.request_number"},
        ),
        (
            pb.Grounds(purpose="EMPLOYMENT", basis="323-FZ-69", request_number="90000103798"),
            {"grounds.request_number"},
        ),
    ],
)
def test_grounds_that_are_missing_foreign_or_personal_are_named(
    grounds: pb.Grounds, fields: set[str]
) -> None:
    (partner,) = read_registry(an_entry("0" * 64))

    with pytest.raises(ServiceError, match="PARTNER_REQUEST_INVALID") as refusal:
        reason_of(grounds, partner)

    assert {one.field for one in refusal.value.fields} == fields
