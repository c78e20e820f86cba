"""Applications as their worker, and as those who decide about them, read them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from lkmr_accreditation.domain.application import Path, State, limit_of
from lkmr_accreditation.domain.errors import ApplicationNotFound
from lkmr_accreditation.domain.portfolio import Piece, portfolio_of
from lkmr_accreditation.usecases.application_parts import (
    ApplicationParts,
    known_of,
    look,
    today_for,
)
from lkmr_accreditation.usecases.application_ports import Stored
from lkmr_accreditation.usecases.decide_application import desk_of
from lkmr_accreditation.usecases.ports import StoredWorker
from lkmr_accreditation.usecases.read_compliance import Compliance
from lkmr_servicekit.identity import Caller
from lkmr_servicekit.pagination import page_size_of, page_token_of, position_of

_REACHES_STAFF = {"F1": State.REPORT_APPROVAL, "F3": State.CONSENT_ASKED}
"""The state from which on an application is seen by the organisation; SUBMITTED for others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One application; the portfolio is there while the periodic path is a draft or under way.

    `asked_by` is the organisation whose personnel asks for an extract, `consent_until` the last day
    of a consent that is given today.
    """

    stored: Stored
    asked_by: str = ""
    consent_until: date | None = None
    pieces: Sequence[Piece] = ()
    made: Compliance | None = None

    @property
    def worker(self) -> StoredWorker | None:
        """The worker as the register knows them."""
        return self.made.worker if self.made else None


async def list_applications(
    worker: str, *, page_size: int, page_token: str, parts: ApplicationParts
) -> tuple[Sequence[Stored], str]:
    """Own applications, newest first. Raises PAGE_TOKEN_INVALID."""
    size = page_size_of(page_size)
    found = await parts.reader.page(worker, _after(page_token), size + 1)
    return found[:size], _token(found, size, lambda one: one.application.create_time)


async def read_application(application: str, *, worker: str, parts: ApplicationParts) -> Detail:
    """One's own with portfolio and history. Raises ApplicationNotFound, RegisterUnavailable."""
    stored = await parts.reader.one(application, worker=worker)
    if stored.application.path is Path.STAFF_EXTRACT:
        return await _asked_detail(stored, parts)
    if stored.application.path is not Path.PERIODIC:
        return Detail(stored=stored)
    seen = await look(worker, parts)
    known = known_of(stored.application, seen, parts.forms)
    return Detail(stored=stored, pieces=portfolio_of(stored.application, known), made=seen.made)


async def _asked_detail(stored: Stored, parts: ApplicationParts) -> Detail:
    asked, book = stored.application, parts.book
    worker = await parts.compliance().reader.find_worker(asked.worker)
    names = {one.organization_oid: one.organization_name for one in worker.jobs} if worker else {}
    today = today_for(asked, parts.clock.now())
    granted = replace(asked, state=State.READY)
    return Detail(
        stored=stored,
        asked_by=names.get(asked.organization_oid, asked.organization_oid),
        consent_until=limit_of(granted, today, book.law, book.registry.calendar)
        if asked.state is State.CONSENT_ASKED
        else None,
    )


async def list_staff_applications(
    caller: Caller, *, page_size: int, page_token: str, parts: ApplicationParts
) -> tuple[Sequence[Stored], str]:
    """What waits for the caller, oldest first. Raises OrganizationRequired, PAGE_TOKEN_INVALID."""
    size, desk = page_size_of(page_size), desk_of(caller)
    found = await parts.reader.staff_page(
        desk.organization_oid, desk.department, desk.seen, _after(page_token), size + 1
    )
    return found[:size], _token(found, size, lambda one: one.application.state_time)


async def read_staff_application(
    caller: Caller, application: str, *, parts: ApplicationParts
) -> Stored:
    """One that was sent to the caller's organisation. Raises ApplicationNotFound."""
    desk = desk_of(caller)
    stored = await parts.reader.staff_one(
        application, organization_oid=desk.organization_oid, department=desk.department
    )
    seen = stored.application
    sent = _REACHES_STAFF.get(seen.form, State.SUBMITTED)
    if seen.form not in desk.seen or not any(one.after is sent for one in stored.steps):
        raise ApplicationNotFound
    return stored


def _after(page_token: str) -> tuple[datetime, str] | None:
    position = position_of(page_token, str, str)
    return (datetime.fromisoformat(str(position[0])), str(position[1])) if position else None


def _token(found: Sequence[Stored], size: int, moment: Callable[[Stored], datetime]) -> str:
    if len(found) <= size:
        return ""
    last = found[size - 1]
    return page_token_of(moment(last).isoformat(), last.application.id)
