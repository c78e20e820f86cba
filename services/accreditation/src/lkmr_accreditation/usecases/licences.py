"""Keep licences as the register has them, and check documents about licences by their numbers."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from lkmr_accreditation.domain.documents import Check, Checked, Document
from lkmr_accreditation.domain.errors import CursorUnknown
from lkmr_accreditation.domain.licences import LicenceRecord, LicenceState
from lkmr_accreditation.usecases.documents import note_check
from lkmr_accreditation.usecases.list_accreditations import today_of
from lkmr_accreditation.usecases.ports import Reader, UnitOfWork
from lkmr_servicekit.background import repeated
from lkmr_servicekit.clock import MOSCOW, Clock, day_in
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.identity import Caller
from lkmr_servicekit.telemetry import log

PORTION, PAPERS = 50, 20
AGE = timedelta(hours=24)
FOLLOW_SECONDS, FAULT_SECONDS, PAUSE_SECONDS = 5.0, 10.0, 0.5
_BY = "LICENCES"
_REASONS = {
    LicenceState.SUSPENDED: "Действие лицензии приостановлено",
    LicenceState.REVOKED: "Лицензия аннулирована",
    LicenceState.ENDED: "Срок лицензии закончился",
}
NewUow = Callable[[], UnitOfWork]
Hold = Callable[[str], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class LicenceChanges:
    """What was written in the register, and where to go on."""

    numbers: Sequence[str]
    organization_oids: Sequence[str]
    cursor: str


class LicenceRegister(Protocol):
    """The licence register. All methods raise RegisterUnavailable."""

    async def of_organizations(self, oids: Sequence[str]) -> list[LicenceRecord]: ...

    async def by_number(self, number: str) -> LicenceRecord | None: ...

    async def changes(self, cursor: str) -> LicenceChanges:
        """What was written after a cursor. Raises CursorUnknown."""
        ...


class LicenceStore(Protocol):
    """Licences inside a unit of work."""

    async def of(self, oids: Sequence[str]) -> dict[str, tuple[datetime, list[LicenceRecord]]]:
        """When an organisation was asked about last, and what it has."""
        ...

    async def to_ask(self, before: datetime, limit: int) -> list[str]:
        """Organisations with staff that were not asked about since a moment."""
        ...

    async def keep(
        self, oids: Sequence[str], found: Sequence[LicenceRecord], now: datetime
    ) -> list[str]:
        """Replace the licences of organisations; those of whom something is otherwise now."""
        ...

    async def staff_is_due(self, oids: Sequence[str]) -> None:
        """Have everybody who works there judged anew."""
        ...

    async def cursor(self) -> str: ...

    async def save_cursor(self, cursor: str, now: datetime) -> None: ...

    async def papers_to_check(self, limit: int) -> list[Document]:
        """Documents about licences that wait for the register."""
        ...

    async def check_again(self, numbers: Sequence[str]) -> None:
        """Have documents with these numbers checked anew."""
        ...


async def ask_register(
    oids: Sequence[str], *, register: LicenceRegister, new_uow: NewUow, clock: Clock
) -> int:
    """Bring organisations up to date; how many changed. Raises RegisterUnavailable."""
    if not oids:
        return 0
    found = await register.of_organizations(oids)
    async with new_uow() as uow:
        changed = await uow.licences.keep(oids, found, clock.now())
        await uow.licences.staff_is_due(changed)
        await uow.commit()
    return len(changed)


async def follow_register(*, register: LicenceRegister, new_uow: NewUow, clock: Clock) -> None:
    """Take what was written since the last time. Raises RegisterUnavailable.

    The cursor moves after its changes are kept: a crash reads them once more.
    """
    async with new_uow() as uow:
        cursor = await uow.licences.cursor()
    try:
        news = await register.changes(cursor)
    except CursorUnknown:
        news = LicenceChanges((), (), "")
    for start in range(0, len(news.organization_oids), PORTION):
        part = news.organization_oids[start : start + PORTION]
        await ask_register(part, register=register, new_uow=new_uow, clock=clock)
    if news.cursor == cursor:
        return
    async with new_uow() as uow:
        await uow.licences.check_again(news.numbers)
        await uow.licences.save_cursor(news.cursor, clock.now())
        await uow.commit()


async def ask_of_others(*, register: LicenceRegister, new_uow: NewUow, clock: Clock) -> int:
    """A portion of organisations that were never asked about, or a day ago; how many."""
    async with new_uow() as uow:
        oids = await uow.licences.to_ask(clock.now() - AGE, PORTION)
    await ask_register(oids, register=register, new_uow=new_uow, clock=clock)
    return len(oids)


async def check_papers(*, register: LicenceRegister, new_uow: NewUow, clock: Clock) -> int:
    """Check a portion of documents about licences by number; how many.

    A register that does not answer leaves them waiting. Raises RegisterUnavailable.
    """
    async with new_uow() as uow:
        papers = await uow.licences.papers_to_check(PAPERS)
    for paper in papers:
        found = await register.by_number(_number_of(paper))
        async with new_uow() as uow:
            present = await uow.documents.find(paper.worker, paper.id, lock=True)
            if present is not None and present.etag == paper.etag:
                await note_check(present, outcome_of(found, clock.now()), uow=uow)
                await uow.commit()
    return len(papers)


def outcome_of(found: LicenceRecord | None, now: datetime) -> Checked:
    """What the register says of a document about a licence."""
    if found is None:
        reason = "Лицензии с таким номером нет в реестре"
    else:
        reason = _REASONS.get(found.on(day_in(MOSCOW, now)), "")
    status = Check.REJECTED if reason else Check.VERIFIED
    return Checked(status=status, by=_BY, reason=reason, time=now)


def _number_of(paper: Document) -> str:
    content = paper.version.content
    return f"{content.series}{content.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationLicences:
    """What is known of an organisation; `check_time` is None while it could not be asked about."""

    oid: str
    name: str
    check_time: datetime | None
    licences: Sequence[LicenceRecord]
    today: date


async def list_licences(
    caller: Caller, *, reader: Reader, register: LicenceRegister, new_uow: NewUow, clock: Clock
) -> list[OrganizationLicences]:
    """Licences of the organisations where the caller works now, or for which they answer.

    One that was never asked about is asked about now; a register that is away leaves it unknown.
    """
    now = clock.now()
    stored = await reader.find_worker(caller.worker) if caller.worker else None
    today = today_of(stored, now) if stored is not None else day_in(MOSCOW, now)
    names = {caller.organization_oid: ""} if caller.organization_oid else {}
    for job in stored.jobs if stored is not None else ():
        if job.current(today):
            names[job.organization_oid] = job.organization_name
    async with new_uow() as uow:
        known = await uow.licences.of(list(names))
    if new := [oid for oid in names if oid not in known]:
        try:
            await ask_register(new, register=register, new_uow=new_uow, clock=clock)
        except ServiceError as fault:
            log.info("licences.not_asked", reason=fault.reason)
        else:
            async with new_uow() as uow:
                known = await uow.licences.of(list(names))
    return [
        OrganizationLicences(
            oid=oid,
            name=name,
            check_time=known[oid][0] if oid in known else None,
            licences=known[oid][1] if oid in known else (),
            today=today,
        )
        for oid, name in names.items()
    ]


class LicenceWork:
    """Follows the register while the service runs; one instance at a time."""

    def __init__(
        self,
        *,
        register: LicenceRegister,
        new_uow: NewUow,
        clock: Clock,
        hold: Hold,
        busy: Callable[[], Awaitable[bool]],
    ) -> None:
        """`busy` says that a load of the worker register is under way: it goes first."""
        self._parts = {"register": register, "new_uow": new_uow, "clock": clock}
        self._hold, self._busy = hold, busy

    def run(self) -> Coroutine[Any, Any, None]:
        """Work until cancelled; a register that is away is asked again later."""
        return repeated("licences", self._turn, seconds=FOLLOW_SECONDS, fault_seconds=FAULT_SECONDS)

    async def _turn(self) -> None:
        """Rounds while there is something to ask about."""
        while not await self._busy():
            async with self._hold("licences"):
                if not await self._round():
                    return
            await asyncio.sleep(PAUSE_SECONDS)

    async def _round(self) -> bool:
        await follow_register(**self._parts)  # type: ignore[arg-type]  # one set of named parts
        papers = await check_papers(**self._parts)  # type: ignore[arg-type]  # same
        others = await ask_of_others(**self._parts)  # type: ignore[arg-type]  # same
        return bool(papers or others)
