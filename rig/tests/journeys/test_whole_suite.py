"""`make run` as a person and an outside check see it."""

import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from lkmr_rig.guard import free_base
from lkmr_rig.layout import CHECKOUT, PROGRAMS, STAND_INS

pytestmark = pytest.mark.journey

ROLES = {*PROGRAMS, *STAND_INS, "postgres", "nats"}
READY_SECONDS, STOP_SECONDS = 60, 60  # whoever is late is stopped by force, and that is said


class Run:
    """`make run` in a process group of its own."""

    def __init__(self, home: Path, base: int, **more: str) -> None:
        self.home, self.base = home, base
        environment = os.environ | more
        environment |= {"LKMR_HOME": str(home), "LKMR_PORT_BASE": str(base)}
        self.output = home.parent / "output"
        with self.output.open("w", encoding="utf-8") as output:
            self.process = subprocess.Popen(
                ["make", "-s", "run"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=CHECKOUT,
                env=environment | {"LKMR_REGISTER_WORKERS": "500"},
                start_new_session=True,
            )

    def wait_ready(self) -> None:
        end = time.monotonic() + READY_SECONDS
        while "Остановить" not in self.output.read_text(encoding="utf-8"):
            assert self.process.poll() is None, self.output.read_text(encoding="utf-8")
            assert time.monotonic() < end, self.output.read_text(encoding="utf-8")
            time.sleep(0.1)

    def wait_answer(self, address: str) -> None:
        """Until it answers 200: a busy machine may delay one look of a health check."""
        end = time.monotonic() + READY_SECONDS
        while True:
            try:
                with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - own address
                    return
            except OSError:  # also an answer that is an error
                assert time.monotonic() < end, address
                time.sleep(0.2)

    def listed(self) -> list[tuple[str, int, int]]:
        rows = json.loads((self.home / "run" / "processes.json").read_text())
        return [(row["role"], row["instance"], row["pid"]) for row in rows]

    def family(self) -> list[psutil.Process]:
        first = psutil.Process(self.process.pid)
        return [first, *first.children(recursive=True)]

    def rig(self) -> psutil.Process:
        return next(one for one in self.family() if "lkmr_rig" in one.cmdline())

    def end(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(15)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    one = Run(tmp_path / "home", free_base())
    yield one
    one.end()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_suite_answers_and_stops_within_ten_seconds_leaving_nothing(
    run: Run, number: signal.Signals
) -> None:
    run.wait_ready()
    text = run.output.read_text(encoding="utf-8")
    assert f"http://localhost:{run.base}\n" in text
    assert "ivanova" in text
    assert {role for role, _, _ in run.listed()} == ROLES
    for path in ("/healthz", "/readyz"):
        run.wait_answer(f"http://localhost:{run.base}{path}")
    family = run.family()
    assert {pid for _, _, pid in run.listed()} <= {one.pid for one in family}
    run.rig().send_signal(number)
    _, alive = psutil.wait_procs(family, timeout=STOP_SECONDS)
    assert alive == []
    assert run.listed() == []
    assert "принудительно" not in run.output.read_text(encoding="utf-8")


def test_killed_rig_of_the_whole_suite_leaves_no_process_behind(run: Run) -> None:
    run.wait_ready()
    family = run.family()
    run.rig().kill()
    _, alive = psutil.wait_procs(family, timeout=STOP_SECONDS)
    assert alive == []


def test_two_instances_of_each_service_and_two_gateways_serve(tmp_path: Path) -> None:
    run = Run(tmp_path / "home", free_base(), LKMR_INSTANCES="2")
    try:
        run.wait_ready()
        counts = dict.fromkeys(ROLES, 0)
        for role, _, _ in run.listed():
            counts[role] += 1
        assert counts == {role: 2 if role in PROGRAMS else 1 for role in ROLES}
        for offset in (0, 10):
            run.wait_answer(f"http://localhost:{run.base + offset}/readyz")
    finally:
        run.end()
