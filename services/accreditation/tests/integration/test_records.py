"""What education is told about workers: one by one, and many at once."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from lkmr_accreditation.domain.errors import RegisterUnavailable, TooManyWorkers
from lkmr_accreditation.storage.reader import PostgresReader
from lkmr_accreditation.storage.shipped import shipped_book
from lkmr_accreditation.storage.traits import PostgresTraits
from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.read_record import MANY, read_record, read_records
from lkmr_accreditation.usecases.store_card import store_card
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database

from ..builders import a_card, an_entry

pytestmark = pytest.mark.servers
LAW = shipped_book().law


async def test_many_are_told_at_once_but_nobody_whom_the_register_has_not_confirmed(
    new_uow: Callable[[], AccreditationUnitOfWork], store: Database, clock: FakeClock
) -> None:
    known, unheard, unknown = (str(uuid.uuid4()) for _ in range(3))
    async with new_uow() as uow:
        card = a_card(an_entry("77 1"), an_entry("77 2"), worker=known)
        await store_card(card, now=clock.now(), uow=uow)
        old = a_card(an_entry("77 3"), worker=unheard)
        old = replace(old, fetch_time=old.fetch_time - timedelta(days=3))
        await store_card(old, now=clock.now(), uow=uow)
        await uow.commit()
    reader, traits = PostgresReader(store), PostgresTraits(store)

    found = await read_records(
        [known, unheard, unknown], reader=reader, mentorships=traits, law=LAW, clock=clock
    )

    assert [one.worker.id for one in found] == [known]
    assert found[0].worker == await reader.find_worker(known)
    assert (len(found[0].terms), found[0].stale) == (2, False)
    with pytest.raises(TooManyWorkers):
        await read_records(
            [known] * (MANY + 1), reader=reader, mentorships=traits, law=LAW, clock=clock
        )


async def test_one_whom_a_silent_register_did_not_confirm_is_told_of_as_stale(
    new_uow: Callable[[], AccreditationUnitOfWork], store: Database, clock: FakeClock
) -> None:
    worker = str(uuid.uuid4())
    async with new_uow() as uow:
        card = a_card(an_entry("77 4"), worker=worker)
        await store_card(card, now=clock.now(), uow=uow)
        await uow.commit()
    clock.move(hours=25)

    async def silent(worker: str) -> None:
        raise RegisterUnavailable

    found = await read_record(
        worker,
        reader=PostgresReader(store),
        mentorships=PostgresTraits(store),
        refresh=silent,
        law=LAW,
        clock=clock,
    )

    assert (found.stale, found.worker.fetch_time) == (True, card.fetch_time)
