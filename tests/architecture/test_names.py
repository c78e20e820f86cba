"""One name, spelled by its medium."""

import re
from pathlib import Path

import pytest

from .sources import ROOT, SERVICES, shown

every_service = pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)


@every_service
def test_a_service_spells_its_name_alike_in_every_medium(service: Path) -> None:
    snake = service.name.replace("-", "_")
    config = (service / "src" / f"lkmr_{snake}" / "config.py").read_text()
    main = (service / "src" / f"lkmr_{snake}" / "main.py").read_text()

    assert (ROOT / "proto" / "lkmr" / snake / "v1" / f"{snake}_service.proto").is_file()
    assert (ROOT / "proto" / "lkmr" / snake / "v1" / "events.proto").is_file()
    assert f'settings_of("{snake.upper()}_")' in config
    assert f'"{service.name}"' in main


@every_service
def test_a_service_has_what_each_service_has(service: Path) -> None:
    snake = service.name.replace("-", "_")
    package = service / "src" / f"lkmr_{snake}"
    wanted = ["README.md", "pyproject.toml", "migrations/env.py", "tests/unit", "tests/integration"]

    assert [name for name in wanted if not (service / name).exists()] == []
    roles = ["api/rules.py", "api/servicer.py", "config.py", "main.py", "storage/tables.py"]
    assert [name for name in roles if not (package / name).is_file()] == []
    assert f"services/{service.name}" in (ROOT / "docs" / "architecture.md").read_text()


@every_service
def test_a_readme_has_the_same_headings_in_the_same_order(service: Path) -> None:
    wanted = ["Owns", "Calls (RPCs)", "Announces", "Listens to", "Settings", "Run and test"]
    headings = re.findall(r"^## (.+)$", (service / "README.md").read_text(), re.MULTILINE)

    assert [heading for heading in headings if heading in wanted] == wanted


def test_migrations_are_numbered_without_gaps() -> None:
    for service in SERVICES:
        numbers = sorted(
            int(path.name.split("_")[0]) for path in (service / "migrations/versions").glob("*.py")
        )
        assert numbers == list(range(1, len(numbers) + 1)), shown(service)
