from pathlib import Path

import pytest

from lkmr_servicekit.clock import FakeClock
from lkmr_stand_in_kit.behaviour import BehaviourChange, Behaviours, UnknownSystem
from lkmr_stand_in_kit.store import Store


def test_one_system_behaves_differently_until_all_are_set() -> None:
    behaviours = Behaviours(FakeClock(), systems=("frmr", "ferzl"))
    behaviours.set(BehaviourChange(availability="down", system="frmr"))
    assert behaviours.of("frmr").availability == "down"
    assert behaviours.of("ferzl").availability == "up"
    assert behaviours.of().availability == "up"
    behaviours.set(BehaviourChange(availability="up"))
    assert behaviours.of("frmr").availability == "up"


def test_a_system_that_is_not_played_is_refused() -> None:
    with pytest.raises(UnknownSystem, match="frmr"):
        Behaviours(FakeClock(), systems=("frmr",)).set(BehaviourChange(system="remd"))


def test_maintenance_ends_by_itself() -> None:
    clock = FakeClock()
    behaviours = Behaviours(clock)
    behaviours.set(BehaviourChange(availability="maintenance"))
    assert behaviours.seconds_left(behaviours.of()) == 3600
    clock.move(hours=1)
    assert behaviours.of().availability == "up"


def test_the_share_of_errors_follows_chance() -> None:
    draws = iter([0.29, 0.31])
    behaviours = Behaviours(FakeClock(), chance=lambda: next(draws))
    behaviours.set(BehaviourChange(error_rate=0.3))
    assert [behaviours.fails(behaviours.of()) for _ in range(2)] == [True, False]


def test_slow_waits_three_seconds_unless_told() -> None:
    behaviours = Behaviours(FakeClock())
    behaviours.set(BehaviourChange(availability="slow"))
    assert behaviours.of().delay == 3
    behaviours.set(BehaviourChange(availability="slow", delay_seconds=0.5))
    assert behaviours.of().delay == 0.5


def test_documents_and_entries_survive_a_reopening(tmp_path: Path) -> None:
    with Store(tmp_path / "state.db") as store:
        store.put("worker", "a", {"v": 1})
        store.put("worker", "a", {"v": 2})
        store.append("change", "a", 1)
        store.append("change", "b", 2)
        store.move_to_end("change", "a", 3)
    with Store(tmp_path / "state.db") as store:
        assert store.find("worker", "a") == {"v": 2}
        assert [key for _, key, _ in store.entries("change")] == ["b", "a"]
        assert store.last_entries("change", key="a")[0][2] == 3
        assert store.last_place("change") == 3


def write_and_fail(store: Store) -> None:
    with store.transaction():
        store.put("worker", "a", 1)
        raise ValueError("no")


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    with Store(tmp_path / "state.db") as store:
        with pytest.raises(ValueError, match="no"):
            write_and_fail(store)
        assert store.find("worker", "a") is None
        assert store.count("worker") == 0
        assert not store.delete("worker", "a")
