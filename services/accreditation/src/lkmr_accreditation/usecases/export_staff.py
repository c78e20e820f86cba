"""The board of staff as a file: XLSX, CSV or PDF, the same rows in the same order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from lkmr_accreditation.domain.errors import FilterInvalid
from lkmr_accreditation.domain.law import Law
from lkmr_accreditation.domain.staff import Admission, admission_of
from lkmr_accreditation.domain.words import short_day
from lkmr_accreditation.usecases.staff import (
    BoardRow,
    CountedGroup,
    Scope,
    Source,
    StaffFilter,
    StaffReader,
    scope_of,
    source_of,
    today_in,
    without_small_groups,
)
from lkmr_servicekit.clock import MOSCOW, Clock
from lkmr_servicekit.identity import Caller

FORMATS = frozenset({"XLSX", "CSV", "PDF"})
ALL = 100_000
ADMISSION_WORDS = {
    Admission.CAN_WORK: "действует",
    Admission.EXPIRING: "истекает",
    Admission.CANNOT_WORK: "не может работать",
    Admission.NOT_CHECKED: "не проверено",
}
ACTOR_WORDS = {
    "WORKER": "сотрудник",
    "HR": "отдел кадров",
    "HEAD": "руководитель",
    "PROVIDER": "учебная организация",
    "REGISTER": "оператор регистра",
    "CABINET": "кабинет",
    "NOBODY": "",
}
HEADS = (
    "Сотрудник", "Должность", "Отделение", "Специальность", "Допуск", "Действует до",
    "Часов засчитано", "Часов не хватает", "Что мешает", "Что сделать", "Чей шаг", "Срок",
)  # fmt: skip
GROUP_HEADS = ("Часть", "Всего", "Могут работать", "Истекает за 90 дней", "Не могут работать",
               "Не проверено", "Отстают по часам")  # fmt: skip

Cell = str | int | date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table with its heading; `source` says as of when the register is known."""

    title: str
    subtitle: str
    source: str
    stale: bool
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    moment: datetime


class Sheets(Protocol):
    """Writes tables as files."""

    async def xlsx(self, sheet: Sheet) -> bytes: ...

    async def csv(self, sheet: Sheet) -> bytes: ...

    async def pdf(self, sheet: Sheet) -> bytes: ...


async def export_staff(
    caller: Caller,
    asked: StaffFilter,
    format_: str,
    *,
    reader: StaffReader,
    sheets: Sheets,
    law: Law,
    clock: Clock,
) -> bytes:
    """The file; one of stale data says so. Raises FilterInvalid, OrganizationRequired."""
    asked.check()
    if format_ not in FORMATS:
        raise FilterInvalid(field="format", value=format_[:40])
    scope = scope_of(caller)
    today, source = today_in(scope, clock), await source_of(reader, law, clock)
    if scope.kind == "a":
        by = "organization" if scope.region else "specialty"
        groups = without_small_groups(await reader.groups(scope, by, today))
        sheet = _groups_sheet(groups, scope, today, source, clock.now())
    else:
        rows = await reader.rows(scope, asked, today, None, ALL)
        sheet = _rows_sheet(rows, scope, today, source, clock.now())
    writers = {"XLSX": sheets.xlsx, "CSV": sheets.csv, "PDF": sheets.pdf}
    return await writers[format_](sheet)


def source_words(source: Source) -> str:
    """As of when the register is known, in words."""
    if source.heard is None:
        return "Реестр (ФРМР) ещё не ответил: сведения могут быть неполными"
    moment = source.heard.astimezone(MOSCOW).strftime("%d.%m.%Y %H:%M МСК")
    if source.stale:
        return f"Сведения могли устареть: реестр (ФРМР) последний раз ответил {moment}"
    return f"Сведения реестра (ФРМР) на {moment}"


def _rows_sheet(
    rows: Sequence[BoardRow], scope: Scope, today: date, source: Source, now: datetime
) -> Sheet:
    place = rows[0].organization_name if rows else ""
    part = f", {scope.department}" if scope.department else ""
    return Sheet(
        title="Допуск сотрудников",
        subtitle=f"{place}{part}, на {short_day(today)}, сотрудников: {len(rows)}",
        source=source_words(source),
        stale=source.stale,
        heads=HEADS,
        rows=[_row(one, today) for one in rows],
        moment=now,
    )


def _row(row: BoardRow, today: date) -> tuple[Cell, ...]:
    admission = admission_of(checked=row.checked, valid_until=row.valid_until, today=today)
    return (
        " ".join(
            part
            for part in (row.name.family_name, row.name.given_name, row.name.patronymic)
            if part
        ),
        "; ".join(job["position"] for job in row.jobs),
        "; ".join(dict.fromkeys(job["department"] for job in row.jobs if job["department"])),
        "; ".join(row.specialties),
        ADMISSION_WORDS[admission],
        row.valid_until,
        row.hours,
        row.hours_missing,
        row.hindrance,
        row.todo,
        ACTOR_WORDS.get(row.actor, row.actor),
        row.deadline,
    )


def _groups_sheet(
    groups: Sequence[CountedGroup], scope: Scope, today: date, source: Source, now: datetime
) -> Sheet:
    where = f"регион {scope.region}" if scope.region else "организация"
    return Sheet(
        title="Допуск сотрудников, сводно",
        subtitle=f"{where}, на {short_day(today)}; части меньше пяти человек сложены",
        source=source_words(source),
        stale=source.stale,
        heads=GROUP_HEADS,
        rows=[
            (
                one.name,
                one.counts.total,
                one.counts.can_work,
                one.counts.expiring,
                one.counts.cannot_work,
                one.counts.not_checked,
                one.counts.behind,
            )
            for one in groups
        ],
        moment=now,
    )
