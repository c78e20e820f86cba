"""The development plan (персональный план развития): items, deadlines, levels, agreement."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from lkmr_education.domain.activity import FINISHED, OVER, Activity, Kind
from lkmr_education.domain.draft import Faults
from lkmr_education.domain.errors import PlanItemInvalid, StepNotAllowed
from lkmr_education.domain.warnings import Caution

MIN_LEVEL, MAX_LEVEL = 1, 9


class ItemState(StrEnum):
    """Where an item stands."""

    OPEN = "OPEN"
    STARTED = "STARTED"
    DONE = "DONE"
    REMOVED = "REMOVED"


class Agreement(StrEnum):
    """What the head says."""

    NONE = "NONE"
    ASKED = "ASKED"
    AGREED = "AGREED"
    DECLINED = "DECLINED"


class LevelCheck(StrEnum):
    """Whether a programme reaches the level that is asked for; unknown ones do not block."""

    FITS = "FITS"
    TOO_LOW = "TOO_LOW"
    UNKNOWN = "UNKNOWN"


class Action(StrEnum):
    """What a worker does with an item."""

    ASK = "ASK"
    BEGIN = "BEGIN"
    FINISH = "FINISH"
    REMOVE = "REMOVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanItem:
    """A course that is planned, with its deadline and the level that is asked for."""

    id: str
    worker: str
    title: str
    deadline: date
    create_time: datetime
    update_time: datetime
    kind: str = ""
    hours: int | None = None
    specialty: str = ""
    organizer: str = ""
    programme: str = ""
    activity: str = ""
    direction: str = ""
    attestation: str = ""
    required_level: int | None = None
    programme_level: int | None = None
    start_date: date | None = None
    end_date: date | None = None
    state: ItemState = ItemState.OPEN
    agreement: Agreement = Agreement.NONE
    agreed_by: str = ""
    comment: str = ""
    version: int = 1

    @property
    def level_check(self) -> LevelCheck:
        """`required_level` ≤ level of the programme."""
        if self.required_level is None or self.programme_level is None:
            return LevelCheck.UNKNOWN
        fits = self.required_level <= self.programme_level
        return LevelCheck.FITS if fits else LevelCheck.TOO_LOW

    def overdue(self, today: date) -> bool:
        """Whether the deadline passed and the item is not done."""
        return self.state in {ItemState.OPEN, ItemState.STARTED} and self.deadline < today

    def asked(self, now: datetime) -> Self:
        """Ask the head. Raises StepNotAllowed."""
        if self.state is ItemState.REMOVED or self.agreement is Agreement.AGREED:
            raise StepNotAllowed(state=self.agreement.value, to=Agreement.ASKED.value)
        return self._next(now, agreement=Agreement.ASKED, comment="")

    def answered(self, *, agreed: bool, by: str, comment: str, now: datetime) -> Self:
        """The head's word. Raises StepNotAllowed unless it was asked for, PlanItemInvalid."""
        if self.agreement is not Agreement.ASKED or self.state is ItemState.REMOVED:
            raise StepNotAllowed(state=self.agreement.value, to=Agreement.AGREED.value)
        faults = Faults()
        text = faults.text("comment", comment, "" if agreed else "Укажите причину отказа.")
        if faults.found:
            raise PlanItemInvalid(faults.found)
        answer = Agreement.AGREED if agreed else Agreement.DECLINED
        return self._next(now, agreement=answer, agreed_by=by, comment=text)

    def begun(self, activity: Activity, now: datetime) -> Self:
        """Tie the activity that carries it out. Raises StepNotAllowed."""
        if self.state is not ItemState.OPEN:
            raise StepNotAllowed(state=self.state.value, to=ItemState.STARTED.value)
        deadline = max(self.deadline, activity.end_date)
        return self._next(now, state=ItemState.STARTED, activity=activity.id, deadline=deadline)

    def closed(self, to: ItemState, now: datetime) -> Self:
        """Finish or remove it. Raises StepNotAllowed."""
        if self.state in {ItemState.DONE, ItemState.REMOVED}:
            raise StepNotAllowed(state=self.state.value, to=to.value)
        return self._next(now, state=to)

    def moved(self, deadline: date, now: datetime) -> Self:
        """Another deadline; what was agreed must be agreed anew. Raises StepNotAllowed."""
        if self.state in {ItemState.DONE, ItemState.REMOVED}:
            raise StepNotAllowed(state=self.state.value, to=ItemState.OPEN.value)
        again = self.agreement is Agreement.AGREED and deadline > self.deadline
        agreement = Agreement.ASKED if again else self.agreement
        return self._next(now, deadline=deadline, agreement=agreement)

    def following(self, activity: Activity, now: datetime) -> Self | None:
        """The item after its activity changed; None when nothing follows.

        A moved course takes the deadline along, a finished one closes the item, a cancelled one
        opens it again (требование «автоматическое обновление при изменении статуса обучения»).
        """
        if self.state is ItemState.REMOVED:
            return None
        if activity.state in FINISHED:
            return (
                self._next(now, state=ItemState.DONE) if self.state is not ItemState.DONE else None
            )
        if activity.state in OVER:
            if self.state is ItemState.OPEN:
                return None
            return self._next(now, state=ItemState.OPEN, activity="")
        if activity.end_date > self.deadline:
            return self._next(now, deadline=activity.end_date)
        return None

    def _next(self, now: datetime, **changes: object) -> Self:
        version = self.version + 1
        return replace(self, version=version, update_time=now, **changes)  # type: ignore[arg-type]  # fields of this class


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedItem:
    """Fields of an item as they were typed."""

    title: str = ""
    deadline: str = ""
    required_level: str = ""
    specialty: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDraft:
    """Fields of an item that can be taken; absent ones come from the programme or the post."""

    title: str
    deadline: date | None
    required_level: int | None
    specialty: str


def item_of(typed: TypedItem, *, free: bool, today: date) -> ItemDraft:
    """Check the fields of an item; a wish in words needs a title and a deadline.

    Raises PlanItemInvalid naming each that does not fit.
    """
    faults = Faults()
    title = faults.text("title", typed.title, "Укажите, чему хотите научиться." if free else "")
    deadline = faults.day("deadline", typed.deadline, "Укажите срок." if free else "", today)
    if deadline and deadline < today:
        faults.add("deadline", "IN_PAST", "Срок уже прошёл.")
    level = faults.number("required_level", typed.required_level, MIN_LEVEL, MAX_LEVEL)
    specialty = faults.text("specialty", typed.specialty, "")
    if faults.found:
        raise PlanItemInvalid(faults.found)
    return ItemDraft(title=title, deadline=deadline, required_level=level, specialty=specialty)


def deadline_of(text: str, today: date) -> date:
    """A new deadline. Raises PlanItemInvalid."""
    faults = Faults()
    day = faults.day("deadline", text, "Укажите срок.", today)
    if day and day < today:
        faults.add("deadline", "IN_PAST", "Срок уже прошёл.")
    if faults.found or day is None:
        raise PlanItemInvalid(faults.found)
    return day


def kind_of(item: PlanItem) -> Kind:
    """The kind of the activity that carries an item out."""
    return Kind(item.kind) if item.kind in Kind.__members__ else Kind.OTHER


def cautions_of(items: list[PlanItem], today: date) -> list[Caution]:
    """W-EDU-07: items whose deadline passed."""
    late = [one for one in items if one.overdue(today)]
    return [
        Caution(
            id="W-EDU-07",
            text=f"Срок пункта плана истёк: {one.title}",
            todo="Завершите обучение или перенесите срок.",
            about=(one.id,),
        )
        for one in late
    ]
