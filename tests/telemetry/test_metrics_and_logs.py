"""Metrics and logs are what machines can read."""

import json
import math
from collections.abc import Iterable

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from lkmr_rig.layout import PROGRAMS
from lkmr_rig.threaded import ThreadedSuite

from ..support.own_suite import listed_programs, metrics, metrics_port
from ..support.partner import run_example
from ..support.visitor import Visitor

pytestmark = pytest.mark.journey

HISTOGRAMS = {"gateway": "lkmr_gateway_request_seconds", "partner": "lkmr_partner_seconds"}


@pytest.fixture(scope="module", autouse=True)
def _some_work(watched: ThreadedSuite) -> None:
    with Visitor(watched) as person:
        person.sign_in("petrov")
        person.api("accreditations")
        person.api("messages")
    run_example(watched, "90000103798", "терапия")


def test_every_program_is_listed_with_the_ports_that_it_listens_on(watched: ThreadedSuite) -> None:
    assert {program for program, _ in listed_programs(watched)} == set(PROGRAMS)


@pytest.mark.parametrize("program", PROGRAMS)
def test_requests_are_counted_by_time_in_a_histogram(watched: ThreadedSuite, program: str) -> None:
    listed = json.loads(watched.home.processes.read_text(encoding="utf-8"))
    port = metrics_port(watched, program)
    assert port in next(row["ports"] for row in listed if row["role"] == program)

    families = {one.name: one for one in text_string_to_metric_families(metrics(watched, program))}

    histogram = families[HISTOGRAMS.get(program, "lkmr_grpc_server_seconds")]
    assert histogram.type == "histogram"
    assert whole(histogram) > 0
    assert all(name.startswith("lkmr_") for name in families)


def whole(histogram: Metric) -> float:
    """The number of requests in a histogram whose buckets grow and end with everything."""
    counts: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
    for sample in histogram.samples:
        if sample.name.endswith("_bucket"):
            labels = {key: value for key, value in sample.labels.items() if key != "le"}
            row = counts.setdefault(tuple(sorted(labels.items())), [])
            row.append((float(sample.labels["le"]), sample.value))
    totals = {
        tuple(sorted(sample.labels.items())): sample.value
        for sample in histogram.samples
        if sample.name.endswith("_count")
    }
    assert set(totals) == set(counts)
    for key, row in counts.items():
        assert grows(bound for bound, _ in row)
        assert grows(value for _, value in row)
        assert row[-1] == (math.inf, totals[key])
    return sum(totals.values())


def grows(values: Iterable[float]) -> bool:
    """Whether no value is smaller than the one before."""
    known = list(values)
    return known == sorted(known)


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_line_of_a_log_is_json_that_says_who_speaks(
    watched: ThreadedSuite, program: str
) -> None:
    lines = watched.home.log(program, 1).read_text(encoding="utf-8").splitlines()

    assert lines
    for line in lines:
        entry = json.loads(line)
        assert entry["service"] == program
        assert entry["instance"] == 1
        assert {"event", "level", "timestamp"} <= set(entry)


def test_the_log_of_a_request_carries_its_trace_and_its_route_only(watched: ThreadedSuite) -> None:
    lines = watched.home.log("gateway", 1).read_text(encoding="utf-8").splitlines()
    answered = [
        entry for line in lines if (entry := json.loads(line))["event"] == "request.answered"
    ]

    assert answered
    assert all(len(entry["trace_id"]) == 32 for entry in answered)
    assert all("?" not in entry["route"] for entry in answered)
