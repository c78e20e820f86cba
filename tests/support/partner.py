"""The partner of the documentation, at work against a suite of a test."""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lkmr.partner.v1.specialist_service_pb2_grpc import SpecialistServiceStub

from lkmr_rig.threaded import ThreadedSuite

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "partners" / "example_client.py"


def run_example(suite: ThreadedSuite, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The example as a person starts it."""
    places = {
        "--tls": suite.home.tls(),
        "--esia": suite.url("gosuslugi"),
        "--address": f"localhost:{suite.ports.partner()}",
    }
    options = [str(word) for pair in places.items() for word in pair]
    return subprocess.run(
        [sys.executable, EXAMPLE, *arguments, *options],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@contextmanager
def partner(
    suite: ThreadedSuite, instance: int = 1
) -> Iterator[tuple[SpecialistServiceStub, tuple[tuple[str, str], ...]]]:
    """A stub and the metadata with its system token, made by the code of the example."""
    spec = importlib.util.spec_from_file_location("example_client", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    example: Any = importlib.util.module_from_spec(spec)
    sys.modules["example_client"] = example
    spec.loader.exec_module(example)
    me = example.Identity(suite.home.tls())
    token = me.system_token(suite.url("gosuslugi"))
    with me.channel(f"localhost:{suite.ports.partner(instance)}") as channel:
        yield SpecialistServiceStub(channel), (("authorization", f"Bearer {token}"),)
