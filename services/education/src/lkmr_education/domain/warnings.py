"""Warnings about continuing education (W-EDU-01…08): what is wrong, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lkmr_education.domain.activity import OVER, specialty_key
from lkmr_education.domain.certificate import Check
from lkmr_education.domain.counting import Line, Reason, Study, Verdict
from lkmr_education.domain.cycle import CycleState, Progress
from lkmr_education.domain.norms import Norms

_YEAR_AHEAD = 365
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """One warning; `about` are ids of activities or codes that it speaks of."""

    id: str
    text: str
    todo: str
    cycle: str = ""
    about: tuple[str, ...] = ()
    severe: bool = True


def warnings_of(
    progress: Sequence[Progress], studies: Sequence[Study], *, norms: Norms, today: date
) -> list[Caution]:
    """All warnings about hours, documents and specialties; those of plan and attestations apart."""
    made: list[Caution] = []
    current = [one for one in progress if one.cycle.state is not CycleState.SUPERSEDED]
    for one in current:
        made += _about_hours(one, today)
        made += _about_lines(one, norms, today)
    made += _about_specialties(studies, current)
    return made


def _about_hours(one: Progress, today: date) -> list[Caution]:
    account, cycle = one.statement, one.cycle
    made = []
    left = one.days_left if one.days_left is not None else _YEAR_AHEAD
    if account.missing_programme and left < _YEAR_AHEAD:
        made.append(
            Caution(
                id="W-EDU-01",
                text=f"До {account.required_programme} ч программ ПК не хватает"
                f" {account.missing_programme} ч",
                todo="Выберите программу повышения квалификации, которая успеет попасть в реестр.",
                cycle=cycle.id,
            )
        )
    if account.missing:
        made.append(
            Caution(
                id="W-EDU-02",
                text=f"До {account.required} ч не хватает {account.missing} ч",
                todo="Посмотрите предложения по специальности.",
                cycle=cycle.id,
            )
        )
    year = next((year for year in one.years if year.start <= today <= year.end), None)
    if year is not None:
        whole = (year.end - year.start).days + 1
        gone = (today - year.start).days + 1
        if year.programme + year.portal < year.target * gone // whole:
            made.append(
                Caution(
                    id="W-EDU-06",
                    text=f"Отстаёте от годового плана {year.target} ЗЕТ",
                    todo="Это рекомендация портала НМО, аккредитации она не мешает.",
                    cycle=cycle.id,
                    severe=False,
                )
            )
    return made


def _about_lines(one: Progress, norms: Norms, today: date) -> list[Caution]:
    grace = timedelta(days=norms.number("frdo.grace_days", today))
    lost = [line for line in one.statement.lines if _not_in_register(line, grace, today)]
    late = [x for x in one.statement.lines if x.reason is Reason.PORTAL_DELAYED]
    made = []
    if lost:
        made.append(
            Caution(
                id="W-EDU-03",
                text="Документ не найден в ФИС ФРДО",
                todo="Обратитесь в учебную организацию: она обязана внести сведения за 60 дней.",
                cycle=one.cycle.id,
                about=_ids(lost),
            )
        )
    if late:
        days = norms.number("cpd.portal_delay_days", today)
        made.append(
            Caution(
                id="W-EDU-04",
                text=f"ЗЕТ не начислены более {days} дней",
                todo="Введите код подтверждения или напишите организатору.",
                cycle=one.cycle.id,
                about=_ids(late),
            )
        )
    return made


def _not_in_register(line: Line, grace: timedelta, today: date) -> bool:
    """A document that the register still does not know when the term of its entry is over."""
    document = line.study.certificate
    if document is None or line.verdict is Verdict.COUNTED:
        return False
    if line.reason in {Reason.DUPLICATE, Reason.SPECIALTY_MISMATCH, Reason.OUTSIDE_PERIOD}:
        return False
    absent = document.check in {Check.NOT_FOUND, Check.WAITING}
    return absent and today > document.issue_date + grace


def _about_specialties(studies: Sequence[Study], current: Sequence[Progress]) -> list[Caution]:
    """Studies whose specialty has no cycle: their hours are credited nowhere."""
    own = {specialty_key(one.cycle.specialty) for one in current}
    foreign = [
        study.activity
        for study in studies
        if study.activity.specialty
        and study.activity.state not in OVER
        and specialty_key(study.activity.specialty) not in own
    ]
    if not foreign or not own:
        return []
    return [
        Caution(
            id="W-EDU-08",
            text="Программа не по вашей специальности, часы не засчитаны",
            todo="Если программа подходит, выберите для неё специальность своего цикла.",
            about=tuple(one.id for one in foreign[:_SHOWN]),
            severe=False,
        )
    ]


def _ids(lines: Sequence[Line]) -> tuple[str, ...]:
    return tuple(line.study.activity.id for line in lines[:_SHOWN])
