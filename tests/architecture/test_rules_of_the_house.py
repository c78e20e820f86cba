"""Rules that a machine can see and a tired colleague may forget."""

import re
import subprocess

import pytest

from .sources import ROOT, python_files, shown


def places(pattern: str, *folders: str, but: tuple[str, ...] = ()) -> list[str]:
    found = []
    for path in python_files(*folders):
        name = shown(path)
        if any(name.startswith(part) for part in but):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{name}:{number}")
    return found


def test_layers_and_borders_are_kept() -> None:
    checked = subprocess.run(
        [str(ROOT / ".venv/bin/lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert checked.returncode == 0, checked.stdout[-3000:]


def test_time_is_asked_of_the_clock_only() -> None:
    assert (
        places(
            r"datetime\.now\(|datetime\.utcnow\(|date\.today\(|[^.]time\.time\(",
            but=("libs/servicekit/src/lkmr_servicekit/clock.py", "rig/", "stand_ins/kit"),
        )
        == []
    )


def test_no_statement_asks_the_database_for_the_time_of_the_domain() -> None:
    assert places(r"(?i)(?<![._a-z])now\(\)|current_timestamp", "services/*/src") == []


def test_the_environment_is_read_by_settings_only() -> None:
    allowed = (
        "libs/servicekit/src/lkmr_servicekit/",
        "rig/",
        "stand_ins/kit/",
        "libs/gost/src/lkmr_gost/signing.py",
    )
    assert places(r"os\.environ|os\.getenv", but=allowed) == []


def test_locks_name_no_index_and_httpx_is_there_once() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        text = lock.read_text()
        assert "http:" not in text
        assert "https:" not in text
        assert not re.search(r"^httpx==", text, re.MULTILINE), lock.name


def test_middleware_is_plain_asgi() -> None:
    assert places(r"BaseHTTPMiddleware|@app\.middleware") == []


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "manager"])
def test_no_module_hides_behind_a_name_that_says_nothing(word: str) -> None:
    assert [shown(path) for path in python_files() if path.stem == word] == []
