"""Starts of sign-ins over PostgreSQL: several instances are one limit."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa
from auth_fakes import World
from auth_samples import ORIGIN

from lkmr_auth.storage.tables import sign_in, sign_in_start
from lkmr_auth.usecases.start_limit import PER_ADDRESS, PER_NETWORK, StartLimit
from lkmr_auth.usecases.start_sign_in import start_sign_in
from lkmr_servicekit.database import Database
from lkmr_servicekit.errors import ServiceError

pytestmark = pytest.mark.servers
INSTANCES = 3


async def start(world: World, limit: StartLimit, address: str) -> str:
    """The reason of the refusal and the seconds to wait; empty when the sign-in began."""
    try:
        await start_sign_in(
            ORIGIN, "/", address,
            allowed_origins=frozenset({ORIGIN}), limit=limit, parts=world.sign_in,
        )  # fmt: skip
    except ServiceError as fault:
        return f"{fault.reason} {fault.metadata['seconds']}"
    return ""


async def count(store: Database, table: sa.Table) -> int:
    asked = sa.select(sa.func.count()).select_from(table)
    async with store.engine.connect() as connection:
        return int((await connection.execute(asked)).scalar_one())


async def test_starts_side_by_side_at_several_instances_are_counted_once(
    world: World, store: Database
) -> None:
    limits = [StartLimit() for _ in range(INSTANCES)]
    before = await count(store, sign_in)

    turns = (start(world, limits[turn % INSTANCES], "192.0.2.7") for turn in range(54))
    told = await asyncio.gather(*turns)

    assert told.count("") == PER_ADDRESS
    assert set(told) == {"", "SIGN_IN_RATE_LIMITED 3"}
    assert await count(store, sign_in) - before == PER_ADDRESS
    world.clock.move(seconds=3)
    assert await start(world, StartLimit(), "192.0.2.7") == "", "one more each three seconds"
    assert await start(world, StartLimit(), "192.0.2.7") == "SIGN_IN_RATE_LIMITED 3"


async def test_a_network_has_one_limit_and_a_refused_start_takes_nothing_of_it(
    world: World,
) -> None:
    def instance() -> StartLimit:
        return StartLimit(seconds=lambda: 0.0)

    flood = [await start(world, instance(), "198.51.100.1") for _ in range(PER_ADDRESS + 30)]
    assert flood.count("") == PER_ADDRESS

    spread = [await start(world, instance(), f"198.51.100.{one}") for one in range(2, 200)]

    assert spread.count("") == PER_NETWORK - PER_ADDRESS
    assert await start(world, instance(), "203.0.113.5") == ""


async def test_what_is_over_is_swept_and_no_address_is_kept_in_plain(
    world: World, store: Database
) -> None:
    await start(world, StartLimit(), "203.0.113.77")
    async with store.engine.connect() as connection:
        rows = (await connection.execute(sa.text("SELECT subject FROM sign_in_start"))).scalars()
        assert not any(b"203.0.113" in bytes(one) for one in rows)

    async with world.new_uow() as uow:
        await uow.cleaner.sweep(world.clock.now() + timedelta(minutes=2), timedelta(minutes=15))
        await uow.commit()

    assert await count(store, sign_in_start) == 0
