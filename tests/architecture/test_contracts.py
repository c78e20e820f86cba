"""What the contracts promise beyond what the linter of proto files can see."""

import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from typing import Any

from .sources import ROOT, SERVICES

PERSONAL = {"snils", "family_name", "given_name", "patronymic", "birth_date", "phone", "email"}


def event_messages() -> Iterator[Any]:
    for service in SERVICES:
        module = importlib.import_module(f"lkmr.{service.name.replace('-', '_')}.v1.events_pb2")
        yield from module.DESCRIPTOR.message_types_by_name.values()


def test_events_carry_names_of_resources_and_no_data_about_people() -> None:
    for message in event_messages():
        assert PERSONAL.isdisjoint(field.name for field in message.fields), message.full_name


def test_an_event_is_named_by_a_resource_and_a_participle() -> None:
    names = [message.name for message in event_messages()]

    assert names
    assert [name for name in names if not re.fullmatch(r"([A-Z][a-z]+)+(ed|en|ing)", name)] == []


def test_every_refusal_that_a_contract_names_has_a_text_for_people() -> None:
    reasons: set[str] = set()
    for path in (ROOT / "proto" / "lkmr").rglob("*_service.proto"):
        for sentence in re.findall(r"Refuses with ([^.]+)\.", path.read_text()):
            reasons |= set(re.findall(r"\b[A-Z]+(?:_[A-Z0-9]+)+\b", sentence))
    known = catalogue_reasons()

    assert sorted(reason for reason in reasons if reason not in known) == []


def test_every_refusal_of_a_service_has_a_text_for_people() -> None:
    reasons: set[str] = set()
    for service in SERVICES:
        package = f"lkmr_{service.name.replace('-', '_')}"
        for path in (service / "src" / package / "domain").glob("*errors.py"):
            reasons |= set(re.findall(r'REASON(?:, CATEGORY)? = "([A-Z_0-9]+)"', path.read_text()))
    known = catalogue_reasons()

    assert reasons
    assert sorted(reason for reason in reasons if reason not in known) == []


def catalogue_reasons() -> set[str]:
    """Every reason that the catalogue of problems maps to a code."""
    path = ROOT / "gateway" / "src" / "lkmr_gateway" / "catalogue.toml"
    return set(re.findall(r'"([A-Z][A-Z0-9_]+)"', path.read_text())) if _parses(path) else set()


def _parses(path: Any) -> bool:
    return bool(tomllib.loads(path.read_text()))


def test_contracts_are_clean_unbroken_and_their_code_is_fresh() -> None:
    checked = subprocess.run(
        ["scripts/proto", "check"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_pages_that_are_generated_are_fresh() -> None:
    from lkmr_gateway.problems import catalogue_markdown

    assert (ROOT / "docs" / "errors.md").read_text() == catalogue_markdown()
    checked = subprocess.run(
        [sys.executable, "scripts/requirements", "--check"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr
