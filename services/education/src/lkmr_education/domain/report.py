"""The report of continuing education (отчёт об НМО) for the regional health authority."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from lkmr_education.domain.activity import FINISHED, Kind
from lkmr_education.domain.certificate import Check
from lkmr_education.domain.counting import Line, Period, Study, Verdict
from lkmr_education.domain.cycle import CycleState, Pace, Progress
from lkmr_education.domain.draft import Faults
from lkmr_education.domain.errors import ReportInvalid, ReportStepNotAllowed
from lkmr_education.domain.plan import ItemState, PlanItem
from lkmr_education.domain.record import Record

FORM, FORM_VERSION = "RPT-CPD", 1
GROUPS = ("DOCTOR", "NURSE", "OTHER")
_LONGEST_DAYS = 5 * 366
_WORST_FIRST = ("ABSENT", "EXPIRED", "EXTENDED", "EXPIRING", "VALID")
_STATES = {
    "ACTIVE": "VALID",
    "IN_RENEWAL": "VALID",
    "EXPIRING": "EXPIRING",
    "EXTENDED": "EXTENDED",
    "EXPIRED": "EXPIRED",
}
_NOT_NEEDED = "NOT_NEEDED"
_YEAR_DAYS = 365


class ReportState(StrEnum):
    """Where a report stands: asked for, being built, then through signature and sending."""

    QUEUED = "QUEUED"
    BUILDING = "BUILDING"
    VALIDATED = "VALIDATED"
    HAS_ERRORS = "HAS_ERRORS"
    SIGNED = "SIGNED"
    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    CORRECTED = "CORRECTED"


UNBUILT = frozenset({ReportState.QUEUED, ReportState.BUILDING})
REPORT_WORDS = {
    ReportState.QUEUED: "Принят в работу",
    ReportState.BUILDING: "Строится",
    ReportState.VALIDATED: "Проверен, ждёт подписи",
    ReportState.HAS_ERRORS: "Есть ошибки",
    ReportState.SIGNED: "Подписан",
    ReportState.SENT: "Отправлен",
    ReportState.ACCEPTED: "Принят",
    ReportState.REJECTED: "Отклонён",
    ReportState.CORRECTED: "Заменён исправленным",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A member of the staff with everything that is counted."""

    worker: str
    group: str
    record: Record | None
    progress: Sequence[Progress]
    lines: Iterable[Line]
    studies: Sequence[Study]
    plan: Sequence[PlanItem] = ()
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """When a source last spoke, None for never, and whether that is too long ago."""

    time: datetime | None
    stale: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A control of the form that is not met: row, rule, in words."""

    row: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One version of a report; `content` is what is signed, byte for byte."""

    id: str
    organization_oid: str
    organization_name: str
    period: Period
    version: int
    state: ReportState
    content: bytes
    created_by: str
    create_time: datetime
    update_time: datetime
    errors: tuple[Control, ...] = ()
    replaces: str = ""
    signature: bytes = b""
    certificate: bytes = b""
    signed_by: str = ""
    sign_time: datetime | None = None
    send_asked: bool = False
    sent_by: str = ""
    number: str = ""
    reason: str = ""
    receipt: bytes = field(default=b"")
    staff_done: int = 0
    staff_total: int = 0

    def begun(self, staff_total: int, now: datetime) -> Self:
        """Being built, from the first member of the staff on. Raises ReportStepNotAllowed."""
        self._require(*UNBUILT)
        return replace(
            self,
            state=ReportState.BUILDING,
            staff_done=0,
            staff_total=staff_total,
            update_time=now,
        )

    def counted(self, staff_done: int, now: datetime) -> Self:
        """With so many members of the staff counted. Raises ReportStepNotAllowed."""
        self._require(ReportState.BUILDING)
        return replace(self, staff_done=staff_done, update_time=now)

    def built(
        self, name: str, content: bytes, errors: "tuple[Control, ...]", now: datetime
    ) -> Self:
        """With its figures. Raises ReportStepNotAllowed."""
        self._require(ReportState.BUILDING)
        return replace(
            self,
            organization_name=name,
            state=ReportState.HAS_ERRORS if errors else ReportState.VALIDATED,
            content=content,
            errors=errors,
            update_time=now,
        )

    def signed(self, signature: bytes, certificate: bytes, *, by: str, now: datetime) -> Self:
        """With a signature. Raises ReportStepNotAllowed."""
        self._require(ReportState.VALIDATED)
        return replace(
            self,
            state=ReportState.SIGNED,
            signature=signature,
            certificate=certificate,
            signed_by=by,
            sign_time=now,
            update_time=now,
        )

    def asked_to_send(self, now: datetime, *, by: str) -> Self:
        """To be handed over as soon as the receiver takes it; `by` is told of its word.

        Raises ReportStepNotAllowed.
        """
        self._require(ReportState.SIGNED)
        return replace(self, send_asked=True, sent_by=by, update_time=now)

    def told(self, number: str, state: str, reason: str, receipt: bytes, now: datetime) -> Self:
        """After a word of the receiver: SENT until it decides."""
        after = ReportState(state) if state in {"ACCEPTED", "REJECTED"} else ReportState.SENT
        return replace(
            self, state=after, number=number, reason=reason, receipt=receipt, update_time=now
        )

    def corrected(self, now: datetime) -> Self:
        """Replaced by a new version. Raises ReportStepNotAllowed for what may not be replaced."""
        self._require(ReportState.REJECTED, ReportState.VALIDATED, ReportState.HAS_ERRORS)
        return replace(self, state=ReportState.CORRECTED, update_time=now)

    def _require(self, *states: ReportState) -> None:
        if self.state not in states:
            raise ReportStepNotAllowed(state=self.state.value)


def period_of(start: str, end: str, today: date) -> Period:
    """The period of a report; its last day cannot lie ahead. Raises ReportInvalid."""
    faults = Faults()
    first = faults.day("period_start", start, "Укажите начало периода.", today)
    last = faults.day("period_end", end, "Укажите конец периода.", today)
    if first and last:
        if last < first:
            faults.add("period_end", "BEFORE_START", "Конец раньше начала.")
        elif last > today:
            faults.add("period_end", "IN_FUTURE", "Период ещё не закончился.")
        elif (last - first).days > _LONGEST_DAYS:
            faults.add("period_start", "OUT_OF_RANGE", "Период не длиннее пяти лет.")
    if faults.found or first is None or last is None:
        raise ReportInvalid(faults.found)
    return Period(start=first, end=last)


def content_of(
    staff: Sequence[Counted],
    *,
    organization: tuple[str, str],
    period: Period,
    today: date,
    portal: Heard,
) -> dict[str, Any]:
    """Figures of an organisation and period; nothing of it names a person.

    `sources` say how fresh the figures are: the oldest word of the register (ФРМР) about a member,
    how many members it was silent about for too long, the last word of the portal (НМО).

    Source: состав отчёта 2.8, решение проекта; hours by the rule of 144 hours (приказ 709н).
    """
    groups = Counter(one.group for one in staff)
    states = Counter(_accreditation(one.record, today) for one in staff)
    return {
        "form": FORM,
        "form_version": FORM_VERSION,
        "organization": {"oid": organization[0], "name": organization[1]},
        "period": {"start": period.start.isoformat(), "end": period.end.isoformat()},
        "as_of": today.isoformat(),
        "sources": {
            "register": {"confirm_time": _iso(_oldest(staff)), "stale_people": _silent(staff)},
            "portal": {"heard_time": _iso(portal.time), "stale": portal.stale},
        },
        "staff": {"total": len(staff), "groups": {name: groups[name] for name in GROUPS}},
        "accreditation": {name: states[name] for name in (*_WORST_FIRST[::-1], _NOT_NEEDED)},
        "hours": _hours(staff),
        "credits": _credits(staff, period),
        "not_in_register": _not_in_register(staff, period),
        "mentoring": _mentoring(staff, period, today),
        "planned": _planned(staff, today),
    }


def _oldest(staff: Sequence[Counted]) -> datetime | None:
    said = (one.record.confirm_time for one in staff if one.record is not None)
    return min((moment for moment in said if moment is not None), default=None)


def _silent(staff: Sequence[Counted]) -> int:
    return sum(one.stale for one in staff)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def controls_of(content: dict[str, Any]) -> tuple[Control, ...]:
    """Controls of the form that are not met."""
    total = content["staff"]["total"]
    found = []
    if total != sum(content["staff"]["groups"].values()):
        found.append(Control(row="staff", message="Численность не равна сумме групп."))
    if total != sum(content["accreditation"].values()):
        found.append(
            Control(row="accreditation", message="Сумма по аккредитации не равна численности.")
        )
    found += [
        Control(row=f"hours/{row['specialty']}", message="Сумма по часам не равна числу людей.")
        for row in content["hours"]
        if row["people"] != row["sufficient"] + row["on_track"] + row["behind"]
    ]
    credited = content["credits"]
    if credited["total"] != sum(credited[name] for name in ("programmes", "events", "modules")):
        found.append(Control(row="credits", message="Всего часов не равно сумме видов."))
    if not total:
        found.append(Control(row="staff", message="В организации нет сотрудников."))
    return tuple(found)


def _accreditation(record: Record | None, today: date) -> str:
    """The worst state over the specialties of present jobs."""
    if record is None:
        return "ABSENT"
    held = {job.specialty.casefold() for job in record.current_jobs(today) if job.specialty}
    if not held:
        return _NOT_NEEDED
    return min((_best(record, one) for one in held), key=_WORST_FIRST.index)


def _best(record: Record, specialty: str) -> str:
    found = [
        _STATES[entry.state]
        for entry in record.entries
        if entry.specialty.casefold() == specialty and entry.state in _STATES
    ]
    return max(found, key=_WORST_FIRST.index, default="ABSENT")


def _hours(staff: Sequence[Counted]) -> list[dict[str, Any]]:
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for one in staff:
        for cycle in one.progress:
            if cycle.cycle.state is not CycleState.SUPERSEDED:
                rows[cycle.cycle.specialty][_standing(cycle)] += 1
    return [
        {
            "specialty": specialty,
            "people": sum(row.values()),
            **{name: row[name] for name in ("sufficient", "on_track", "behind")},
        }
        for specialty, row in sorted(rows.items())
    ]


def _standing(one: Progress) -> str:
    if one.statement.sufficient:
        return "sufficient"
    return "on_track" if one.pace is Pace.GREEN else "behind"


def _credits(staff: Sequence[Counted], period: Period) -> dict[str, Any]:
    sums: Counter[str] = Counter()
    for one in staff:
        for line in one.lines:
            if line.verdict is Verdict.COUNTED and period.contains(line.study.activity.end_date):
                sums[_kind(line.study.activity.kind)] += line.counted
    total = sum(sums.values())
    return {
        **{name: sums[name] for name in ("programmes", "events", "modules")},
        "total": total,
        "average": round(total / len(staff), 1) if staff else 0.0,
    }


def _kind(kind: Kind) -> str:
    if kind.is_programme:
        return "programmes"
    return "modules" if kind is Kind.IOM else "events"


def _not_in_register(staff: Sequence[Counted], period: Period) -> list[dict[str, Any]]:
    found = []
    for study in (study for one in staff for study in one.studies):
        document, activity = study.certificate, study.activity
        if document is None or not document.in_register or document.check is Check.FOUND:
            continue
        if activity.state in FINISHED and period.contains(activity.end_date):
            found.append(
                {
                    "title": activity.title,
                    "issuer": document.issuer,
                    "issue_date": document.issue_date.isoformat(),
                    "check": document.check.value,
                }
            )
    return sorted(found, key=lambda one: (one["issue_date"], one["issuer"], one["title"]))


def _mentoring(staff: Sequence[Counted], period: Period, today: date) -> dict[str, int]:
    """Terms of mentoring that last today, and those that ended in the period."""
    terms = [one for member in staff if member.record for one in member.record.mentoring]
    return {
        "in_progress": sum(one.start_date <= today <= one.end_date for one in terms),
        "finished": sum(one.end_date < today and period.contains(one.end_date) for one in terms),
    }


def _planned(staff: Sequence[Counted], today: date) -> list[dict[str, Any]]:
    """Places that the next year needs, by specialty and programme."""
    places: Counter[tuple[str, str]] = Counter()
    for item in (item for one in staff for item in one.plan):
        ahead = 0 <= (item.deadline - today).days <= _YEAR_DAYS
        if ahead and item.state in {ItemState.OPEN, ItemState.STARTED}:
            places[item.specialty, item.title] += 1
    return [
        {"specialty": specialty, "title": title, "places": number}
        for (specialty, title), number in sorted(places.items())
    ]
