"""Plan, suggestions, catalogue, calendar and staff: translation only."""

import hashlib

from lkmr.education.v1 import education_service_pb2 as pb
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_education.api import convert, plan_convert
from lkmr_education.api.base import Base, body_of
from lkmr_education.api.names import entry_in, worker_in
from lkmr_education.domain.errors import PlanItemNotFound
from lkmr_education.domain.plan import TypedItem
from lkmr_education.usecases.calendar import read_calendar, renew_calendar
from lkmr_education.usecases.plan_items import (
    Command,
    ItemChange,
    add_plan_item,
    agree_plan_item,
    change_plan_item,
    choose_direction,
)
from lkmr_education.usecases.present_worker import today_at
from lkmr_education.usecases.read_staff import read_staff
from lkmr_education.usecases.rights import check_own, check_staff
from lkmr_education.usecases.suggest_programmes import (
    suggest_for_attestations,
    suggest_for_cycles,
)
from lkmr_servicekit.grpc_server import Context, caller_of
from lkmr_servicekit.pagination import page_size_of, page_token_of, position_of

_DEEPEST = 2000


class PlanMethods(Base):
    """Methods about what is ahead."""

    async def ReadPlan(self, request: pb.ReadPlanRequest, _: Context) -> JsonDocument:
        return await self._plan(worker_in(request.name))

    async def CreatePlanItem(self, request: pb.CreatePlanItemRequest, _: Context) -> JsonDocument:
        worker = worker_in(request.parent)
        check_own(caller_of(), worker, "C")
        parts = self.parts
        await add_plan_item(
            request.programme,
            TypedItem(
                title=request.title,
                deadline=request.deadline,
                required_level=request.required_level,
                specialty=request.specialty,
            ),
            account=await self.account(worker),
            posts=parts.posts,
            catalogue=parts.catalogue,
            command=_command(request),
            new_uow=parts.new_uow,
            clock=parts.clock,
        )
        return await self._plan(worker)

    async def ChangePlanItem(self, request: pb.ChangePlanItemRequest, _: Context) -> JsonDocument:
        worker, item = entry_in(request.name, "planItems", PlanItemNotFound)
        check_own(caller_of(), worker, "U")
        await change_plan_item(
            ItemChange(
                worker=worker,
                item=item,
                action=request.action,
                deadline=request.deadline,
                start_date=request.start_date,
            ),
            account=await self.account(worker),
            command=_command(request),
            new_uow=self.parts.new_uow,
            clock=self.parts.clock,
        )
        return await self._plan(worker)

    async def AgreePlanItem(self, request: pb.AgreePlanItemRequest, _: Context) -> JsonDocument:
        worker, item = entry_in(request.name, "planItems", PlanItemNotFound)
        present = await self.parts.present(worker)
        check_staff(caller_of(), present, "education", "A")
        await agree_plan_item(
            worker,
            item,
            agreed=request.agreed,
            comment=request.comment,
            command=_command(request),
            new_uow=self.parts.new_uow,
            clock=self.parts.clock,
        )
        return await self._plan(worker)

    async def ChooseDirection(self, request: pb.ChooseDirectionRequest, _: Context) -> JsonDocument:
        worker, parts = worker_in(request.parent), self.parts
        check_own(caller_of(), worker, "C")
        await choose_direction(
            request.direction,
            account=await self.account(worker),
            plan=list(await parts.reader.plan_of(worker)),
            posts=parts.posts,
            command=_command(request),
            new_uow=parts.new_uow,
            clock=parts.clock,
        )
        return await self._plan(worker)

    async def ListSuggestions(self, request: pb.ListSuggestionsRequest, _: Context) -> JsonDocument:
        account, parts = await self.account(worker_in(request.parent)), self.parts
        cycles = await suggest_for_cycles(
            account, posts=parts.posts, catalogue=parts.catalogue, norms=parts.norms
        )
        attestations = await suggest_for_attestations(account, catalogue=parts.catalogue)
        return convert.document(plan_convert.suggestions_json(cycles, attestations))

    async def SearchCatalogue(self, request: pb.SearchCatalogueRequest, _: Context) -> JsonDocument:
        size = page_size_of(request.page_size)
        position = position_of(request.page_token, int)
        skip = min(int(position[0]), _DEEPEST) if position else 0
        found = await self.parts.catalogue.search(
            request.query,
            specialty=request.specialty,
            kind=request.kind,
            today=today_at(self.parts.clock.now()),
            size=size + 1,
            skip=skip,
        )
        token = page_token_of(skip + size) if len(found) > size else ""
        items = [plan_convert.programme_json(one) for one in found[:size]]
        return convert.document({"items": items, "next_page_token": token})

    async def ReadCalendar(self, request: pb.ReadCalendarRequest, _: Context) -> pb.Calendar:
        content = await read_calendar(
            request.secret, reader=self.parts.reader, clock=self.parts.clock
        )
        etag = hashlib.blake2b(content, digest_size=12).hexdigest()
        return pb.Calendar(content=content, etag=etag)

    async def RenewCalendar(
        self, request: pb.RenewCalendarRequest, _: Context
    ) -> pb.CalendarSecret:
        worker = worker_in(request.parent)
        check_own(caller_of(), worker, "R")
        await self.parts.present(worker)
        secret = await renew_calendar(worker, new_uow=self.parts.new_uow, clock=self.parts.clock)
        return pb.CalendarSecret(secret=secret)

    async def ReadStaffEducation(
        self, request: pb.ReadStaffEducationRequest, _: Context
    ) -> JsonDocument:
        parts = self.parts
        lines, token = await read_staff(
            department=request.department,
            page_size=page_size_of(request.page_size),
            page_token=request.page_token,
            staff=parts.staff,
            reader=parts.reader,
            present=parts.present,
            norms=parts.norms,
            posts=parts.posts,
        )
        today = today_at(parts.clock.now())
        return convert.document(plan_convert.staff_json(lines, token, today))

    async def _plan(self, worker: str) -> JsonDocument:
        account = await self.account(worker)
        items = await self.parts.reader.plan_of(worker)
        return convert.document(plan_convert.plan_of(account, items, self.parts.posts))


def _command(request: pb.CreatePlanItemRequest | object) -> Command:
    request_id: str = request.request_id  # type: ignore[union-attr]  # every write has one
    return Command(caller=caller_of(), request_id=request_id, body=body_of(request))
