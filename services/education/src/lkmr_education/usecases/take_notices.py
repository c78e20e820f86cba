"""Take what the portal says about studies: believe it, skip what is old, keep the rest apart."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lkmr_education.domain.activity import Activity, Actor, State
from lkmr_education.domain.certificate import Certificate, Confirmation, Method
from lkmr_education.domain.follow import first_of, followed, own_record
from lkmr_education.domain.notice import (
    Fault,
    Notice,
    NoticeDocument,
    TypedNotice,
    notice_of,
)
from lkmr_education.domain.specialties import Specialties
from lkmr_education.usecases.follow_activity import save_and_follow
from lkmr_education.usecases.outside import Kept
from lkmr_education.usecases.ports import UnitOfWork
from lkmr_education.usecases.present_worker import today_at
from lkmr_education.usecases.record_check import confirm
from lkmr_servicekit.clock import Clock

RETRIES = (
    *(timedelta(minutes=minutes) for minutes in (1, 5, 30)),
    *(timedelta(hours=hours) for hours in (2, 12, 24, 24, 24)),
)
"""When a notice about an unknown person is tried again: the register may come to know them."""


MANY = 50
"""From how many new credits at once they are announced together: a feed of a million must not make
two million facts, and one credit must reach its page by itself."""


@dataclass(slots=True)
class Taken:
    """How many notices were believed, skipped as old or repeated, and kept apart."""

    applied: int = 0
    skipped: int = 0
    kept: int = 0


class NoticeTaker:
    """Takes notices inside an open unit of work."""

    def __init__(self, uow: UnitOfWork, specialties: Specialties, clock: Clock) -> None:
        self._uow, self._specialties, self._clock = uow, specialties, clock
        self._now = clock.now()
        self.taken = Taken()
        self._moved: dict[str, str] = {}
        self._loaded: set[str] = set()
        self._by_code: set[tuple[str, str]] = set()

    async def take(self, typed: Sequence[TypedNotice]) -> Taken:
        """Take a portion in its order; hours that moved are announced once a worker."""
        good: list[tuple[TypedNotice, Notice]] = []
        today = today_at(self._now)
        for one in typed:
            found = notice_of(one, specialties=self._specialties.keys, today=today)
            if isinstance(found, Notice):
                good.append((one, found))
            else:
                await self._keep(one, found)
        for run in _runs(good):
            await self._take_run(run)
        await self._announce()
        return self.taken

    async def try_one(self, typed: TypedNotice) -> Fault | None:
        """Take one; the reason when it still cannot be believed. Nothing is kept apart."""
        found = notice_of(typed, specialties=self._specialties.keys, today=today_at(self._now))
        if not isinstance(found, Notice):
            return found
        if not await self._uow.studies.known_workers([found.worker]):
            return Fault.PERSON_UNKNOWN
        known = await self._uow.studies.told([(found.worker, found.study)])
        own = await self._uow.studies.own([found.worker])
        before = known.get((found.worker, found.study)) or own_record(
            found, own.get(found.worker, [])
        )
        self._by_code |= await self._uow.codes.taken_for([(found.worker, found.study)])
        fault = await self._apply(found, before)
        await self._announce()
        return fault

    async def _announce(self) -> None:
        """Tell whose hours moved; of those whom a load names already nothing more is told."""
        moved = {one: act for one, act in self._moved.items() if one not in self._loaded}
        await self._uow.activities.announce_credits(moved)
        if self._loaded:
            await self._uow.activities.announce_load(sorted(self._loaded))

    async def _take_run(self, run: Sequence[tuple[TypedNotice, Notice]]) -> None:
        """Notices of different studies: what the store knows is read at once for all of them."""
        workers = {notice.worker for _, notice in run}
        there = await self._uow.studies.known_workers(workers)
        known = await self._uow.studies.told({(one.worker, one.study) for _, one in run})
        own = await self._uow.studies.own(there)
        self._by_code |= await self._uow.codes.taken_for(
            [(one.worker, one.study) for _, one in run if one.credits and one.worker in there]
        )
        credited: list[tuple[Activity, Confirmation]] = []
        for typed, notice in run:
            if notice.worker not in there:
                await self._keep(typed, Fault.PERSON_UNKNOWN)
                continue
            mine = own.get(notice.worker, [])
            before = known.get((notice.worker, notice.study)) or own_record(notice, mine)
            if before in mine:
                mine.remove(before)
            if before is None and notice.credits and notice.document is None:
                credited.append(self._credited(notice))
            elif fault := await self._apply(notice, before):
                await self._keep(typed, fault)
        many = len(credited) > MANY
        await self._uow.studies.add_credited(
            credited, actor=Actor.PROVIDER.value, announced=not many
        )
        self.taken.applied += len(credited)
        for activity, _ in credited:
            if many:
                self._loaded.add(activity.worker)
            else:
                self._moved[activity.worker] = activity.id

    def _credited(self, notice: Notice) -> tuple[Activity, Confirmation]:
        activity = first_of(notice, str(uuid.uuid4()), self._now)
        ground = Confirmation(
            activity=activity.id,
            worker=activity.worker,
            method=self._method(notice),
            units=notice.hours or 0,
            confirm_time=self._now,
        )
        return activity, ground

    def _method(self, notice: Notice) -> Method:
        """What the credit of the portal rests on: a code of the worker, or its own word."""
        coded = (notice.worker, notice.study) in self._by_code
        return Method.IKP if coded else Method.PORTAL_AUTO

    async def _apply(self, notice: Notice, before: Activity | None) -> Fault | None:
        document = notice.document
        if document is not None and await self._is_foreign(notice, document):
            return Fault.DOCUMENT_FOREIGN
        if before is None:
            activity = first_of(notice, str(uuid.uuid4()), self._now)
            await self._uow.activities.add(activity, actor=Actor.PROVIDER.value)
            changed = True
        else:
            after = followed(before, notice, self._now)
            if after is None:
                self.taken.skipped += 1
                return None
            activity, changed = after.activity, after.revoked
            if after.revoked:
                await self._uow.certificates.revoke(activity.id, self._now)
            await save_and_follow(before, activity, actor=Actor.PROVIDER, uow=self._uow)
        await self._ground(notice, activity, document, changed=changed)
        self.taken.applied += 1
        if changed or notice.state.is_end or activity.state is State.REJECTED_DOC:
            self._moved[activity.worker] = activity.id
        return None

    async def _ground(
        self,
        notice: Notice,
        activity: Activity,
        document: NoticeDocument | None,
        *,
        changed: bool,
    ) -> None:
        """Store the document that was issued, and confirm what the portal itself credits."""
        if document is not None:
            issued = _certificate(document, activity, notice.source, self._now)
            await self._uow.certificates.issue(issued)
        if notice.credits and (changed or activity.state is not State.CONFIRMED):
            await confirm(
                activity,
                None,
                self._method(notice),
                uow=self._uow,
                clock=self._clock,
                units=notice.hours or 0,
            )

    async def _is_foreign(self, notice: Notice, document: NoticeDocument) -> bool:
        owner = await self._uow.certificates.owner_of(document.issuer, document.number)
        return owner is not None and owner != notice.worker

    async def _keep(self, typed: TypedNotice, fault: Fault) -> None:
        kept = Kept(id=str(uuid.uuid4()), notice=typed, fault=fault, receive_time=self._now)
        await self._uow.quarantine.keep(kept, next_try=next_try(fault, 0, self._now))
        self.taken.kept += 1


def next_try(fault: Fault, tries: int, now: datetime) -> datetime | None:
    """When a kept notice is tried by itself; None when only an operator can help."""
    if fault is not Fault.PERSON_UNKNOWN or tries >= len(RETRIES):
        return None
    return now + RETRIES[tries]


def _runs(
    notices: Sequence[tuple[TypedNotice, Notice]],
) -> Iterator[list[tuple[TypedNotice, Notice]]]:
    """Cut so that no study stands twice in a run: a later notice must see what the former did."""
    run: list[tuple[TypedNotice, Notice]] = []
    seen: set[tuple[str, str]] = set()
    for typed, notice in notices:
        key = (notice.worker, notice.study)
        if key in seen:
            yield run
            run, seen = [], set()
        run.append((typed, notice))
        seen.add(key)
    if run:
        yield run


def _certificate(
    document: NoticeDocument, activity: Activity, source: str, now: datetime
) -> Certificate:
    return Certificate(
        id=str(uuid.uuid4()),
        worker=activity.worker,
        activity=activity.id,
        type=document.type,
        issuer=document.issuer,
        series=document.series,
        number=document.number,
        issue_date=document.issue_date,
        hours=document.hours,
        origin=source,
        portal_file=document.file,
        create_time=now,
    )
