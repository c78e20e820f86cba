"""Tables as files: XLSX by XlsxWriter, CSV for spreadsheets, PDF by Typst."""

import asyncio
import csv
import io
from datetime import date
from pathlib import Path
from threading import Lock

import orjson
import typst
import xlsxwriter

from lkmr_accreditation.domain.words import short_day
from lkmr_accreditation.usecases.export_staff import Cell, Sheet
from lkmr_servicekit.clock import MOSCOW

TEMPLATE = Path(__file__).with_name("staff.typ")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDTHS = (32, 30, 28, 26, 18, 14, 12, 12, 48, 48, 18, 14)


class StaffSheets:
    """Each file is made in a thread, so that others do not wait for it."""

    def __init__(self, fonts: Path) -> None:
        self._fonts = fonts
        self._lock = Lock()
        self._compiler: typst.Compiler | None = None

    async def xlsx(self, sheet: Sheet) -> bytes:
        """A workbook; cells are text, numbers and days, never formulas."""
        return await asyncio.to_thread(_xlsx, sheet)

    async def csv(self, sheet: Sheet) -> bytes:
        """UTF-8 with a mark of order and semicolons, as Russian spreadsheets expect it."""
        return await asyncio.to_thread(_csv, sheet)

    async def pdf(self, sheet: Sheet) -> bytes:
        """PDF/A-2b, landscape, the head of the table on every page."""
        return await asyncio.to_thread(self._pdf, sheet)

    def _pdf(self, sheet: Sheet) -> bytes:
        content = orjson.dumps(
            {
                "title": sheet.title,
                "subtitle": sheet.subtitle,
                "source": sheet.source,
                "stale": sheet.stale,
                "heads": list(sheet.heads),
                "rows": [[_text(cell) for cell in row] for row in sheet.rows],
                "moment": sheet.moment.astimezone(MOSCOW).strftime("%d.%m.%Y %H:%M"),
            }
        )
        with self._lock:
            if self._compiler is None:
                self._compiler = typst.Compiler(
                    TEMPLATE, font_paths=[self._fonts], ignore_system_fonts=True
                )
            pdf = self._compiler.compile(
                format="pdf",
                pdf_standards=["a-2b"],
                sys_inputs={"content": content.decode()},
                timestamp=int(sheet.moment.timestamp()),
            )
        if not isinstance(pdf, bytes):
            raise TypeError("Typst made no single document")
        return pdf


def _xlsx(sheet: Sheet) -> bytes:
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as book:
        page = book.add_worksheet("Допуск")
        warning = book.add_format({"bold": True, "font_color": "#8A5300"})
        bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
        days = book.add_format({"num_format": "dd.mm.yyyy"})
        page.write_string(0, 0, sheet.title, bold)
        page.write_string(1, 0, sheet.subtitle)
        page.write_string(2, 0, sheet.source, warning if sheet.stale else None)
        for column, head in enumerate(sheet.heads):
            page.write_string(3, column, head, bold)
            page.set_column(column, column, _WIDTHS[column])
        page.freeze_panes(4, 1)
        for number, row in enumerate(sheet.rows, 4):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    page.write_datetime(number, column, cell, days)
                elif isinstance(cell, int):
                    page.write_number(number, column, cell)
                elif cell:
                    page.write_string(number, column, cell, wrap)
        page.autofilter(3, 0, 3 + len(sheet.rows), len(sheet.heads) - 1)
    return made.getvalue()


def _csv(sheet: Sheet) -> bytes:
    made = io.StringIO()
    writer = csv.writer(made, delimiter=";", lineterminator="\r\n")
    writer.writerow([*sheet.heads, "Источник"])
    for row in sheet.rows:
        writer.writerow([*(_harmless(_text(cell)) for cell in row), sheet.source])
    return made.getvalue().encode("utf-8-sig")


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    return short_day(cell) if isinstance(cell, date) else str(cell)


def _harmless(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
