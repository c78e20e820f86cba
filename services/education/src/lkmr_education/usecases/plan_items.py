"""What a worker does with the development plan."""

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime

from lkmr_education.domain.activity import Activity, Source, State
from lkmr_education.domain.catalogue import Programme
from lkmr_education.domain.draft import days_of
from lkmr_education.domain.errors import (
    DirectionUnknown,
    PlanItemInvalid,
    PlanItemNotFound,
    ProgrammeNotFound,
)
from lkmr_education.domain.plan import (
    Action,
    ItemState,
    PlanItem,
    TypedItem,
    deadline_of,
    item_of,
    kind_of,
)
from lkmr_education.domain.posts import Direction, Posts, months_after
from lkmr_education.usecases.account import Account
from lkmr_education.usecases.ports import CatalogueSearch, NewUnitOfWork
from lkmr_education.usecases.present_worker import today_at
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import FieldFault
from lkmr_servicekit.identity import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Who commands, and what makes a repeat."""

    caller: Caller
    request_id: str
    body: bytes


async def add_plan_item(
    programme_id: str,
    typed: TypedItem,
    *,
    account: Account,
    posts: Posts,
    catalogue: CatalogueSearch,
    command: Command,
    new_uow: NewUnitOfWork,
    clock: Clock,
) -> str:
    """The id of the new item: a programme of the catalogue, or a wish in words.

    Without a level it asks for that of the present post. Raises PlanItemInvalid, ProgrammeNotFound.
    """
    programme = await catalogue.find(programme_id) if programme_id else None
    if programme_id and programme is None:
        raise ProgrammeNotFound
    today, now = account.present.today, clock.now()
    draft = item_of(typed, free=programme is None, today=today)
    record = account.present.worker.record
    usual = posts.required_level(record, today) if record else None
    specialties = account.open_specialties
    made = PlanItem(
        id=str(uuid.uuid4()),
        worker=account.present.worker.id,
        title=draft.title or (programme.title if programme else ""),
        deadline=draft.deadline or _end_of(programme, today),
        required_level=draft.required_level or usual,
        specialty=draft.specialty or _specialty(programme, specialties),
        create_time=now,
        update_time=now,
    )
    if programme is not None:
        made = _with_programme(made, programme)
    async with new_uow() as uow:
        stored = await uow.requests.replay(
            command.caller, "CreatePlanItem", command.request_id, command.body
        )
        if stored is not None:
            return stored.decode()
        await uow.plans.add([made])
        await uow.requests.store(
            command.caller, "CreatePlanItem", command.request_id, made.id.encode()
        )
        await uow.commit()
    return made.id


def _end_of(programme: Programme | None, today: date) -> date:
    if programme is None:
        raise PlanItemInvalid([FieldFault("deadline", "REQUIRED", "Укажите срок.")])
    return programme.days(today)[1]


def _specialty(programme: Programme | None, own: tuple[str, ...]) -> str:
    """The own specialty that the programme serves; the only one where nothing else tells."""
    fitting = [one for one in own if programme is not None and one in programme.specialties]
    return fitting[0] if fitting else (own[0] if len(own) == 1 else "")


def _with_programme(item: PlanItem, one: Programme) -> PlanItem:
    """The item with what the catalogue knows."""
    return replace(
        item,
        kind=one.kind.value,
        hours=one.hours,
        organizer=one.provider,
        programme=one.id,
        attestation=one.attestation,
        programme_level=one.level,
        start_date=one.start_date,
        end_date=one.end_date,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChange:
    """What is to be done with an item."""

    worker: str
    item: str
    action: str = ""
    deadline: str = ""
    start_date: str = ""


async def change_plan_item(
    change: ItemChange,
    *,
    account: Account,
    command: Command,
    new_uow: NewUnitOfWork,
    clock: Clock,
) -> None:
    """Move the deadline, ask the head, begin, finish or remove. A repeat does nothing.

    Raises PlanItemNotFound, PlanItemInvalid, ActivityInvalid, StepNotAllowed.
    """
    now, today = clock.now(), account.present.today
    action = change.action.strip().upper()
    if action and action not in Action.__members__:
        raise PlanItemInvalid([FieldFault("action", "UNKNOWN", "Такого действия нет.")])
    async with new_uow() as uow:
        if await uow.requests.replay(
            command.caller, "ChangePlanItem", command.request_id, command.body
        ):
            return
        item = await uow.plans.find(change.worker, change.item)
        if item is None:
            raise PlanItemNotFound
        if change.deadline or not action:
            item = item.moved(deadline_of(change.deadline, today), now)
        if action == Action.ASK:
            item = item.asked(now)
        elif action == Action.BEGIN:
            activity = _activity_of(item, change, account, now)
            item = item.begun(activity, now)
            await uow.activities.add(activity, actor="WORKER")
        elif action:
            done = ItemState.DONE if action == Action.FINISH else ItemState.REMOVED
            item = item.closed(done, now)
        await uow.plans.save(item)
        await uow.requests.store(command.caller, "ChangePlanItem", command.request_id, b"done")
        await uow.commit()


def _activity_of(item: PlanItem, change: ItemChange, account: Account, now: datetime) -> Activity:
    """The activity that carries an item out; its days are those of the programme, or the given."""
    today = account.present.today
    if change.start_date:
        start, _ = days_of(change.start_date, "", today=today)
    else:
        start = item.start_date or today
    length = (item.end_date - item.start_date) if item.start_date and item.end_date else None
    end = start + length if length is not None else max(start, min(item.deadline, start))
    return Activity(
        id=str(uuid.uuid4()),
        worker=item.worker,
        kind=kind_of(item),
        title=item.title,
        organizer=item.organizer or "Организатор не указан",
        start_date=start,
        end_date=end,
        hours=item.hours,
        specialty=item.specialty,
        level=item.programme_level,
        attestation=item.attestation,
        programme_id=item.programme,
        source=Source.SELF,
        state=State.PLANNED,
        create_time=now,
        update_time=now,
    )


async def agree_plan_item(
    worker: str,
    item_id: str,
    *,
    agreed: bool,
    comment: str,
    command: Command,
    new_uow: NewUnitOfWork,
    clock: Clock,
) -> None:
    """The head's word. A repeat does nothing.

    Raises PlanItemNotFound, PlanItemInvalid, StepNotAllowed.
    """
    async with new_uow() as uow:
        if await uow.requests.replay(
            command.caller, "AgreePlanItem", command.request_id, command.body
        ):
            return
        item = await uow.plans.find(worker, item_id)
        if item is None:
            raise PlanItemNotFound
        by = f"persons/{command.caller.subject}"
        await uow.plans.save(item.answered(agreed=agreed, by=by, comment=comment, now=clock.now()))
        await uow.requests.store(command.caller, "AgreePlanItem", command.request_id, b"done")
        await uow.commit()


async def choose_direction(
    code: str,
    *,
    account: Account,
    plan: list[PlanItem],
    posts: Posts,
    command: Command,
    new_uow: NewUnitOfWork,
    clock: Clock,
) -> None:
    """Note the direction and put what it needs into the plan; what is there is not put twice.

    Raises DirectionUnknown for one that is not open from the present post.
    """
    record, now = account.present.worker.record, clock.now()
    worker, today = account.present.worker.id, account.present.today
    open_ones = posts.directions_for(record, today) if record else []
    direction = next((one for one in open_ones if one.code == code), None)
    if direction is None:
        raise DirectionUnknown
    there = {item.title for item in plan if item.direction == code}
    specialties = account.open_specialties
    items = [
        item
        for item in items_of(direction, worker, specialties[0] if specialties else "", now)
        if item.title not in there
    ]
    async with new_uow() as uow:
        if await uow.requests.replay(
            command.caller, "ChooseDirection", command.request_id, command.body
        ):
            return
        await uow.plans.choose_direction(worker, code)
        await uow.plans.add(items)
        await uow.requests.store(command.caller, "ChooseDirection", command.request_id, b"done")
        await uow.commit()


def items_of(direction: Direction, worker: str, specialty: str, now: datetime) -> list[PlanItem]:
    """The items that a direction puts into a plan, by deadline."""
    today = today_at(now)
    made = [
        PlanItem(
            id=str(uuid.uuid4()),
            worker=worker,
            title=need.title,
            kind=need.kind,
            hours=need.hours,
            specialty=specialty if need.kind == "PK" else "",
            direction=direction.code,
            deadline=months_after(today, need.months),
            required_level=direction.level,
            create_time=now,
            update_time=now,
        )
        for need in direction.needs
    ]
    return sorted(made, key=lambda item: item.deadline)
