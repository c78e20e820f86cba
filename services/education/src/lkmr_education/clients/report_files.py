"""A report as a file: XLSX by XlsxWriter, CSV for spreadsheets, PDF/A by Typst.

All three are made of the signed content, so that no file can say another number.
"""

import asyncio
import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from typing import Any

import orjson

from lkmr_education.domain.certificate import CHECK_WORDS, Check
from lkmr_education.domain.report import Report
from lkmr_servicekit.clock import MOSCOW

TEMPLATE = Path(__file__).with_name("report.typ")
MEDIA = {
    "XLSX": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "CSV": "text/csv; charset=utf-8",
    "PDF": "application/pdf",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_GROUPS = {"DOCTOR": "Врачи", "NURSE": "Средний персонал", "OTHER": "Иные"}
_ACCREDITATION = {
    "VALID": "Действует",
    "EXPIRING": "Истекает в 180 дней",
    "EXTENDED": "Продлена приказом",
    "EXPIRED": "Истекла",
    "ABSENT": "Нет записи",
    "NOT_NEEDED": "Не требуется",
}
_CREDITS = {
    "programmes": "Программы ПК, ч",
    "events": "Мероприятия, ЗЕТ",
    "modules": "Модули, ЗЕТ",
    "total": "Всего",
    "average": "В среднем на человека",
}
_MENTORING = {"in_progress": "Идёт", "finished": "Завершено за период"}
Row = tuple[Any, ...]


class ReportFiles:
    """The port `ReportPrinter`; each file is made in a thread."""

    media = MEDIA

    def __init__(self, fonts: Path) -> None:
        self._fonts, self._lock = fonts, Lock()
        self._compiler: Any = None

    async def make(self, report: Report, form: str) -> bytes:
        """The report in a form of `MEDIA`; the same report gives the same numbers."""
        work = {"XLSX": _xlsx, "CSV": _csv, "PDF": self._pdf}[form]
        return await asyncio.to_thread(work, report)

    def name(self, report: Report, form: str) -> str:
        """The name under which it is downloaded."""
        moment = report.create_time.astimezone(MOSCOW)
        return f"nmo-report-{moment:%Y-%m-%d}-v{report.version}.{form.lower()}"

    def _pdf(self, report: Report) -> bytes:
        tables = [
            {
                "title": title,
                "heads": list(heads),
                "rows": [[_text(x) for x in row] for row in rows],
            }
            for title, heads, rows in tables_of(orjson.loads(report.content))
        ]
        given = {
            "title": _title(report),
            "subtitle": _subtitle(report),
            "tables": tables,
            "sources": source_lines(orjson.loads(report.content)),
        }
        given["moment"] = report.create_time.astimezone(MOSCOW).strftime("%d.%m.%Y %H:%M")
        import typst  # noqa: PLC0415 - only who prints pays for it at the start

        with self._lock:
            if self._compiler is None:
                self._compiler = typst.Compiler(
                    TEMPLATE, font_paths=[self._fonts], ignore_system_fonts=True
                )
            pdf = self._compiler.compile(
                format="pdf",
                pdf_standards=["a-2b"],
                sys_inputs={"content": orjson.dumps(given).decode()},
                timestamp=int(report.create_time.timestamp()),
            )
        if not isinstance(pdf, bytes):
            raise TypeError("Typst made no single document")
        return pdf


def tables_of(content: dict[str, Any]) -> Iterator[tuple[str, tuple[str, ...], list[Row]]]:
    """The tables of a report: title, heads, rows."""
    staff, state = content["staff"], content["accreditation"]
    groups: list[Row] = [(_GROUPS[name], number) for name, number in staff["groups"].items()]
    yield "Сотрудники", ("Группа", "Человек"), [*groups, ("Всего", staff["total"])]
    yield (
        "Аккредитация",
        ("Состояние", "Человек"),
        [(_ACCREDITATION[name], number) for name, number in state.items()],
    )
    yield (
        "Часы обучения",
        ("Специальность", "Человек", "Набраны", "В графике", "Отстают"),
        [
            tuple(row[name] for name in ("specialty", "people", "sufficient", "on_track", "behind"))
            for row in content["hours"]
        ],
    )
    credited = content["credits"]
    yield (
        "Засчитано за период",
        ("Вид", "Число"),
        [(_CREDITS[name], credited[name]) for name in _CREDITS],
    )
    mentoring = content["mentoring"] or {}  # reports built before it was counted have none
    yield (
        "Наставничество",
        ("Состояние", "Число"),
        [(word, mentoring[name]) for name, word in _MENTORING.items() if name in mentoring],
    )
    yield (
        "Документы, не найденные в ФИС ФРДО",
        ("Программа", "Кем выдан", "Дата выдачи", "Проверка"),
        [
            (one["title"], one["issuer"], _day(one["issue_date"]), CHECK_WORDS[Check(one["check"])])
            for one in content["not_in_register"]
        ],
    )
    yield (
        "Потребность на следующий год",
        ("Специальность", "Программа", "Мест"),
        [(one["specialty"], one["title"], one["places"]) for one in content["planned"]],
    )


def source_lines(content: dict[str, Any]) -> list[str]:
    """How fresh the figures are, in words; reports built before that was told have none."""
    sources = content.get("sources")
    if sources is None:
        return []
    register, portal = sources["register"], sources["portal"]
    said, heard = _moment(register["confirm_time"]), _moment(portal["heard_time"])
    lines = [f"Сведения реестра (ФРМР) на {said}" if said else "Реестр (ФРМР) ещё не ответил"]
    if people := register["stale_people"]:
        total = content["staff"]["total"]
        lines[0] = (
            "Сведения могли устареть: реестр (ФРМР) давно не подтверждал данные"
            f" {people} из {total} сотрудников" + (f", самые ранние на {said}" if said else "")
        )
    if not heard:
        lines.append("Портал НМО ещё не ответил: часы могут быть неполными")
    elif portal["stale"]:
        lines.append(f"Сведения могли устареть: портал НМО последний раз ответил {heard}")
    else:
        lines.append(f"Сведения портала НМО на {heard}")
    return lines


def _moment(text: str | None) -> str:
    if not text:
        return ""
    return datetime.fromisoformat(text).astimezone(MOSCOW).strftime("%d.%m.%Y %H:%M МСК")


def _xlsx(report: Report) -> bytes:
    import xlsxwriter  # noqa: PLC0415 - only who exports pays for it at the start

    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as book:
        book.set_properties({"created": report.create_time.replace(tzinfo=None)})
        page = book.add_worksheet("Отчёт об НМО")
        bold = book.add_format({"bold": True})
        page.set_column(0, 0, 48)
        page.set_column(1, 4, 26)
        page.write_string(0, 0, _title(report), bold)
        page.write_string(1, 0, _subtitle(report))
        content = orjson.loads(report.content)
        line = 2
        for words in source_lines(content):
            page.write_string(line, 0, words)
            line += 1
        line += 1
        for title, heads, rows in tables_of(content):
            page.write_string(line, 0, title, bold)
            for number, row in enumerate((heads, *rows), line + 1):
                for column, cell in enumerate(row):
                    if isinstance(cell, int | float):
                        page.write_number(number, column, cell)
                    else:
                        page.write_string(number, column, cell)
            line += len(rows) + 3
    return made.getvalue()


def _csv(report: Report) -> bytes:
    """UTF-8 with a mark of order and semicolons, as Russian spreadsheets expect it."""
    made = io.StringIO()
    writer = csv.writer(made, delimiter=";", lineterminator="\r\n")
    writer.writerow([_title(report), _subtitle(report)])
    content = orjson.loads(report.content)
    writer.writerows([words] for words in source_lines(content))
    for title, heads, rows in tables_of(content):
        writer.writerow([])
        writer.writerow([title])
        writer.writerow(heads)
        writer.writerows([[_harmless(_text(cell)) for cell in row] for row in rows])
    return made.getvalue().encode("utf-8-sig")


def _title(report: Report) -> str:
    return f"Отчёт о непрерывном образовании, редакция {report.version}"


def _subtitle(report: Report) -> str:
    days = f"{report.period.start:%d.%m.%Y} – {report.period.end:%d.%m.%Y}"
    return f"{report.organization_name}, OID {report.organization_oid}, период {days}"


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%d.%m.%Y}"


def _text(cell: object) -> str:
    return str(cell).replace(".", ",") if isinstance(cell, float) else str(cell)


def _harmless(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
