"""The account of a worker: cycles with progress, and single accounts that others ask for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from lkmr_education.domain.activity import Activity, Kind, State, specialty_key
from lkmr_education.domain.counting import (
    Line,
    Period,
    Reason,
    Statement,
    Study,
    Verdict,
    statement,
)
from lkmr_education.domain.cycle import Cycle, CycleState, Progress, cycles_of, progress_of
from lkmr_education.domain.norms import Norms
from lkmr_education.domain.posts import Attestation, Held, Posts
from lkmr_education.domain.warnings import Caution, warnings_of
from lkmr_education.usecases.present_worker import Present


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a worker sees: cycles, warnings, and the line of each activity."""

    present: Present
    progress: Sequence[Progress]
    warnings: Sequence[Caution]
    attestations: Sequence[Attestation] = ()
    lines: dict[str, tuple[Line, Cycle | None]] = field(default_factory=dict)

    @property
    def current(self) -> list[Progress]:
        """Cycles in which hours may be earned now."""
        return [one for one in self.progress if one.cycle.state is not CycleState.SUPERSEDED]

    @property
    def open_specialties(self) -> tuple[str, ...]:
        """Specialties for which hours may be earned now."""
        return tuple(one.cycle.specialty for one in self.current)


def account_of(present: Present, norms: Norms, posts: Posts) -> Account:
    """Count everything that is known about a worker today."""
    studies, today = present.worker.studies, present.today
    record = present.worker.record
    cycles = cycles_of(record, today) if record is not None else []
    progress = [
        progress_of(
            cycle,
            statement(
                _of_specialty(studies, cycle.specialty),
                specialty=cycle.specialty,
                period=cycle.period,
                norms=norms,
                today=today,
            ),
            norms=norms,
            today=today,
        )
        for cycle in cycles
    ]
    attestations = posts.attestations_of(record, studies, today) if record else []
    return Account(
        present=present,
        progress=progress,
        warnings=[
            *warnings_of(progress, studies, norms=norms, today=today),
            *_about_attestations(attestations),
        ],
        attestations=attestations,
        lines=_lines(studies, progress),
    )


def _about_attestations(attestations: Sequence[Attestation]) -> list[Caution]:
    """W-EDU-05 for each required attestation that is absent (F-059)."""
    return [
        Caution(
            id="W-EDU-05",
            text=f"Нет обязательной аттестации: {one.required.title}",
            todo="Ждёт подтверждения документа."
            if one.held is Held.WAITING
            else f"Должность «{one.position}» её требует. Посмотрите предложения.",
            about=(one.required.code,),
        )
        for one in attestations
        if one.is_absent
    ]


def _of_specialty(studies: Sequence[Study], specialty: str) -> list[Study]:
    """Studies credited to a specialty; others are accounted for there or told apart."""
    key = specialty_key(specialty)
    return [one for one in studies if specialty_key(one.activity.specialty) == key]


def _lines(
    studies: Sequence[Study], progress: Sequence[Progress]
) -> dict[str, tuple[Line, Cycle | None]]:
    """For each activity the line of the cycle where it counts, else the newest that explains it."""
    found: dict[str, tuple[Line, Cycle | None]] = {}
    for one in reversed(progress):
        for line in one.statement.lines:
            identity = line.study.activity.id
            known = found.get(identity)
            if known is None or line.reason is not Reason.OUTSIDE_PERIOD:
                found[identity] = (line, one.cycle)
    for study in studies:
        if study.activity.id not in found:
            reason = (
                Reason.SPECIALTY_MISMATCH if study.activity.specialty else Reason.SPECIALTY_MISSING
            )
            line = Line(study=study, verdict=Verdict.NOT_COUNTED, reason=reason)
            found[study.activity.id] = (line, None)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """An activity that is not taken yet."""

    kind: Kind
    hours: int
    end_date: date
    title: str = ""
    specialty: str = ""


def credit_statement(
    present: Present,
    *,
    specialty: str,
    period: Period,
    simulated: Sequence[Simulated],
    norms: Norms,
) -> Statement:
    """The account for one specialty and period, with what might still be taken."""
    extra = [
        _study_of(one, number, specialty, norms, present) for number, one in enumerate(simulated)
    ]
    return statement(
        [*present.worker.studies, *extra],
        specialty=specialty,
        period=period,
        norms=norms,
        today=present.today,
    )


def _study_of(one: Simulated, number: int, specialty: str, norms: Norms, present: Present) -> Study:
    """A simulated study; an event lasts as many days as its hours need under the daily cap."""
    cap = norms.number("cpd.event_cap_per_day", present.today)
    days = 0 if one.kind.is_programme else max(0, -(-one.hours // cap) - 1)
    moment = present.worker.record.fetch_time if present.worker.record else None
    if moment is None:
        raise LookupError("a present worker has a record")
    activity = Activity(
        id=f"simulated-{number}",
        worker=present.worker.id,
        kind=one.kind,
        title=one.title or f"Предполагаемое обучение {number + 1}",
        organizer="",
        start_date=one.end_date - timedelta(days=days),
        end_date=one.end_date,
        hours=one.hours,
        specialty=one.specialty or specialty,
        state=State.PLANNED,
        create_time=moment,
        update_time=moment,
    )
    return Study(activity=activity, simulated=True)
