import tomllib
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_auth.domain.errors import IncidentClosed, LeakStepDone
from lkmr_auth.domain.incident import Incident, IncidentState, LeakReport, LeakStep
from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.suspicion import Networks, Place, Rules, Severity, Watch, WatchedAct

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
RULES = Rules.read(
    tomllib.loads(files("lkmr_auth").joinpath("suspicion.toml").read_text(encoding="utf-8"))
)
MOSCOW, KHABAROVSK = Place(55.7558, 37.6173), Place(48.4802, 135.0719)


def an_act(second: float = 0, **changes: Any) -> WatchedAct:
    values: dict[str, Any] = {
        "number": 1,
        "time": NOON + timedelta(seconds=second),
        "session": "persons/p/sessions/s",
        "organization": "org",
        "operation": "api.read",
        "object": "/reports",
        "result": "DENIED",
        "reason": "SECTION_CLOSED",
    }
    return WatchedAct(**(values | changes))


def kinds(*acts: WatchedAct) -> list[str]:
    watch = Watch(RULES)
    return [found.kind for act in acts for found in watch.observe(act)]


def test_thirty_refusals_in_five_minutes_are_a_burst_and_one_less_is_none() -> None:
    assert kinds(*(an_act(second) for second in range(29))) == []
    assert kinds(*(an_act(second) for second in range(30))) == ["DENIAL_BURST"]


def test_refusals_spread_over_more_than_the_span_are_none() -> None:
    assert kinds(*(an_act(second * 11) for second in range(60))) == []


def test_refusals_of_several_sessions_are_not_added_up() -> None:
    assert kinds(*(an_act(one, session=f"persons/p/sessions/{one % 2}") for one in range(58))) == []


def test_a_machine_that_multiplies_rates_forgives_bursts_but_no_single_sign() -> None:
    rows = {row.kind: row.count for row in RULES.times(1000).rows}

    assert rows["DENIAL_BURST"] == 30_000
    assert rows["TOKEN_REPLAY"] == rows["DEVICE_CHANGED"] == 1


def test_an_act_without_a_session_is_nobodys() -> None:
    assert kinds(*(an_act(second, session="") for second in range(50))) == []


@pytest.mark.parametrize(
    ("reason", "kind"), [("OLD_ID_USED", "TOKEN_REPLAY"), ("DEVICE_CHANGED", "DEVICE_CHANGED")]
)
def test_a_replayed_id_and_a_changed_device_are_incidents_at_once(reason: str, kind: str) -> None:
    ended = an_act(operation="session.revoke", result="ALLOWED", reason=reason)

    assert kinds(ended) == [kind]
    assert kinds(replace(ended, reason="SIGNED_OUT")) == []


def test_a_file_that_is_not_what_was_stored_is_an_incident_at_once() -> None:
    damaged = an_act(
        operation="accreditation.document.downloaded",
        result="FAILED",
        reason="STORED_DATA_DAMAGED",
    )

    assert kinds(damaged) == ["FILE_DAMAGED"]
    assert kinds(replace(damaged, reason="OBJECT_STORE_UNAVAILABLE")) == []


def test_different_cards_count_and_the_same_card_again_does_not() -> None:
    read = an_act(operation="account.read", result="ALLOWED", reason="")

    assert kinds(*(replace(read, object=f"persons/{one}") for one in range(60))) == ["MASS_OPENING"]
    assert kinds(*(replace(read, object=f"persons/{one % 59}") for one in range(200))) == []


@given(st.lists(st.floats(min_value=0, max_value=1800), max_size=80))
def test_a_burst_is_found_exactly_when_a_window_holds_enough(moments: list[float]) -> None:
    moments.sort()
    crowded = any(moments[place + 29] - moments[place] <= 300 for place in range(len(moments) - 29))

    assert ("DENIAL_BURST" in kinds(*(an_act(second) for second in moments))) == crowded


def test_moscow_to_khabarovsk_in_an_hour_is_impossible_and_in_nine_hours_is_a_flight() -> None:
    distance = MOSCOW.kilometres_to(KHABAROVSK)

    assert 6100 < distance < 6200
    assert RULES.travel.is_impossible(distance, timedelta(hours=1))
    assert not RULES.travel.is_impossible(distance, timedelta(hours=9))
    assert not RULES.travel.is_impossible(100, timedelta(seconds=1))


def test_the_longest_network_that_fits_says_where_an_address_is() -> None:
    networks = Networks.read(
        ["# comment", "10.0.0.0/8,1,1", "10.2.0.0/16,2,2 # inner", "2001:db8::/32,3,3", ""]
    )

    assert networks.place_of("10.1.1.1") == Place(1, 1)
    assert networks.place_of("10.2.1.1") == Place(2, 2)
    assert networks.place_of("2001:db8::1") == Place(3, 3)
    assert networks.place_of("192.0.2.1") is None
    assert networks.place_of("nonsense") is None


@pytest.mark.parametrize("line", ["10.0.0.1/8,1,1", "10.0.0.0/8,1", "10.0.0.0/8,x,1"])
def test_a_network_that_cannot_be_read_stops_the_start(line: str) -> None:
    with pytest.raises(ValueError, match=r"host bits|unpack|could not convert"):
        Networks.read([line])


def an_incident() -> Incident:
    return Incident(
        id=uuid.uuid4(),
        kind="LEAK",
        severity=Severity.CRITICAL,
        state=IncidentState.DETECTED,
        detect_time=NOON,
        facts={},
    )


def test_a_closed_incident_is_over() -> None:
    who = PersonId(an_incident().id)
    closed = an_incident().take(who).close(who, "устройство сменил сам работник", NOON)

    assert (closed.state, closed.close_time) == (IncidentState.CLOSED, NOON)
    with pytest.raises(IncidentClosed):
        closed.take(who)


def test_the_clocks_of_a_leak_run_24_and_72_hours_from_its_discovery() -> None:
    report = LeakReport(incident_id=an_incident().id, discover_time=NOON, content={"what": "x"})

    assert report.notice_due_time - NOON == timedelta(hours=24)
    assert report.result_due_time - NOON == timedelta(hours=72)
    with pytest.raises(LeakStepDone):
        report.told(LeakStep.RESULT, "итог", NOON)
    noticed = report.told(LeakStep.NOTICE, "сообщено", NOON)
    with pytest.raises(LeakStepDone):
        noticed.told(LeakStep.NOTICE, "снова", NOON)
    done = noticed.told(LeakStep.RESULT, "итог", NOON)
    assert done.content == {"what": "x", "notice": "сообщено", "result": "итог"}
