from lkmr_egisz_bridge.domain.breaker import Breaker


class Watch:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_five_failures_in_a_row_open_it_and_one_probe_closes_it() -> None:
    watch = Watch()
    breaker = Breaker(watch)
    for _ in range(4):
        assert breaker.admits()
        breaker.failed()
    assert breaker.admits()
    breaker.failed()

    assert not breaker.admits()
    assert breaker.seconds_left() == 10

    watch.seconds += 10
    assert breaker.admits()
    assert not breaker.admits(), "only one probe at a time"
    breaker.succeeded()
    assert breaker.admits()
    assert not breaker.is_open


def test_a_failed_probe_opens_it_again() -> None:
    watch = Watch()
    breaker = Breaker(watch, row=1)
    breaker.failed()
    watch.seconds += 10
    assert breaker.admits()
    breaker.failed()

    assert not breaker.admits()
    assert breaker.seconds_left() == 10


def test_an_abandoned_probe_lets_another_through() -> None:
    watch = Watch()
    breaker = Breaker(watch, row=1)
    breaker.failed()
    watch.seconds += 10
    assert breaker.admits()
    breaker.abandoned()

    assert breaker.admits()


def test_half_of_twenty_calls_open_it_though_none_follow_each_other() -> None:
    breaker = Breaker(Watch())
    for _ in range(9):
        breaker.succeeded()
        breaker.failed()
    assert not breaker.is_open
    breaker.succeeded()
    breaker.failed()

    assert breaker.is_open


def test_failures_of_long_ago_do_not_count() -> None:
    watch = Watch()
    breaker = Breaker(watch)
    for _ in range(9):
        breaker.failed()
        breaker.succeeded()
    watch.seconds += 31
    breaker.succeeded()
    breaker.failed()

    assert not breaker.is_open


def test_the_pause_that_was_asked_for_is_kept_up_to_a_minute() -> None:
    watch = Watch()
    breaker = Breaker(watch, row=1)
    breaker.failed(retry_after_seconds=3600)

    assert breaker.seconds_left() == 60
