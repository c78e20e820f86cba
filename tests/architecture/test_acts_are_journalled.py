"""An act enters the journal by its declaration, not by somebody's memory."""

import importlib
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from lkmr_auth.messaging.handlers import PRODUCERS
from lkmr_servicekit.audit import NOT_HERE, is_named
from lkmr_servicekit.grpc_server import Rule

from .sources import ROOT, SERVICES

READS = (
    *("Get", "List", "Read", "Stream", "Watch", "Search", "Find", "Resolve", "Verify", "Check"),
    *("Count", "Suggest", "Simulate", "Download", "BatchGet"),
)
WHY = 12  # letters of a reason that says something


def rules() -> Iterator[tuple[str, Rule]]:
    for service in SERVICES:
        package = importlib.import_module(f"lkmr_{service.name.replace('-', '_')}.api")
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            yield from getattr(importlib.import_module(module.name), "RULES", {}).items()


@pytest.mark.parametrize(("method", "rule"), [*rules()], ids=lambda one: str(one)[-40:])
def test_a_method_names_its_act_or_says_why_there_is_none(method: str, rule: Rule) -> None:
    name = method.rpartition("/")[2]
    if is_named(rule.audit):
        return
    if rule.audit:
        assert len(rule.audit.removeprefix(NOT_HERE)) > WHY, f"{method}: why is it no act?"
        return
    assert name.startswith(READS), f'{method} changes something: give its Rule an audit="…"'


def test_every_service_is_heard_by_the_journal() -> None:
    there_are = {service.name.replace("-", "_") for service in SERVICES}

    assert set(PRODUCERS) == there_are


@pytest.mark.parametrize("service", [one for one in SERVICES if one.name != "auth"])
def test_every_service_gives_its_server_a_journal(service: Path) -> None:
    main = (service / "src" / f"lkmr_{service.name.replace('-', '_')}" / "main.py").read_text()

    assert "journal=OutboxJournal(" in main


def test_every_act_has_plain_words() -> None:
    file = ROOT / "services/auth/src/lkmr_auth/operations.toml"
    words = tomllib.loads(file.read_text(encoding="utf-8"))["operations"]
    source = (ROOT / "services/auth/src/lkmr_auth/domain/audit.py").read_text()
    named = {rule.audit for _, rule in rules() if is_named(rule.audit)}
    named |= set(re.findall(r'= "([a-z_]+\.[a-z_.]+)"', source))

    assert sorted(named - set(words)) == [], f"give them words in {file.name}"
