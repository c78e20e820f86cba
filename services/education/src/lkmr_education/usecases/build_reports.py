"""Build reports of continuing education beside the requests that asked for them."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import orjson

from lkmr_education.domain.errors import ReportStepNotAllowed
from lkmr_education.domain.posts import Posts
from lkmr_education.domain.report import (
    UNBUILT,
    Counted,
    Heard,
    Report,
    ReportState,
    content_of,
    controls_of,
    period_of,
)
from lkmr_education.usecases.account import account_of
from lkmr_education.usecases.norm_book import NormBook
from lkmr_education.usecases.outside import BUILD_LEASE, STUDIES, Reports
from lkmr_education.usecases.ports import Member, NewUnitOfWork, Reader
from lkmr_education.usecases.present_worker import Present, today_at
from lkmr_education.usecases.reports import own_report
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.identity import Caller
from lkmr_servicekit.telemetry import log

_AT_ONCE, _PAGE, PORTION = 8, 200, 50
AGAIN = timedelta(seconds=5)
PROMPT_SECONDS = 1.5
_METHOD = "BuildReport"


class Employees(Protocol):
    """Who works in an organisation; `accreditation` knows it."""

    async def of(
        self, organization_oid: str, *, page_size: int, page_token: str
    ) -> tuple[Sequence[Member], str]:
        """A page of members and the token of the next one. Raises ServiceError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for; `replaces` is the report that a correction follows."""

    period_start: str
    period_end: str
    replaces: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where figures come from."""

    employees: Employees
    reader: Reader
    present: Callable[[str], Awaitable[Present]]
    book: NormBook
    posts: Posts


class ReportBuilder:
    """Takes wishes for reports and builds them; several instances share the work.

    A report that is being built is kept from other instances for a minute, renewed with each
    portion of the staff: after a crash another one takes it up, from its first member on.
    """

    def __init__(self, sources: Sources, *, new_uow: NewUnitOfWork, clock: Clock) -> None:
        self._sources, self._new_uow, self._clock = sources, new_uow, clock
        self._under_way: set[asyncio.Task[None]] = set()

    async def accept(self, wanted: Wanted, *, caller: Caller, request_id: str, body: bytes) -> str:
        """The id of a new report about the caller's organisation; a repeat gives the first one.

        Building begins at once and is waited for a moment, so that a small organisation finds its
        report ready. Raises ReportInvalid, ReportNotFound, ReportStepNotAllowed.
        """
        now = self._clock.now()
        async with self._new_uow() as uow:
            done = await uow.requests.replay(caller, _METHOD, request_id, body)
            if done is not None:
                return done.decode()
            before = await _replaced(wanted.replaces, caller.organization_oid, uow.reports)
            if before is not None:
                await uow.reports.save(before.corrected(now))
            report = Report(
                id=str(uuid.uuid4()),
                organization_oid=caller.organization_oid,
                organization_name=before.organization_name if before else "",
                period=before.period
                if before
                else period_of(wanted.period_start, wanted.period_end, today_at(now)),
                version=before.version + 1 if before else 1,
                state=ReportState.QUEUED,
                content=b"",
                replaces=before.id if before else "",
                created_by=f"persons/{caller.subject}",
                create_time=now,
                update_time=now,
            )
            await uow.reports.add(report)
            await uow.requests.store(caller, _METHOD, request_id, report.id.encode())
            await uow.commit()
        task = asyncio.create_task(self._build(report))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        await asyncio.wait({task}, timeout=PROMPT_SECONDS)
        return report.id

    async def build_due(self) -> int:
        """Build what waits and what an instance left unfinished. Returns how many there were."""
        async with self._new_uow() as uow:
            due = await uow.reports.claim_builds(self._clock.now(), BUILD_LEASE)
            await uow.commit()
        for report in due:
            await self._build(report)
        return len(due)

    async def _build(self, report: Report) -> None:
        """Build one; when somebody does not answer, it is tried again in seconds."""
        try:
            await self._count(report)
        except ReportStepNotAllowed:
            log.info("report.built_by_another")
        except ServiceError as fault:
            log.warning("report.build_postponed", reason=fault.reason)
            await self._later(report)
        except Exception as fault:  # noqa: BLE001 - one odd report must not end the others
            log.error("report.build_failed", kind=type(fault).__name__)
            await self._later(report)

    async def _later(self, report: Report) -> None:
        try:
            async with self._new_uow() as uow:
                await uow.reports.build_later(report.id, self._clock.now() + AGAIN)
                await uow.commit()
        except ServiceError as fault:  # the database is away: the lease ends by itself
            log.warning("report.not_released", reason=fault.reason)

    async def _count(self, report: Report) -> None:
        await self._sources.book.first()
        members = await self._members(report.organization_oid)
        await self._note(report.id, lambda held: held.begun(len(members), self._clock.now()))
        counted: list[Counted] = []
        for start in range(0, len(members), PORTION):
            counted += await self._counted(members[start : start + PORTION])
            await self._note(
                report.id, partial(_with_counted, number=len(counted), now=self._clock.now())
            )
        name = next((one.organization_name for one in members if one.organization_name), "")
        content = content_of(
            counted,
            organization=(report.organization_oid, name),
            period=report.period,
            today=today_at(self._clock.now()),
            portal=await self._portal(),
        )
        body = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
        errors = controls_of(content)
        await self._note(report.id, lambda held: held.built(name, body, errors, self._clock.now()))

    async def _portal(self) -> Heard:
        """When the portal last answered. Source of the bound: accr.sync.stale_hours."""
        now = self._clock.now()
        async with self._new_uow() as uow:
            heard = await uow.feeds.heard(STUDIES)
        hours = self._sources.book.norms.number("accr.sync.stale_hours", today_at(now))
        return Heard(heard, stale=heard is None or now - heard > timedelta(hours=hours))

    async def _note(self, identity: str, step: Callable[[Report], Report]) -> None:
        """Store how far it is; the lease begins anew. Raises ReportStepNotAllowed."""
        async with self._new_uow() as uow:
            held = await uow.reports.find(identity)
            if held is None or held.state not in UNBUILT:
                raise ReportStepNotAllowed(state=held.state.value if held else "")
            await uow.reports.save(step(held))
            await uow.commit()

    async def _members(self, organization: str) -> list[Member]:
        members: list[Member] = []
        token = ""
        while True:
            page, token = await self._sources.employees.of(
                organization, page_size=_PAGE, page_token=token
            )
            members += page
            if not token:
                return members

    async def _counted(self, members: Sequence[Member]) -> list[Counted]:
        """Accounts of members; whom the cabinet has never met is asked for in the register."""
        sources = self._sources
        plans = await sources.reader.plans_of([one.worker for one in members])
        gate = asyncio.Semaphore(_AT_ONCE)

        async def count(member: Member) -> Counted:
            async with gate:
                present = await sources.present(member.worker)
            account = account_of(present, sources.book.norms, sources.posts)
            level = sources.posts.level_of(member.position)
            return Counted(
                worker=member.worker,
                group=level.group if level and level.group in {"DOCTOR", "NURSE"} else "OTHER",
                record=present.worker.record,
                progress=account.progress,
                lines=[line for line, _ in account.lines.values()],
                studies=present.worker.studies,
                plan=plans.get(member.worker, ()),
                stale=present.stale,
            )

        return list(await asyncio.gather(*(count(one) for one in members)))


async def _replaced(identity: str, organization: str, reports: Reports) -> Report | None:
    return await own_report(identity, organization, reports) if identity else None


def _with_counted(report: Report, *, number: int, now: datetime) -> Report:
    return report.counted(number, now)
