"""Read the portal's notices from the stored place to the present end, portion by portion."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from lkmr_education.domain.errors import PlaceUnknown, RegisterUnavailable, WorkerNotFound
from lkmr_education.domain.notice import TypedNotice
from lkmr_education.domain.record import Record
from lkmr_education.domain.specialties import Specialties
from lkmr_education.usecases.outside import STUDIES, Place, Portal
from lkmr_education.usecases.ports import Directory, NewUnitOfWork
from lkmr_education.usecases.take_notices import NoticeTaker, Taken
from lkmr_servicekit.clock import Clock

NOTE_EACH = timedelta(minutes=1)
_AT_ONCE = 8
_ID_LENGTH = 36


class PortalReader:
    """Follows the portal; the place moves in the transaction of its portion.

    So a crash repeats at most one portion, whose notices are then repeats, and loses none. The next
    portion is asked for only when the last one is stored: a slow database slows the portal down.
    """

    def __init__(
        self,
        *,
        portal: Portal,
        directory: Directory,
        new_uow: NewUnitOfWork,
        specialties: Specialties,
        clock: Clock,
    ) -> None:
        self._portal, self._directory = portal, directory
        self._new_uow, self._specialties, self._clock = new_uow, specialties, clock
        self._noted: datetime | None = None

    async def follow(self) -> Taken:
        """Take all that is new. Raises PortalUnavailable, RegisterUnavailable.

        A portal that does not know the place was made anew: it is read from its start, and what
        was taken before is a repeat.
        """
        async with self._new_uow() as uow:
            place = await uow.feeds.place(STUDIES)
        whole = Taken()
        try:
            async for notices, text in self._portal.notices(place.text):
                after = Place(text, place.generation)
                taken = await self._take(notices, place, after)
                if taken is None:
                    return whole
                place = after
                whole.applied += taken.applied
                whole.skipped += taken.skipped
                whole.kept += taken.kept
        except PlaceUnknown:
            async with self._new_uow() as uow:
                await uow.feeds.move(STUDIES, place, Place("", place.generation + 1))
                await uow.commit()
        else:
            await self._heard()
        return whole

    async def _heard(self) -> None:
        """Note that the portal answered to its end, once a minute at most."""
        now = self._clock.now()
        if self._noted is not None and now - self._noted < NOTE_EACH:
            return
        async with self._new_uow() as uow:
            await uow.feeds.note_heard(STUDIES)
            await uow.commit()
        self._noted = now

    async def _take(
        self, notices: Sequence[TypedNotice], before: Place, after: Place
    ) -> Taken | None:
        """One portion; None when another instance has taken it."""
        records = await self._new_people(notices)
        async with self._new_uow() as uow:
            if before != after and not await uow.feeds.move(STUDIES, before, after):
                return None
            await uow.workers.store_all(records)
            taken = await NoticeTaker(uow, self._specialties, self._clock).take(notices)
            await uow.commit()
        return taken

    async def _new_people(self, notices: Sequence[TypedNotice]) -> list[Record]:
        """Records of people who are met for the first time; whom the register knows not is none.

        Raises RegisterUnavailable.
        """
        people = {one.worker for one in notices if len(one.worker) == _ID_LENGTH}
        async with self._new_uow() as uow:
            there = await uow.studies.known_workers(people)
        return await find_records(sorted(people - there), self._directory)


async def find_records(people: Sequence[str], directory: Directory) -> list[Record]:
    """Records of those whom the register knows; those at hand come together, others one by one.

    Raises RegisterUnavailable.
    """
    if not people:
        return []
    at_hand = list(await directory.find_many(people))
    met = {record.worker for record in at_hand}
    others = [person for person in people if person not in met]
    gate = asyncio.Semaphore(_AT_ONCE)

    async def find(person: str) -> Record | None:
        async with gate:
            try:
                found = await directory.find(person)
            except WorkerNotFound:
                return None
            return found if found.in_register else None

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(find(person)) for person in others]
    except* RegisterUnavailable as several:
        raise _first(several) from None
    return at_hand + [record for task in tasks if (record := task.result()) is not None]


def _first(several: BaseExceptionGroup[RegisterUnavailable]) -> RegisterUnavailable:
    fault: BaseException = several
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    assert isinstance(fault, RegisterUnavailable)  # noqa: S101 - `except*` has chosen the type
    return fault
