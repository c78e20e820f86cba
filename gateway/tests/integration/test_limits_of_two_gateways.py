"""Two gateways behind one address keep one limit: each counts its share of it."""

import asyncio
import time

from played_cabinet import Build, Cabinet

from lkmr_gateway.limits import SESSION_RATE

TRIES = 80
SHARE = 1.5  # what a balancer that is not even may give to one of them


async def flood(*cabinets: Cabinet) -> tuple[int, float]:
    """How many of many requests of one session were answered, and in how many seconds."""
    start = time.perf_counter()
    answers = [
        await asyncio.gather(*(one.get("/api/v1/sessions") for one in cabinets))
        for _ in range(TRIES)
    ]
    codes = [answer.status_code for pair in answers for answer in pair]
    assert set(codes) <= {200, 429}
    return codes.count(200), time.perf_counter() - start


async def two(build: Build, replicas: int) -> tuple[Cabinet, Cabinet]:
    made = (await build(replicas=replicas), await build(replicas=replicas))
    for cabinet in made:
        cabinet.signed_in()
        cabinet.auth.on["ListSessions"] = made[0].notify.on["ListMessages"]
    return made


async def test_one_session_at_both_gateways_gets_no_more_than_its_limit_and_a_half(
    build: Build,
) -> None:
    answered, seconds = await flood(*await two(build, replicas=2))

    most = SHARE * (SESSION_RATE.burst + SESSION_RATE.per_second * (seconds + 1))
    assert SESSION_RATE.burst <= answered <= most


async def test_a_gateway_that_thinks_it_is_alone_gives_the_whole_limit(build: Build) -> None:
    first, _ = await two(build, replicas=1)

    answered, seconds = await flood(first)

    most = SESSION_RATE.burst + SESSION_RATE.per_second * (seconds + 1)
    assert SESSION_RATE.burst <= answered <= most
