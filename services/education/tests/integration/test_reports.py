"""The report for the regional health authority: figures, signature, sending, receipt."""

import asyncio
import csv
import io
import zipfile
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import uuid4

import orjson
import pytest
from lkmr.education.v1 import education_service_pb2 as pb
from pypdf import PdfReader

from lkmr_education.clients.report_files import source_lines
from lkmr_education.domain.certificate import Check
from lkmr_education.domain.errors import ReceiverUnavailable
from lkmr_education.domain.record import Mentoring, Record
from lkmr_education.domain.report import Report
from lkmr_education.usecases import build_reports
from lkmr_education.usecases.build_reports import PORTION, ReportBuilder, Sources
from lkmr_education.usecases.ports import Member
from lkmr_education.usecases.present_worker import Present
from lkmr_education.usecases.reports import Word, follow_reports
from lkmr_gost import load_certificate
from lkmr_gost.cms import CmsRefused, verify_signed

from ..builders import GP1, POSTS, WORKER, a_notice, a_record
from .conftest import Service, World, a_person
from .test_service import checked, refused

pytestmark = pytest.mark.servers
NURSE = "7f3b0000-0000-4000-8000-000000000002"
COORDINATOR = a_person("", "EDU_COORD", subject="coordinator")
HEAD = a_person("", "HEAD_ORG", subject="head")
PERIOD = {"period_start": "2026-01-01", "period_end": "2026-11-23"}


@dataclass
class PlayedReceiver:
    """A supervising body that says what it was told to."""

    words: list[Word] = field(default_factory=list)
    got: list[Report] = field(default_factory=list)
    away: bool = False

    async def send(self, report: Report) -> Word:
        if self.away:
            raise ReceiverUnavailable
        self.got.append(report)
        return self.words.pop(0)

    async def word(self, number: str) -> Word:
        assert number == "ДЗ-1"
        return self.words.pop(0)


async def built(service: Service, **fields: str) -> Any:
    request = pb.BuildReportRequest(**(PERIOD | fields))
    return await service.call("BuildReport", request, COORDINATOR)


async def step(service: Service, method: str, report: Any, who: Any = HEAD) -> Any:
    request = getattr(pb, f"{method}Request")(name=f"reports/{report['id']}")
    return await service.call(method, request, who)


async def follow(service: Service, receiver: PlayedReceiver) -> int:
    return await follow_reports(receiver=receiver, new_uow=service.new_uow, clock=service.clock)


def a_nurse() -> Member:
    return Member(
        worker=NURSE,
        family_name="Сидорова",
        given_name="Мария",
        patronymic="",
        position="медицинская сестра",
        department="",
    )


@pytest.mark.proves("F-062")
async def test_figures_are_those_of_the_primary_data_in_every_form(
    service: Service, world: World
) -> None:
    service.staff.members.append(a_nurse())
    terms = ((2025, 5), (2026, 3), (2026, 12))  # ended before the period, in it, goes on
    service.directory.record = a_record(
        mentoring=tuple(
            Mentoring(
                specialty="кардиология",
                start_date=date(2024, 1, 1),
                end_date=date(year, month, 1),
            )
            for year, month in terms
        )
    )
    found = await service.with_document("ПК-1")
    await checked(service, found["certificate"]["id"], Check.FOUND)
    await service.with_document("ПК-2", title="Пневмонии", start_date="2026-03-02",
                                end_date="2026-03-10")  # fmt: skip
    await service.with_document("ПК-3", title="Старое", start_date="2025-02-01",
                                end_date="2025-02-10")  # fmt: skip
    day = {"start_date": "2026-05-05", "end_date": "2026-05-05"}
    module = a_notice(study="m1", kind="IOM", hours=2, title="Модуль", **day)
    await world.tell(a_notice(), module)

    report = await built(service)
    figures = report["content"]

    pool = service.store.pool
    sums = {
        row["kind"]: row["sum"]
        for row in await pool.fetch(
            "SELECT kind, sum(units) FROM confirmation f JOIN activity a ON a.id = f.activity_id"
            " WHERE revoke_time IS NULL AND end_date BETWEEN '2026-01-01' AND '2026-11-23'"
            " GROUP BY kind"
        )
    }
    assert figures["credits"] == {
        "programmes": sums["PK"],
        "events": sums["CONFERENCE"],
        "modules": sums["IOM"],
        "total": sum(sums.values()),
        "average": sum(sums.values()) / 2,
    }
    absent = await pool.fetchval(
        "SELECT count(*) FROM certificate c JOIN activity a ON a.id = c.activity_id"
        " WHERE check_state <> 'FOUND' AND end_date BETWEEN '2026-01-01' AND '2026-11-23'"
    )
    assert [one["title"] for one in figures["not_in_register"]] == ["Пневмонии"]
    assert absent == 1
    assert figures["staff"] == {"total": 2, "groups": {"DOCTOR": 1, "NURSE": 1, "OTHER": 0}}
    assert sum(figures["accreditation"].values()) == 2
    assert sum(row["people"] for row in figures["hours"]) == 1
    assert figures["mentoring"] == {"in_progress": 1, "finished": 1}
    assert report["state"] == "VALIDATED"
    assert "Петров" not in str(report)
    assert WORKER not in str(report)

    files = {}
    for form in ("CSV", "XLSX", "PDF"):
        request = pb.DownloadReportRequest(name=f"reports/{report['id']}", format=form)
        files[form] = (await service.call("DownloadReport", request, COORDINATOR)).content
    cells = {
        row[0]: row[1]
        for row in csv.reader(io.StringIO(files["CSV"].decode("utf-8-sig")), delimiter=";")
        if len(row) == 2
    }
    shown = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(files["PDF"])).pages)
    with zipfile.ZipFile(io.BytesIO(files["XLSX"])) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    total = figures["credits"]["total"]
    assert cells["Программы ПК, ч"] == str(sums["PK"])
    assert cells["Врачи"] == "1"
    assert (cells["Идёт"], cells["Завершено за период"]) == ("1", "1")
    assert f"<v>{total}</v>" in sheet
    assert str(total) in shown
    assert "Пневмонии" in shown


async def test_a_report_is_signed_by_another_person_sent_and_its_receipt_is_kept(
    service: Service,
) -> None:
    report = await built(service)
    own = pb.SignReportRequest(name=f"reports/{report['id']}")
    builder = a_person("", "HEAD_ORG", subject="coordinator")
    assert (await refused(service, "SignReport", own, builder)).reason == "SELF_CONFIRMATION"
    early = pb.SendReportRequest(name=f"reports/{report['id']}")
    assert (await refused(service, "SendReport", early, COORDINATOR)).reason == (
        "REPORT_STEP_NOT_ALLOWED"
    )

    assert (await step(service, "SignReport", report))["state"] == "SIGNED"
    receipt = orjson.dumps({"number": "ДЗ-1"})
    receiver = PlayedReceiver(
        [Word("ДЗ-1", "RECEIVED", "", b""), Word("ДЗ-1", "ACCEPTED", "", receipt)], away=True
    )
    assert (await step(service, "SendReport", report, COORDINATOR))["send_asked"] is True
    with pytest.raises(ReceiverUnavailable):
        await follow(service, receiver)
    receiver.away = False
    service.clock.move(minutes=3)
    assert await follow(service, receiver) == 1
    sent = await step(service, "ReadReport", report)
    assert (sent["state"], sent["number"]) == ("SENT", "ДЗ-1")
    service.clock.move(seconds=6)
    assert await follow(service, receiver) == 1
    service.clock.move(days=1)
    assert await follow(service, receiver) == 0

    done = await step(service, "ReadReport", report)
    assert (done["state"], done["receipt"]) == ("ACCEPTED", {"number": "ДЗ-1"})
    (given,) = receiver.got
    verify_signed(given.signature, given.content, load_certificate(given.certificate))
    with pytest.raises(CmsRefused):
        verify_signed(given.signature, given.content + b" ", load_certificate(given.certificate))


async def test_a_rejected_report_is_followed_by_a_corrected_version(service: Service) -> None:
    report = await built(service)
    await step(service, "SignReport", report)
    await step(service, "SendReport", report, COORDINATOR)
    await follow(service, PlayedReceiver([Word("ДЗ-1", "REJECTED", "Ошибка", b"")]))
    assert (await step(service, "ReadReport", report))["reason"] == "Ошибка"

    service.clock.move(seconds=1)
    again = await service.call(
        "BuildReport", pb.BuildReportRequest(replaces=f"reports/{report['id']}"), COORDINATOR
    )

    assert (again["version"], again["replaces"]) == (2, report["id"])
    assert again["period_start"] == report["period_start"]
    assert (await step(service, "ReadReport", report))["state"] == "CORRECTED"
    listed = await service.call("ListReports", pb.ListReportsRequest(page_size=1), COORDINATOR)
    assert [one["id"] for one in listed["items"]] == [again["id"]]
    token = listed["next_page_token"]
    rest = await service.call(
        "ListReports", pb.ListReportsRequest(page_size=1, page_token=token), COORDINATOR
    )
    assert [one["id"] for one in rest["items"]] == [report["id"]]


async def test_a_report_of_another_organisation_looks_like_an_unknown_one(
    service: Service,
) -> None:
    report = await built(service)
    stranger = a_person("", "HEAD_ORG", oid=GP1 + "9", subject="stranger")

    for method in ("ReadReport", "SignReport", "SendReport", "DownloadReport"):
        request = getattr(pb, f"{method}Request")(name=f"reports/{report['id']}")
        if method == "DownloadReport":
            request.format = "PDF"
        assert (await refused(service, method, request, stranger)).reason == "REPORT_NOT_FOUND"


@pytest.mark.parametrize(
    ("fields", "field_name"),
    [
        ({"period_start": ""}, "period_start"),
        ({"period_end": "2026-12-31"}, "period_end"),
        ({"period_end": "2025-01-01"}, "period_end"),
        ({"period_start": "2019-01-01"}, "period_start"),
    ],
)
async def test_a_period_that_cannot_be_is_refused_by_its_field(
    service: Service, fields: dict[str, str], field_name: str
) -> None:
    request = pb.BuildReportRequest(**(PERIOD | fields))
    refusal = await refused(service, "BuildReport", request, COORDINATOR)

    assert refusal.reason == "REPORT_INVALID"
    assert [one.field for one in refusal.fields] == [field_name]


@pytest.mark.proves("F-267")
async def test_a_report_of_stale_data_says_so_in_its_content_and_in_every_file(
    service: Service, world: World
) -> None:
    def record(*, stale: bool) -> Record:
        return a_record(confirm_time=service.clock.now(), stale=stale)

    async def made() -> tuple[Any, list[str]]:
        service.clock.move(minutes=11)
        report = await built(service)
        forms = ("CSV", "XLSX", "PDF")
        files = [text_of(form, await downloaded(service, report, form)) for form in forms]
        sources = report["content"]["sources"]
        lines = source_lines(report["content"])
        assert all(one in text for text in files for one in lines), (lines, files)
        return (sources["register"]["stale_people"], sources["portal"]["stale"]), lines

    service.directory.record = record(stale=False)
    assert await made() == (
        (0, True),
        [
            "Сведения реестра (ФРМР) на 23.11.2026 14:32 МСК",
            "Портал НМО ещё не ответил: часы могут быть неполными",
        ],
    )
    await world.tell()
    fresh, lines = await made()
    assert (fresh, lines[1]) == ((0, False), "Сведения портала НМО на 23.11.2026 14:43 МСК")

    service.directory.record = record(stale=True)
    service.clock.move(hours=25)
    old = "Сведения могли устареть: реестр (ФРМР) давно не подтверждал"
    assert await made() == (
        (1, True),
        [
            f"{old} данные 1 из 1 сотрудников, самые ранние на 23.11.2026 14:54 МСК",
            "Сведения могли устареть: портал НМО последний раз ответил 23.11.2026 14:43 МСК",
        ],
    )


async def downloaded(service: Service, report: Any, form: str) -> bytes:
    request = pb.DownloadReportRequest(name=f"reports/{report['id']}", format=form)
    found = await service.call("DownloadReport", request, COORDINATOR)
    return bytes(found.content)


def text_of(form: str, content: bytes) -> str:
    """The words of a file."""
    if form == "CSV":
        return content.decode("utf-8-sig")
    if form == "XLSX":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return book.read("xl/sharedStrings.xml").decode()
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


async def read(service: Service, report: Any) -> Any:
    return await step(service, "ReadReport", report, COORDINATOR)


async def test_a_figure_is_never_made_up_while_the_register_is_away(service: Service) -> None:
    service.staff.members.append(a_nurse())
    service.directory.away = True

    report = await built(service)
    assert (report["state"], report["content"]) == ("BUILDING", None)
    builder = service.servicer.parts.builder
    assert await builder.build_due() == 0
    service.clock.move(seconds=6)
    assert await builder.build_due() == 1
    assert (await read(service, report))["state"] == "BUILDING"

    service.directory.away = False
    service.clock.move(seconds=6)
    assert await builder.build_due() == 1
    done = await read(service, report)
    assert (done["state"], done["content"]["staff"]["total"]) == ("VALIDATED", 2)
    assert done["progress"] is None


@dataclass
class Slow:
    """Reads workers, and stops before one of them until it is let go."""

    service: Service
    before: int
    read: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, worker: str) -> Present:
        self.read += 1
        if self.read > self.before:
            self.reached.set()
            await self.go_on.wait()
        return await self.service.servicer.parts.present(worker)


def a_builder(service: Service, slow: Slow) -> ReportBuilder:
    parts = service.servicer.parts
    sources = Sources(
        employees=service.staff, reader=parts.reader, present=slow, book=parts.book, posts=POSTS
    )
    return ReportBuilder(sources, new_uow=service.new_uow, clock=service.clock)


async def test_a_long_build_tells_how_far_it_is_and_is_taken_up_after_a_crash(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.staff.members += [replace(a_nurse(), worker=str(uuid4())) for _ in range(PORTION + 20)]
    slow = Slow(service, before=PORTION)
    dying = a_builder(service, slow)
    monkeypatch.setattr(build_reports, "PROMPT_SECONDS", 0.01)
    service.servicer.parts = replace(service.servicer.parts, builder=dying)

    report = await built(service)
    assert report["state"] in {"QUEUED", "BUILDING"}
    early = pb.DownloadReportRequest(name=f"reports/{report['id']}", format="PDF")
    assert (await refused(service, "DownloadReport", early, COORDINATOR)).reason == (
        "REPORT_STEP_NOT_ALLOWED"
    )
    async with asyncio.timeout(60):
        await slow.reached.wait()
    halfway = await read(service, report)
    assert (halfway["state"], halfway["state_label"]) == ("BUILDING", "Строится")
    assert halfway["progress"] == {"done": PORTION, "total": PORTION + 21}
    assert halfway["content"] is None

    alive = a_builder(service, Slow(service, before=10**9))
    assert await alive.build_due() == 0  # the other one still has it
    (crashed,) = dying._under_way
    crashed.cancel()
    service.clock.move(seconds=61)
    assert await alive.build_due() == 1
    done = await read(service, report)
    assert (done["state"], done["content"]["staff"]["total"]) == ("VALIDATED", PORTION + 21)


async def test_two_that_build_one_report_store_it_once(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.staff.members.append(a_nurse())
    monkeypatch.setattr(build_reports, "PROMPT_SECONDS", 0.01)
    slow = Slow(service, before=0)
    stuck = a_builder(service, slow)
    service.servicer.parts = replace(service.servicer.parts, builder=stuck)
    report = await built(service)
    async with asyncio.timeout(60):
        await slow.reached.wait()

    service.clock.move(seconds=61)  # its lease is over, though it lives
    assert await a_builder(service, Slow(service, before=10**9)).build_due() == 1
    first = await read(service, report)
    await step(service, "SignReport", report)
    slow.go_on.set()
    async with asyncio.timeout(60):
        await asyncio.gather(*stuck._under_way)
    after = await read(service, report)
    assert (first["state"], after["state"]) == ("VALIDATED", "SIGNED")
    assert after["content"] == first["content"]


async def test_a_repeated_wish_builds_one_report(service: Service) -> None:
    wish = {"request_id": str(uuid4())}
    first, again = await built(service, **wish), await built(service, **wish)

    assert first["id"] == again["id"]
    assert await service.store.pool.fetchval("SELECT count(*) FROM report") == 1
