"""Extracts: pages of sealed PDF/A a second, against Typst alone on the same content.

Each page has its own content, as each person has; both variants run in turn in this process.
"""

import asyncio
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from sysconfig import get_path

import orjson
import typst

from benchmarks.measure import ratio
from benchmarks.report import Aim, Report, Table
from lkmr_accreditation.clients.printer import TEMPLATE, TypstPrinter
from lkmr_accreditation.clients.seal import Seal
from lkmr_rig import seal as rig_seal
from lkmr_rig.layout import Home

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FONTS = Path(get_path("purelib")) / "fontpkg_pt_sans" / "files"
URL = "https://localhost:8084/verify/0ws4mQ4X3S2mHbS6yY8q3iZk"
SHARE = 0.25


def content_of(number: int) -> bytes:
    """The content of an extract of one person."""
    return orjson.dumps(
        {
            "annulled": False,
            "birth_date": "1984-03-12",
            "commission": "Центральная аккредитационная комиссия",
            "effective_expire_date": "2028-12-18",
            "expire_date": "2028-12-18",
            "extension": "",
            "kind": "PERIODIC",
            "name": f"Образцова Проба {number}",
            "organizations": [["Проверочная поликлиника", "врач-терапевт участковый"]],
            "protocol_date": "2023-11-30",
            "protocol_number": "41",
            "record_date": "2023-12-18",
            "registry_number": f"7723 {number:09d}",
            "snils": "***-***-*37 98",
            "specialty": "терапия",
            "extract_id": str(uuid.UUID(int=number)),
            "code": f"{number:024d}",
            "create_time": NOW.isoformat(),
            "source_system": "ФРМР",
            "source_version": 3,
        }
    )


async def run_extracts(home: Path, *, rounds: int = 5, pages: int = 60) -> Report:
    """Ours (codes, statement, PDF/A, PAdES) and the bare compiler in turn, round by round."""
    return await asyncio.to_thread(_run, home, rounds, pages)


def _run(home: Path, rounds: int, pages: int) -> Report:
    place = Home(home)
    rig_seal.make(place)
    secrets = place.secrets("accreditation")
    seal = Seal(secrets / "seal_certificates", secrets / "seal_key")
    printer = TypstPrinter(FONTS, seal)
    ready = [printer.inputs_of(content_of(one), URL, NOW) for one in range(pages)]
    compiler = typst.Compiler(TEMPLATE, font_paths=[FONTS], ignore_system_fonts=True)

    def ours(number: int) -> object:
        return printer.printed(content_of(number), URL, NOW)

    def alone(number: int) -> object:
        given = {**ready[number % pages], "content": content_of(number).decode()}
        return compiler.compile(format="pdf", pdf_standards=["a-2b"], sys_inputs=given)

    def signed(_: int) -> object:
        return seal.sign_pdf(plain, NOW)

    plain = alone(1)
    assert isinstance(plain, bytes)
    seen: dict[str, list[float]] = {"ours": [], "Typst alone": [], "signature alone": []}
    variants = {"ours": ours, "Typst alone": alone, "signature alone": signed}
    for name, work in variants.items():
        _pages_a_second(work, 3, 10**6 + len(name))
    for number in range(rounds):
        for name, work in variants.items():
            seen[name].append(_pages_a_second(work, pages, 1 + number * pages))
    found = ratio(seen["ours"], seen["Typst alone"])
    table = Table(["variant", "pages/s"])
    table.rows = [[name, f"{_middle(values):.0f}"] for name, values in seen.items()]
    report = Report("extracts", "Extracts as sealed PDF/A")
    report.aims = [Aim.at_least("pages/s against Typst alone", SHARE, found)]
    report.tables = [table]
    report.notes = [
        "One core. Ours draws two QR codes, signs the statement, compiles, signs the file.",
        "A repeated download is no work: the stored bytes are given out.",
    ]
    return report


def _pages_a_second(work: Callable[[int], object], pages: int, first: int) -> float:
    start = time.perf_counter()
    for number in range(first, first + pages):
        work(number)
    return pages / (time.perf_counter() - start)


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
