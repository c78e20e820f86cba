"""What goes into the image of a program, and what does not."""

import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from .manifests import DEPLOY, ROOT, SECOND_OF
from .manifests import PROGRAMS as ALL

PROGRAMS = [one for one in ALL if one not in SECOND_OF]
# Without `site`, so that the import path of the checkout is not there.
ASSEMBLE = f"""
import runpy, sys
made = runpy.run_path({str(DEPLOY / "assemble")!r})
from pathlib import Path
path = made["assemble"](sys.argv[1], Path(sys.argv[2]))
sys.path += [*map(str, path), {sysconfig.get_path("purelib")!r}]
import importlib, importlib.util
importlib.import_module("lkmr_" + sys.argv[1].replace("-", "_") + ".main")
if sys.argv[1] != "gateway":
    importlib.import_module("lkmr_servicekit.migrate")
others = [name for name in sys.argv[3:] if importlib.util.find_spec(name)]
assert not others, others
"""


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_image_holds_what_its_program_imports_and_no_other_program(
    program: str, tmp_path: Path
) -> None:
    others = [f"lkmr_{one.replace('-', '_')}" for one in PROGRAMS if one != program]
    tried = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ASSEMBLE, program, tmp_path, *others, "lkmr_rig"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert tried.returncode == 0, tried.stderr
    assert not list(tmp_path.rglob("tests"))
    if program != "gateway":
        assert (tmp_path / "services" / program / "migrations" / "env.py").is_file()


def test_the_image_of_the_scan_holds_what_it_scans_with_and_the_lists(tmp_path: Path) -> None:
    program = """
import runpy, sys
from pathlib import Path
path = runpy.run_path(sys.argv[2])["assemble"]("scan", Path(sys.argv[1]))
sys.path[:0] = [*map(str, path), sys.argv[3]]
sys.argv = ["scan", "image", "--system", sys.argv[1]]
runpy.run_module("lkmr_scan", run_name="__main__")
"""
    tried = subprocess.run(
        [
            *(sys.executable, "-I", "-S", "-c", program, tmp_path),
            *(DEPLOY / "assemble", sysconfig.get_path("purelib")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert tried.returncode == 0, tried.stderr
    assert "image: NOT RUN: no list of its packages" in tried.stdout
    assert "scan: ages: " in tried.stdout
    assert not list(tmp_path.rglob("tests"))


def test_the_recipe_names_no_registry_pins_packages_and_drops_root() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    stages = re.findall(r"^FROM (\S+)(?: AS (\S+))?$", text, re.MULTILINE)
    installs = [line for line in text.splitlines() if "pip install" in line]

    assert stages == [("${BASE}", "packages"), ("packages", "program"), ("${BASE}", "")]
    assert len(installs) == 2
    assert all("--require-hashes --only-binary :all:" in line for line in installs)
    assert "://" not in text
    assert re.search(r"^USER 10001:10001$", text.rpartition("FROM")[2], re.MULTILINE)


def test_what_the_recipe_copies_is_there() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE)
        for source in line.split()[:-1]
    ]

    assert copied
    assert [one for one in copied if not (ROOT / one).exists()] == []
