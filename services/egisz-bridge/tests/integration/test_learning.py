"""The world of learning through the real service, mutual TLS and the stand-in."""

import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx2
import pytest
from lkmr.egisz_bridge.v1 import learning_service_pb2 as pb
from lkmr.egisz_bridge.v1 import report_service_pb2 as reports_pb
from lkmr.egisz_bridge.v1.events_pb2 import ReceiptReceived
from lkmr.egisz_bridge.v1.learning_service_pb2_grpc import LearningServiceStub
from lkmr.egisz_bridge.v1.report_service_pb2_grpc import ReportServiceStub

from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.grpc_client import Peer

from .conftest import SIGNER, Suite
from .test_service import behave

pytestmark = pytest.mark.servers
IVANOVA = "90000103798"
SENDER = "persons/11111111-1111-4111-8111-111111111111"


@pytest.fixture
async def learning(suite: Suite) -> AsyncIterator["Learning"]:
    async with suite.peer("education") as peer:
        yield Learning(peer, suite)
    await behave(suite)


class Learning:
    """Calls of `education`, and the control of the stand-in."""

    def __init__(self, peer: Peer, suite: Suite) -> None:
        self.peer, self.suite = peer, suite
        self.stub = LearningServiceStub(peer.channel)

    def token(self) -> str:
        return SIGNER.job_token("education", "test")[0]

    async def call(self, method: str, request: Any) -> Any:
        return await self.peer.call(
            getattr(self.stub, method), request, timeout=10, token=self.token()
        )

    async def stream(self, method: str, request: Any) -> list[Any]:
        parts = self.peer.stream(
            getattr(self.stub, method), request, timeout=60, token=self.token()
        )
        return [one async for one in parts]

    async def notices(self, cursor: str = "") -> tuple[list[pb.StudyNotice], str]:
        parts = await self.stream("StreamStudyNotices", pb.StreamStudyNoticesRequest(cursor=cursor))
        found = [one for part in parts for one in part.notices]
        return found, parts[-1].cursor if parts else cursor

    async def control(self, method: str, path: str, body: Any) -> Any:
        async with httpx2.AsyncClient() as client:
            answer = await client.request(method, f"{self.suite.control}/{path}", json=body)
            assert answer.is_success, answer.text
            return answer.json() if answer.content else None

    async def course(self, **more: Any) -> Any:
        body = {
            "snils": IVANOVA,
            "title": "Аритмии",
            "organizer": "Академия",
            "start_date": "2026-01-12",
            "end_date": "2026-01-17",
            "hours": 36,
            "specialty": "терапия",
        }
        return await self.control("POST", "nmo/studies", body | more)


async def test_notices_come_in_order_and_a_reader_goes_on_at_its_cursor(learning: Learning) -> None:
    before, cursor = await learning.notices()
    study = await learning.course()
    closed = await learning.control("POST", f"nmo/studies/{study['id']}/close", {})
    await learning.control("POST", "nmo/notices", {"personId": 5})
    after, end = await learning.notices(cursor)

    assert {one.worker for one in before} != set()
    assert [(one.state, one.revision) for one in after] == [("ENROLLED", 1), ("CLOSED", 2), ("", 0)]
    assert after[1].document.number == closed["document"]["number"]
    assert after[2].unreadable == b'{"personId":5}'
    assert (await learning.notices(end))[0] == []
    with pytest.raises(ServiceError, match="CURSOR_INVALID"):
        await learning.notices("nonsense")


async def test_the_file_of_a_certificate_comes_whole_and_an_unknown_one_is_refused(
    learning: Learning,
) -> None:
    study = await learning.course(title="Пневмонии")
    await learning.control("POST", f"nmo/studies/{study['id']}/close", {})

    parts = await learning.stream(
        "DownloadStudyFile", pb.DownloadStudyFileRequest(file=study["id"])
    )
    content = b"".join(one.content for one in parts)
    assert content.startswith(b"%PDF-")
    assert max(len(one.content) for one in parts) <= 64 * 1024
    for identity in ("unknown", "../../_control/behaviour"):
        with pytest.raises(ServiceError, match="STUDY_FILE_NOT_FOUND"):
            await learning.stream("DownloadStudyFile", pb.DownloadStudyFileRequest(file=identity))


async def test_documents_are_asked_about_under_the_names_of_the_register(
    learning: Learning,
) -> None:
    study = await learning.course(title="Анемии")
    closed = await learning.control("POST", f"nmo/studies/{study['id']}/close", {"number": "ПК-9"})
    given = closed["document"]
    document = pb.StudyDocument(
        type=given["type"],
        series=given["series"],
        number="пк 9",
        issue_date=given["issueDate"],
        issuer=given["issuer"],
        hours=36,
    )

    async def state(**changes: Any) -> tuple[str, list[str]]:
        asked = pb.StudyDocument()
        asked.CopyFrom(document)
        for name, value in changes.items():
            setattr(asked, name, value)
        request = pb.CheckDocumentRequest(worker=f"workers/{closed['personId']}", document=asked)
        found = await learning.call("CheckDocument", request)
        return found.state, list(found.fields)

    assert await state() == ("FOUND", [])
    assert await state(hours=72, series="1") == ("MISMATCH", ["series", "hours"])
    assert (await state(number="ПК-10"))[0] == "NOT_FOUND"
    await learning.control("POST", "frdo/documents/ПК-9/annul", {})
    assert (await state())[0] == "ANNULLED"
    await behave(learning.suite, availability="down", system="frdo")
    with pytest.raises(ServiceError, match="REGISTER_UNAVAILABLE"):
        await state()


async def test_a_code_is_given_to_the_portal_once(learning: Learning) -> None:
    person = (await learning.course(title="Форум"))["personId"]
    event = {
        "code": "IKP-77-01",
        "title": "Форум",
        "organizer": "Общество",
        "start_date": "2026-01-12",
        "end_date": "2026-01-12",
        "hours": 6,
        "specialties": ["терапия"],
    }
    await learning.control("POST", "nmo/codes", event)
    cycle = pb.StudyCycle(specialty="терапия", start_date="2022-01-01", end_date="2030-01-01")
    request = pb.RedeemCodeRequest(worker=f"workers/{person}", code="ikp7701", cycles=[cycle])

    first, second = [await learning.call("RedeemCode", request) for _ in range(2)]
    assert (first.answer, first.hours, second.answer) == ("ACCEPTED", 6, "USED_BY_YOU")


async def test_the_whole_catalogue_comes_once_for_each_edition(learning: Learning) -> None:
    parts = await learning.stream("StreamProgrammes", pb.StreamProgrammesRequest())
    ids = {one.id for part in parts for one in part.programmes}
    edition = parts[-1].edition

    assert len(ids) == 20_000
    assert {part.edition for part in parts} == {edition}
    known = pb.StreamProgrammesRequest(known_edition=edition)
    assert await learning.stream("StreamProgrammes", known) == []


async def test_a_portal_that_is_away_is_told_and_no_word_of_people_stands_in_the_log(
    learning: Learning,
) -> None:
    await behave(learning.suite, availability="maintenance", system="nmo")
    with pytest.raises(ServiceError, match="REGISTER_UNAVAILABLE"):
        await learning.notices()
    await behave(learning.suite)

    log = learning.suite.log("bridge")
    assert not re.search(r"Иванова|90000103798|IKP", log)


def a_report(report: str) -> reports_pb.SendReportRequest:
    return reports_pb.SendReportRequest(
        report=report,
        organization_oid="1.2.643.1",
        kind="RPT-CPD",
        period_start="2026-01-01",
        period_end="2026-06-30",
        version=1,
        content=b"{}",
        signature=b"no signature",
        certificate=b"no certificate",
        sender=SENDER,
    )


async def receipts(suite: Suite, report: str) -> list[tuple[str, str, str, int, str]]:
    """What was announced about a report, by the tables of the bridge."""
    connection = await asyncpg.connect(suite.database.superuser_url)
    try:
        rows = await connection.fetch(
            "SELECT body FROM outbox WHERE resource_name = $1 ORDER BY id", f"reports/{report}"
        )
    finally:
        await connection.close()
    found = [ReceiptReceived.FromString(row["body"]) for row in rows]
    return [(one.resource, one.sender, one.exchange, one.version, one.state) for one in found]


async def test_each_new_word_about_a_report_is_announced_once(learning: Learning) -> None:
    reports = ReportServiceStub(learning.peer.channel)
    oid = "1.2.643.5.1.13.13.12.2.77.7"

    async def call(method: Any, asked: Any) -> Any:
        return await learning.peer.call(method, asked, timeout=10, token=learning.token())

    request = a_report("told")
    request.organization_oid = oid
    word = await call(reports.SendReport, request)
    await call(reports.SendReport, request)
    asked = reports_pb.GetReportRequest(number=word.number)
    for _ in range(2):
        await call(reports.GetReport, asked)
    refused = a_report("refused")
    refused.version = -1
    for _ in range(2):
        with pytest.raises(ServiceError, match="REPORT_REFUSED"):
            await call(reports.SendReport, refused)

    assert await receipts(learning.suite, "told") == [
        ("reports/told", SENDER, "REPORT", 1, "REJECTED")
    ]
    assert await receipts(learning.suite, "refused") == [
        ("reports/refused", SENDER, "REPORT", -1, "REJECTED")
    ]


async def test_a_report_is_handed_over_once_and_its_word_comes_back(learning: Learning) -> None:
    reports, request = ReportServiceStub(learning.peer.channel), a_report("r1")

    async def call(method: Any, asked: Any) -> Any:
        return await learning.peer.call(method, asked, timeout=10, token=learning.token())

    first, again = [await call(reports.SendReport, request) for _ in range(2)]
    assert (first.number, first.state) == (again.number, "REJECTED")
    assert first.reason == "Подпись не соответствует отчёту"
    asked = reports_pb.GetReportRequest(number=first.number)
    assert (await call(reports.GetReport, asked)).state == "REJECTED"
    with pytest.raises(ServiceError, match="REPORT_UNKNOWN"):
        await call(reports.GetReport, reports_pb.GetReportRequest(number="ДЗ-0/../x"))
    request.version = -1
    with pytest.raises(ServiceError, match="REPORT_REFUSED"):
        await call(reports.SendReport, request)
    await behave(learning.suite, availability="down", system="authority")
    with pytest.raises(ServiceError, match="REGISTER_UNAVAILABLE"):
        await call(reports.GetReport, asked)
