"""One suite that is watched: its spans are collected, all of them."""

from collections.abc import Iterator

import pytest

from lkmr_rig.threaded import ThreadedSuite

from .support.collector import Collector, collecting
from .support.own_suite import own_suite


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Where the watched suite sends its spans."""
    with collecting() as started:
        yield started


@pytest.fixture(scope="session")
def watched(collector: Collector) -> Iterator[ThreadedSuite]:
    """A suite in which every request is traced and logged."""
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
        "LKMR_TRACE_RATIO": "1",
        "GATEWAY_ACCESS_LOG_RATIO": "1",
    }
    with own_suite("watched", **environment) as started:
        yield started
