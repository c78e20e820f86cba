"""What ends outside is warned of in time, and the way to ESIA changes on its day."""

from datetime import date

import pytest
from auth_fakes import World
from auth_outside_fakes import FakeEsia
from auth_samples import OPERATOR

from lkmr_auth.clients.esia.by_date import ByDate
from lkmr_auth.domain.facts import IncidentDetected
from lkmr_auth.domain.outside_term import OutsideTerm
from lkmr_auth.usecases.administration.ports import AdministrationParts
from lkmr_auth.usecases.administration.warn_of_terms import warn_of_terms
from lkmr_servicekit.errors import ServiceError

TERM = OutsideTerm(kind="ESIA_DIRECT_ENDS", last_day=date(2026, 12, 31))


async def warned(world: World) -> int:
    parts = AdministrationParts(
        new_uow=world.store, clock=world.clock, limits=world.limits, operator=OPERATOR.id
    )
    return await warn_of_terms([TERM], parts=parts)


@pytest.mark.proves("F-265")
async def test_each_warning_day_tells_the_security_administrators_once() -> None:
    world, told = World(), []

    for _ in range(45):
        made = await warned(world)
        assert await warned(world) == 0
        if made:
            told.append(world.store.beyond.incidents[-1].facts["days_left"])
        world.clock.move(days=1)

    assert told == [30, 14, 7, 1, 0]
    facts = [one for one in world.store.facts if isinstance(one, IncidentDetected)]
    assert {one.kind for one in facts} == {"ESIA_DIRECT_ENDS"}
    assert [one.severity for one in facts] == ["WARNING", "WARNING", *["CRITICAL"] * 3]


async def test_who_starts_late_is_warned_with_what_is_left() -> None:
    world = World()
    world.clock.move(days=30)

    assert await warned(world) == 1
    assert world.store.beyond.incidents[-1].facts["days_left"] == 8


@pytest.mark.proves("F-265")
async def test_the_old_way_is_closed_after_its_last_day_and_the_new_one_takes_over() -> None:
    world, before, after = World(), FakeEsia(), FakeEsia()
    way = ByDate(before=before, after=after, last_day=TERM.last_day, clock=world.clock)
    await way.exchange("first", "https://cabinet.example")
    assert (before.used_codes, after.used_codes) == ({"first"}, set())

    world.clock.move(days=38, hours=9)  # 31 December, 23:32 in Moscow
    assert way.way is before
    world.clock.move(hours=1)

    await way.exchange("second", "https://cabinet.example")
    assert (before.used_codes, after.used_codes) == ({"first"}, {"second"})


async def test_without_a_new_way_the_sign_in_says_so_instead_of_using_the_old_one() -> None:
    world, before = World(), FakeEsia()
    way = ByDate(before=before, after=None, last_day=date(2026, 11, 1), clock=world.clock)

    with pytest.raises(ServiceError, match="ESIA_REQUEST_REFUSED"):
        await way.authorization_url("state", "https://cabinet.example")
