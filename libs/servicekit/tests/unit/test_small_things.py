import io
import json
from contextlib import redirect_stdout
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lkmr.auth.v1.events_pb2 import SessionRevoked
from lkmr.egisz_bridge.v1.events_pb2 import RegisterRecordChanged

from lkmr_servicekit import telemetry
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.events import stream_of, subject_of
from lkmr_servicekit.pagination import page_size_of, page_token_of, position_of
from lkmr_servicekit.personal import Personal
from lkmr_servicekit.resource_names import ids_in, name_of


def test_a_subject_is_package_resource_and_participle() -> None:
    assert subject_of(SessionRevoked) == "lkmr.auth.v1.session.revoked"
    assert subject_of(RegisterRecordChanged) == "lkmr.egisz_bridge.v1.register_record.changed"
    assert stream_of("egisz-bridge") == "LKMR_EGISZ_BRIDGE"


def test_a_name_is_read_back_by_its_collections() -> None:
    name = name_of(workers="w", accreditations="a")

    assert name == "workers/w/accreditations/a"
    assert ids_in(name, "workers", "accreditations") == ("w", "a")


@pytest.mark.parametrize("name", ["", "workers", "workers/", "workers/1/accreditations/2", "w/1"])
def test_a_name_of_another_form_is_refused(name: str) -> None:
    with pytest.raises(ServiceError):
        ids_in(name, "workers")


def test_page_sizes_follow_the_rule() -> None:
    assert [page_size_of(size) for size in (0, 1, 200, 1000)] == [50, 1, 200, 200]
    with pytest.raises(ServiceError):
        page_size_of(-1)


@given(st.integers(), st.text(max_size=60))
def test_a_page_token_gives_its_position_back(number: int, text: str) -> None:
    if abs(number) < 2**63:
        assert position_of(page_token_of(number, text), int, str) == (number, text)


@given(st.text(min_size=1, max_size=600))
def test_no_foreign_text_is_a_page_token(text: str) -> None:
    try:
        position = position_of(text, int, str)
    except ServiceError as refusal:
        assert refusal.reason == "PAGE_TOKEN_INVALID"
    else:
        assert position_of(page_token_of(*position), int, str) == position


def test_a_personal_value_never_prints() -> None:
    value = Personal("Иванова")

    assert f"{value} {value!r} {value:>10}" == "*** *** ***"
    assert value.open() == "Иванова"
    assert json.loads(_logged(value))["who"] == "***"


def _logged(value: Personal[str]) -> str:
    output = io.StringIO()
    with redirect_stdout(output):
        telemetry.configure_logging("probe")
        telemetry.structlog.get_logger().info("probe.said", who=value)
    return output.getvalue().strip().splitlines()[-1]


@pytest.mark.parametrize(
    "header",
    ["", "00-1-2-3", "00-" + "0" * 32 + "-" + "1" * 16 + "-01", "zz-" + "x" * 32, None],
)
def test_a_malformed_traceparent_starts_a_new_trace(header: str | None) -> None:
    assert telemetry.parse_traceparent(header) is None
    with telemetry.continue_trace("probe", header) as trace:
        assert telemetry.parse_traceparent(trace.traceparent) == trace


def test_a_trace_goes_on_with_its_id() -> None:
    header = f"00-{'a' * 32}-{'b' * 16}-00"
    with telemetry.continue_trace("probe", header):
        assert telemetry.traceparent().split("-")[1] == "a" * 32


def test_the_clock_can_live_on_another_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LKMR_NOW", "2027-01-15T09:00:00+03:00")

    moved = SystemClock.from_env().now()

    assert abs((moved - datetime(2027, 1, 15, 6, 0, tzinfo=UTC)).total_seconds()) < 5


def test_a_moment_without_an_offset_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LKMR_NOW", "2027-01-15T09:00:00")
    with pytest.raises(ValueError, match="offset"):
        SystemClock.from_env()
