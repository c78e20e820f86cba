"""An activity of continuing education (обучение) and its life cycle."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from lkmr_education.domain.errors import ActivityNotFinished, StepNotAllowed


class Kind(StrEnum):
    """What is studied; decides whether hours count as programme or as event."""

    PK = "PK"
    RETRAINING = "RETRAINING"
    DISTANCE = "DISTANCE"
    EVENT = "EVENT"
    SEMINAR = "SEMINAR"
    WEBINAR = "WEBINAR"
    CONFERENCE = "CONFERENCE"
    IOM = "IOM"
    OTHER = "OTHER"

    @property
    def is_programme(self) -> bool:
        """Formal: ends with a document that ФИС ФРДО knows (ДПП ПК, also by distance, ПП)."""
        return self in _PROGRAMMES

    @property
    def is_portal(self) -> bool:
        """Events and modules: credit units come from the НМО portal (ЗЕТ)."""
        return self in _PORTAL


_PROGRAMMES = frozenset({Kind.PK, Kind.RETRAINING, Kind.DISTANCE})
_PORTAL = frozenset({Kind.EVENT, Kind.SEMINAR, Kind.WEBINAR, Kind.CONFERENCE, Kind.IOM})


class State(StrEnum):
    """Where an activity stands."""

    PLANNED = "PLANNED"
    APPLIED = "APPLIED"
    EMPLOYER_REVIEW = "EMPLOYER_REVIEW"
    PROVIDER_REVIEW = "PROVIDER_REVIEW"
    ENROLLED = "ENROLLED"
    RESCHEDULED = "RESCHEDULED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED_CLAIMED = "COMPLETED_CLAIMED"
    CONFIRMED = "CONFIRMED"
    REJECTED_DOC = "REJECTED_DOC"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"


STATE_WORDS = {
    State.PLANNED: "Запланировано",
    State.APPLIED: "Заявка подана",
    State.EMPLOYER_REVIEW: "На согласовании у руководителя",
    State.PROVIDER_REVIEW: "У образовательной организации",
    State.ENROLLED: "Зачислен",
    State.RESCHEDULED: "Перенесено",
    State.IN_PROGRESS: "Идёт обучение",
    State.COMPLETED_CLAIMED: "Завершено, ждём документ",
    State.CONFIRMED: "Подтверждено, ЗЕТ начислены",
    State.REJECTED_DOC: "Документ не подтверждён",
    State.FAILED: "Не освоено",
    State.CANCELLED: "Отменено",
    State.REJECTED: "Отказ",
}
NEXT = {
    State.PLANNED: {State.APPLIED, State.CANCELLED, State.COMPLETED_CLAIMED},
    State.APPLIED: {State.EMPLOYER_REVIEW, State.PROVIDER_REVIEW, State.REJECTED},
    State.EMPLOYER_REVIEW: {State.PROVIDER_REVIEW, State.REJECTED},
    State.PROVIDER_REVIEW: {State.ENROLLED, State.REJECTED},
    State.ENROLLED: {State.IN_PROGRESS, State.RESCHEDULED, State.CANCELLED},
    State.RESCHEDULED: {State.ENROLLED},
    State.IN_PROGRESS: {State.COMPLETED_CLAIMED, State.FAILED, State.RESCHEDULED},
    State.COMPLETED_CLAIMED: {State.CONFIRMED, State.REJECTED_DOC},
    State.REJECTED_DOC: {State.COMPLETED_CLAIMED},
    State.CONFIRMED: set[State](),
    State.FAILED: set[State](),
    State.CANCELLED: set[State](),
    State.REJECTED: set[State](),
}
FINISHED = frozenset({State.COMPLETED_CLAIMED, State.CONFIRMED, State.REJECTED_DOC})
OVER = frozenset({State.FAILED, State.CANCELLED, State.REJECTED})
UPCOMING = frozenset(State) - FINISHED - OVER
_NOT_BEGUN = frozenset({State.PLANNED, State.APPLIED, State.EMPLOYER_REVIEW, State.PROVIDER_REVIEW})


class Actor(StrEnum):
    """Who takes a step. SYSTEM stands for registers, the portal and checks."""

    WORKER = "WORKER"
    HEAD = "HEAD"
    PROVIDER = "PROVIDER"
    SYSTEM = "SYSTEM"


class Source(StrEnum):
    """Where the record came from."""

    SELF = "SELF"
    PORTAL = "PORTAL"
    PROVIDER = "PROVIDER"


def may_step(before: State, after: State, actor: Actor) -> bool:
    """Whether an actor may take a step.

    The head alone decides about agreement; a confirmation and its refusal come from checks only,
    never from a person's word. A check may also take a confirmation back: a document that the
    register annuls must not go on counting, although `CONFIRMED` is otherwise final.
    """
    if actor is Actor.SYSTEM and (before, after) == (State.CONFIRMED, State.REJECTED_DOC):
        return True
    if after not in NEXT[before]:
        return False
    if actor is Actor.HEAD or before is State.EMPLOYER_REVIEW:
        return actor is Actor.HEAD and before is State.EMPLOYER_REVIEW
    if after in {State.CONFIRMED, State.REJECTED_DOC}:
        return actor is Actor.SYSTEM
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Something that a worker studies, studied or will study; `hours` are academic (45 min)."""

    id: str
    worker: str
    kind: Kind
    title: str
    organizer: str
    start_date: date
    end_date: date
    create_time: datetime
    update_time: datetime
    hours: int | None = None
    specialty: str = ""
    form: str = ""
    place: str = ""
    level: int | None = None
    attestation: str = ""
    source: Source = Source.SELF
    external_id: str = ""
    external_revision: int = 0
    programme_id: str = ""
    state: State = State.PLANNED
    reason: str = ""
    version: int = 1

    def steps(self, actor: Actor) -> tuple[State, ...]:
        """States to which an actor may move it now."""
        return tuple(one for one in State if may_step(self.state, one, actor))

    def advance(
        self, to: State, *, actor: Actor, today: date, now: datetime, reason: str = ""
    ) -> Self:
        """Take one step. Raises StepNotAllowed, ActivityNotFinished."""
        if not may_step(self.state, to, actor):
            raise StepNotAllowed(state=self.state.value, to=to.value)
        if to is State.COMPLETED_CLAIMED and self.end_date > today:
            raise ActivityNotFinished(end_date=self.end_date.isoformat())
        return replace(self, state=to, reason=reason, version=self.version + 1, update_time=now)

    def move(
        self, start: date, end: date, *, actor: Actor, now: datetime, reason: str = ""
    ) -> Self:
        """Move it to other days (перенос): a begun one becomes RESCHEDULED, others keep the state.

        Raises StepNotAllowed once it is finished or over.
        """
        if self.state in FINISHED | OVER or actor is Actor.HEAD:
            raise StepNotAllowed(state=self.state.value, to=State.RESCHEDULED.value)
        state = self.state if self.state in _NOT_BEGUN else State.RESCHEDULED
        return replace(
            self,
            start_date=start,
            end_date=end,
            state=state,
            reason=reason,
            version=self.version + 1,
            update_time=now,
        )


def same_specialty(one: str, other: str) -> bool:
    """Whether two names of specialties are the same but for letters and spaces."""
    return specialty_key(one) == specialty_key(other)


def specialty_key(name: str) -> str:
    """A name of a specialty for comparison."""
    return " ".join(name.casefold().replace("ё", "е").split())
