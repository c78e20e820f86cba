"""Notices that were kept apart: tried again by themselves, or by an operator, or dismissed."""

from lkmr_education.domain.errors import KeptNotFound, NoticeStillRefused
from lkmr_education.domain.notice import Fault
from lkmr_education.domain.specialties import Specialties
from lkmr_education.usecases.follow_portal import find_records
from lkmr_education.usecases.outside import Kept
from lkmr_education.usecases.ports import Directory, NewUnitOfWork, UnitOfWork
from lkmr_education.usecases.take_notices import NoticeTaker, next_try
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.identity import Caller

BATCH = 50
APPLIED, REPEATED, DISMISSED = "APPLIED", "REPEATED", "DISMISSED"


class KeptNotices:
    """What may become of a notice in quarantine."""

    def __init__(
        self,
        *,
        directory: Directory,
        new_uow: NewUnitOfWork,
        specialties: Specialties,
        clock: Clock,
    ) -> None:
        self._directory, self._new_uow = directory, new_uow
        self.specialties, self._clock = specialties, clock

    async def retry_due(self) -> int:
        """Try those whose time has come; tells how many there were. Raises RegisterUnavailable."""
        async with self._new_uow() as uow:
            due = await uow.quarantine.due(self._clock.now(), BATCH)
        people = sorted({one.notice.worker for one in due if one.notice.worker})
        records = await find_records(people, self._directory)
        for kept in due:
            async with self._new_uow() as uow:
                for record in records:
                    if record.worker == kept.notice.worker:
                        await uow.workers.store(record)
                fault = await self._try(kept, "programs/education", uow)
                if fault is not None:
                    later = next_try(fault, kept.tries + 1, self._clock.now())
                    await uow.quarantine.tried(kept, fault, later)
                await uow.commit()
        return len(due)

    async def replay(self, identity: str, *, caller: Caller) -> None:
        """Try one now, as an operator asks. A repeat for one that is closed does nothing.

        Raises KeptNotFound, NoticeStillRefused with the reason, RegisterUnavailable.
        """
        async with self._new_uow() as uow:
            kept = await uow.quarantine.find(identity)
        if kept is None:
            raise KeptNotFound
        records = (
            await find_records([kept.notice.worker], self._directory)
            if (kept.notice.worker)
            else []
        )
        async with self._new_uow() as uow:
            kept = await uow.quarantine.find(identity)
            if kept is None or kept.resolve_time is not None:
                return
            for record in records:
                await uow.workers.store(record)
            fault = await self._try(kept, f"persons/{caller.subject}", uow)
            if fault is not None:
                await uow.quarantine.tried(kept, fault, None)
            await uow.commit()
        if fault is not None:
            raise NoticeStillRefused(fault=fault.value)

    async def dismiss(self, identity: str, *, caller: Caller) -> None:
        """Close one for good without believing it. Raises KeptNotFound."""
        async with self._new_uow() as uow:
            kept = await uow.quarantine.find(identity)
            if kept is None:
                raise KeptNotFound
            if kept.resolve_time is None:
                by, now = f"persons/{caller.subject}", self._clock.now()
                await uow.quarantine.resolve(kept, DISMISSED, by, now)
            await uow.commit()

    async def _try(self, kept: Kept, by: str, uow: UnitOfWork) -> Fault | None:
        taker = NoticeTaker(uow, self.specialties, self._clock)
        fault = await taker.try_one(kept.notice)
        if fault is None:
            resolution = APPLIED if taker.taken.applied else REPEATED
            await uow.quarantine.resolve(kept, resolution, by, self._clock.now())
        return fault
