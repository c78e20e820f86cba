"""One suite for all journeys, and a real browser where the machine has one."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from lkmr_rig.guard import free_base
from lkmr_rig.layout import CHECKOUT
from lkmr_rig.threaded import ThreadedSuite, running

from ..support.visitor import Visitor

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# A small register, and the thresholds of production for bursts, which one machine multiplies.
SETTINGS = {
    "LKMR_REGISTER_WORKERS": "300",
    "AUTH_SUSPICION_FILE": str(CHECKOUT / "services/auth/src/lkmr_auth/suspicion.toml"),
}
FLAGS = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]


@pytest.fixture(scope="session")
def suite() -> Iterator[ThreadedSuite]:
    """Everything, with a small register, production-like in all but its size."""
    home = Path(tempfile.mkdtemp(prefix="lkmr-journeys-"))
    try:
        with running(home, free_base(), env=SETTINGS) as started:
            yield started
    finally:
        if os.environ.get("LKMR_KEEP_HOME"):
            print(f"kept: {home}")  # noqa: T201 - asked for by the person who runs the tests
        else:
            shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def visitor(suite: ThreadedSuite) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors that are closed after the test."""
    with ExitStack() as stack:
        yield lambda **more: stack.enter_context(Visitor(suite, **more))


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, started once."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: install the Debian package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Any, suite: ThreadedSuite) -> Iterator[Any]:
    """A page of a clean browser; a message of the console at level error fails the test."""
    context = browser.new_context(
        base_url=suite.url("gateway"), locale="ru-RU", viewport={"width": 1280, "height": 900}
    )
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda fault: errors.append(str(fault)))
    opened.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    yield opened
    context.close()
    assert [text for text in errors if "Failed to load resource" not in text] == []
