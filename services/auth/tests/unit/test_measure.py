"""Figures about sign-in that operators watch."""

import asyncio

import pytest

from lkmr_auth.usecases import measure
from lkmr_servicekit.telemetry import REGISTRY


@pytest.mark.proves("F-295")
def test_the_median_and_the_slow_edge_of_sign_in_time_are_shown() -> None:
    measure._latest.clear()
    for hundredth in range(1, 101):
        measure.session_opened(hundredth / 100)

    def shown(quantile: str) -> float | None:
        name = "lkmr_auth_sign_in_quantile_seconds"
        return REGISTRY.get_sample_value(name, {"quantile": quantile})

    assert shown("0.5") == pytest.approx(0.51)
    assert shown("0.95") == pytest.approx(0.96)
    measure.session_opened(-5)
    assert shown("0.5") == pytest.approx(0.5)


async def test_waits_for_gosuslugi_side_by_side_count_once_and_only_within_a_step() -> None:
    def seconds(name: str) -> float:
        value = REGISTRY.get_sample_value(
            f"lkmr_auth_sign_in_{name}_seconds_sum", {"step": "probe"}
        )
        return value or 0.0

    async def call() -> None:
        with measure.outside():
            await asyncio.sleep(0.02)

    await call()
    assert seconds("outside") == 0

    with measure.step("probe"):
        await asyncio.gather(call(), call(), call())
        await call()

    assert 0.04 <= seconds("outside") <= seconds("step")
