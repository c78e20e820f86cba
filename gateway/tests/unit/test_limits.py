"""Rates and load of one gateway."""

import pytest

from lkmr_gateway.limits import ADDRESS_RATE, SESSION_RATE, Buckets, Load, Rate


def test_a_burst_is_allowed_then_the_rate() -> None:
    now = [0.0]
    buckets = Buckets(Rate(2, 5), lambda: now[0])

    assert [buckets.take("a") for _ in range(7)] == [0, 0, 0, 0, 0, 1, 1]
    now[0] = 1.0
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 1]
    assert buckets.take("b") == 0


def test_the_wait_is_long_enough() -> None:
    now = [0.0]
    buckets = Buckets(Rate(10 / 60, 1), lambda: now[0])
    buckets.take("a")

    now[0] += buckets.take("a")

    assert buckets.take("a") == 0


def test_ten_gateways_share_a_limit() -> None:
    assert SESSION_RATE.scaled(1, 1) == SESSION_RATE
    assert ADDRESS_RATE.scaled(1, 10).per_second == pytest.approx(15)
    assert SESSION_RATE.scaled(1000, 1).burst == 40_000


def test_load_is_shed_in_order_of_need() -> None:
    load = Load(100)

    def admitted() -> list[bool]:
        return [
            load.admits("GET", "/auth/login"),
            load.admits("GET", "/accreditations"),
            load.admits("POST", "/messages/1/read"),
            load.admits("GET", "/api/v1/accreditations/1/extract.pdf"),
        ]

    seen = []
    for load.in_flight in (0, 60, 95, 110, 130):
        seen.append(admitted())

    assert seen == [
        [True, True, True, True],
        [True, True, True, False],
        [True, True, False, False],
        [True, False, False, False],
        [False, False, False, False],
    ]
    load.in_flight, load.lag = 0, 0.6
    assert admitted() == [True, False, False, False]
