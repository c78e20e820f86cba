"""Files of the board hold what was given, and nothing that a spreadsheet would run."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from sysconfig import get_path

from lkmr_accreditation.clients.sheets import StaffSheets
from lkmr_accreditation.usecases.export_staff import HEADS, Sheet

SHEETS = StaffSheets(Path(get_path("purelib")) / "fontpkg_pt_sans" / "files")
EVIL = "=HYPERLINK(1)"
ROW = (
    EVIL,
    "врач",
    "терапия",
    "терапия",
    "действует",
    date(2026, 12, 18),
    108,
    36,
    "",
    "",
    "",
    None,
)
SHEET = Sheet(
    title="Допуск сотрудников",
    subtitle="Поликлиника (проба)",
    source="Сведения реестра (ФРМР) на 23.11.2026 09:00 МСК",
    stale=False,
    heads=HEADS,
    rows=[ROW, ROW],
    moment=datetime(2026, 11, 23, 9, tzinfo=UTC),
)


async def test_csv_is_read_back_and_starts_no_formula() -> None:
    text = (await SHEETS.csv(SHEET)).decode("utf-8-sig")

    rows = list(csv.reader(io.StringIO(text), delimiter=";"))

    assert tuple(rows[0]) == (*HEADS, "Источник")
    assert rows[1][-1] == SHEET.source
    assert rows[1][0] == f"'{EVIL}"
    assert rows[1][5:8] == ["18.12.2026", "108", "36"]
    assert len(rows) == 3


async def test_a_workbook_holds_text_numbers_and_days_and_no_formula() -> None:
    with zipfile.ZipFile(io.BytesIO(await SHEETS.xlsx(SHEET))) as book:
        page = book.read("xl/worksheets/sheet1.xml").decode()
        words = book.read("xl/sharedStrings.xml").decode()

    assert "<f>" not in page
    assert EVIL in words
    assert "<v>108</v>" in page
    assert "<v>46374</v>" in page  # 18.12.2026 as a day of a spreadsheet


async def test_a_pdf_is_archival() -> None:
    made = await SHEETS.pdf(SHEET)

    assert made.startswith(b"%PDF-1.7")
    assert b"pdfaid:part" in made
