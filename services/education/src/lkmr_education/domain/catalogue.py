"""Programmes that can be taken (каталог программ), and which of them close a gap in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lkmr_education.domain.activity import Kind, specialty_key
from lkmr_education.domain.counting import Statement
from lkmr_education.domain.norms import Norms


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A programme, event or module of the catalogue; without days it may begin at any time.

    `price` is in roubles, 0 for free ones.
    """

    id: str
    title: str
    provider: str
    kind: Kind
    hours: int
    specialties: tuple[str, ...]
    level: int | None = None
    start_date: date | None = None
    end_date: date | None = None
    form: str = ""
    city: str = ""
    price: int = 0
    url: str = ""
    annotation: str = ""
    attestation: str = ""
    new_competence: bool = False

    def days(self, today: date) -> tuple[date, date]:
        """First and last day when it is begun as soon as it can be (6 hours a day)."""
        start = self.start_date or today
        return start, self.end_date or start + timedelta(days=max(0, -(-self.hours // 6) - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A programme that closes a gap, in time or not, and why it is shown."""

    programme: Programme
    closes: int
    remaining: int
    credited_on: date
    in_time: bool
    reason: str


def suggest(
    programmes: Sequence[Programme],
    account: Statement,
    *,
    deadline: date,
    required_level: int | None,
    norms: Norms,
    today: date,
) -> list[Suggestion]:
    """Programmes that bring missing hours of a cycle; in time and soonest closing ones first.

    Order: those in time, those that bring missing hours of programmes while such are missing, those
    that close the whole gap, the day of credit, more hours, by distance, price, first day.
    Source: решение проекта; buffer `cpd.deadline_buffer_days`.
    """
    wanted = [one for one in programmes if _fits(one, account, required_level)]
    made = [_suggestion(one, account, deadline, norms, today) for one in wanted]
    useful = [one for one in made if one.closes]
    pressing = account.missing_programme > 0

    def key(one: Suggestion) -> tuple[object, ...]:
        programme = one.programme
        return (
            not one.in_time,
            pressing and not programme.kind.is_programme,
            one.remaining > 0,
            one.credited_on,
            -one.closes,
            programme.form != "DISTANCE",
            programme.price,
            programme.days(today)[0],
            programme.id,
        )

    return sorted(useful, key=key)


def _fits(one: Programme, account: Statement, required_level: int | None) -> bool:
    """Same specialty; a level that is known must not be below the one of the post."""
    specialties = {specialty_key(name) for name in one.specialties}
    low = one.level is not None and required_level is not None and one.level < required_level
    credited = one.kind.is_portal or one.kind in {Kind.PK, Kind.DISTANCE}
    return credited and not low and specialty_key(account.specialty) in specialties


def _suggestion(
    one: Programme, account: Statement, deadline: date, norms: Norms, today: date
) -> Suggestion:
    end = one.days(today)[1]
    wait = _wait(one, norms, today)
    credited = end + timedelta(days=wait)
    in_time = end >= today and credited <= deadline
    gain = _gain(one, norms, today)
    gap = _gap(one, account)
    closes = min(gain, gap)
    whole = max(account.missing, account.missing_programme)
    return Suggestion(
        programme=one,
        closes=closes,
        remaining=max(0, whole - closes),
        credited_on=credited,
        in_time=in_time,
        reason=_reason(one, account, closes, credited, deadline, in_time=in_time),
    )


def _gap(one: Programme, account: Statement) -> int:
    """Missing hours that this kind may bring."""
    if one.kind.is_programme:
        return max(account.missing_programme, account.missing)
    return max(0, account.missing - account.missing_programme)


def _gain(one: Programme, norms: Norms, today: date) -> int:
    if one.kind.is_programme:
        return one.hours if one.hours >= norms.number("cpd.pk_min_hours", today) else 0
    start, end = one.days(today)
    return min(one.hours, ((end - start).days + 1) * norms.number("cpd.event_cap_per_day", today))


def _wait(one: Programme, norms: Norms, today: date) -> int:
    """Days from the end until hours are credited, with the buffer of the project."""
    if one.kind.is_programme:
        return norms.number("cpd.deadline_buffer_days", today)
    return 0 if one.kind is Kind.IOM else norms.number("cpd.code_delay_days", today)


def _reason(
    one: Programme,
    account: Statement,
    closes: int,
    credited: date,
    deadline: date,
    *,
    in_time: bool,
) -> str:
    gap = "программ ПК" if one.kind.is_programme and account.missing_programme else "до нормы"
    units = "ч" if one.kind.is_programme else "ЗЕТ"
    brings = f"Закроет {closes} {units} {gap}"
    if not in_time:
        return f"{brings}, но начисление ожидается после {deadline:%d.%m.%Y}: не успеть."
    if one.kind is Kind.IOM:
        return f"{brings}. Балл приходит сразу после теста."
    return f"{brings}. Начисление до {credited:%d.%m.%Y}, срок {deadline:%d.%m.%Y}: успеваете."
