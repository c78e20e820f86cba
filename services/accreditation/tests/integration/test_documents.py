"""The vault: every version, byte for byte, encrypted, for those who may see it."""

import asyncio
import uuid
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lkmr_accreditation.storage.unit_of_work import AccreditationUnitOfWork
from lkmr_accreditation.usecases.keep_compliance import judge_due
from lkmr_accreditation.usecases.store_card import store_card
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.errors import ServiceError

from ..builders import NOON, a_card, an_entry
from .document_parts import FIELDS, Papers, a_pdf, made_papers, sha256
from .test_staff import BOOK

pytestmark = pytest.mark.servers
NewUow = Callable[[], AccreditationUnitOfWork]
PDF = a_pdf()


@pytest.fixture
async def papers(
    store: Database, keys: KeyRing, new_uow: NewUow, clock: FakeClock, tmp_path: Path
) -> Papers:
    made = made_papers(store, keys, new_uow, clock, tmp_path / "files")
    card = a_card(an_entry())
    async with new_uow() as uow:
        await store_card(card, now=NOON, uow=uow)
        await uow.commit()
    await judge_due(new_uow=new_uow, book=BOOK, clock=clock)
    made.worker = card.worker
    made.act_as("DOCTOR", card.worker)
    return made


async def refusal(work: Any) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        await work
    return caught.value


async def events(store: Database) -> list[str]:
    rows = await store.pool.fetch("SELECT subject FROM outbox ORDER BY id")
    return [row["subject"].rpartition(".v1.")[2] for row in rows]


@pytest.mark.proves("F-004")
async def test_a_certificate_comes_back_byte_for_byte(papers: Papers) -> None:
    fields = {"kind": "PK_CERT", "number": "77 001", "issue_date": "2025-05-05"}
    made = await papers.upload(fields, PDF, file_name="Удостоверение.pdf")
    head, content = await papers.download(made["id"])

    assert content == PDF
    assert head.sha256 == made["file"]["sha256"] == sha256(PDF)
    assert (head.media_type, head.file_name) == ("application/pdf", "Удостоверение.pdf")
    assert (made["file"]["pages"], made["file"]["scan"]) == (1, "NOT_SCANNED")
    assert made["state"] == "CHECKING"


@pytest.mark.proves("F-020")
async def test_every_version_is_kept_with_its_file(papers: Papers) -> None:
    first = await papers.upload(FIELDS, PDF)
    other = a_pdf("2")
    fields = {**FIELDS, "issue_date": "2026-09-01", "valid_until": "2027-09-01"}
    second = await papers.upload(fields, other, document=first["id"], etag=first["etag"])
    third = await papers.upload(
        {**fields, "note": "исправлено"}, document=first["id"], etag=second["etag"]
    )

    assert [one["version"] for one in third["versions"]] == [3, 2, 1]
    assert third["valid_until"] == "2027-09-01"
    assert third["versions"][2]["valid_until"] == "2027-03-01"
    assert (await papers.download(first["id"], 1))[1] == PDF
    assert (await papers.download(first["id"], 3))[1] == other, "a version without a file keeps it"
    gone = await papers.archive(first["id"], third["etag"])
    assert gone["state"] == "ARCHIVED"
    assert (await papers.download(first["id"], 2))[1] == other
    assert (await papers.page())["items"] == []
    assert (await papers.page(states=["ARCHIVED"]))["total"] == 1
    assert (await refusal(papers.upload(FIELDS, document=first["id"], etag="v3U"))).reason == (
        "DOCUMENT_FIXED"
    )


async def test_of_two_versions_at_once_one_wins(papers: Papers) -> None:
    first = await papers.upload(FIELDS, PDF)
    done = await asyncio.gather(
        *(
            papers.upload(
                {**FIELDS, "note": str(n)}, a_pdf(f"v{n}"), document=first["id"], etag="v1U"
            )
            for n in range(4)
        ),
        return_exceptions=True,
    )

    refused = [one for one in done if isinstance(one, ServiceError)]
    assert [one.reason for one in refused] == ["DOCUMENT_CHANGED"] * 3
    assert len((await papers.read(first["id"]))["versions"]) == 2
    assert len(papers.files()) == 2, "files of refused versions are taken back"
    no_etag = await refusal(papers.upload(FIELDS, document=first["id"]))
    assert [one.field for one in no_etag.fields] == ["etag"]


async def test_the_same_document_is_kept_once_however_often_it_is_sent(papers: Papers) -> None:
    done = await asyncio.gather(
        *(papers.upload(FIELDS, PDF) for _ in range(5)), return_exceptions=True
    )
    refused = [one for one in done if isinstance(one, ServiceError)]
    assert [one.reason for one in refused] == ["DOCUMENT_DUPLICATE"] * 4
    diploma = {"kind": "DIPLOMA", "series": "АБ", "number": "12 345", "issue_date": "2010-06-30"}
    await papers.upload(diploma, a_pdf("a"))
    again = await refusal(papers.upload({**diploma, "number": "12345"}, a_pdf("b")))
    assert again.reason == "DOCUMENT_DUPLICATE"

    request = str(uuid.uuid4())
    fields = {**FIELDS, "kind": "SAFETY"}
    one = await papers.upload(fields, a_pdf("c"), request_id=request)
    two = await papers.upload(fields, a_pdf("c"), request_id=request)
    assert one["id"] == two["id"]
    assert len(papers.files()) == 3


async def test_an_upload_that_breaks_keeps_nothing_and_may_be_sent_again(papers: Papers) -> None:
    request, large = str(uuid.uuid4()), a_pdf("x" * 50_000)
    with pytest.raises(ConnectionResetError):
        await papers.upload(FIELDS, large, request_id=request, broken=True)
    cut = await refusal(papers.upload(FIELDS, large, request_id=request, cut=True))
    assert cut.reason == "DOCUMENT_CUT"
    assert papers.files() == []
    assert (await papers.page())["total"] == 0

    made = await papers.upload(FIELDS, large, request_id=request)
    assert (await papers.download(made["id"]))[1] == large


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (PDF, "осмотр.jpg", "DOCUMENT_TYPE_REFUSED"),
        (b"MZ\x90", "осмотр.pdf", "DOCUMENT_TYPE_REFUSED"),
        (b"%PDF-1.7 broken", "осмотр.pdf", "DOCUMENT_UNSAFE"),
        (b"%PDF-" + b"x" * (10 * 1024 * 1024), "осмотр.pdf", "DOCUMENT_TOO_LARGE"),
        (PDF, "../\u202e.pdf", "DOCUMENT_INVALID"),
    ],
)
async def test_what_is_no_document_is_refused_and_leaves_nothing(
    papers: Papers, content: bytes, name: str, reason: str
) -> None:
    assert (await refusal(papers.upload(FIELDS, content, file_name=name))).reason == reason
    assert papers.files() == []
    assert (await papers.page())["total"] == 0


@pytest.mark.proves("F-044")
async def test_one_flipped_byte_is_found_refused_and_reported(
    papers: Papers, store: Database
) -> None:
    made = await papers.upload(FIELDS, a_pdf("x" * 200_000))
    (file,) = papers.files()
    raw = bytearray(file.read_bytes())
    assert b"%PDF" not in raw
    raw[-40] ^= 1
    file.write_bytes(bytes(raw))

    damaged = await refusal(papers.download(made["id"]))

    assert damaged.reason == "STORED_DATA_DAMAGED"
    assert (await events(store))[-1] == "document.damaged"
    file.unlink()
    assert (await refusal(papers.download(made["id"]))).reason == "STORED_DATA_DAMAGED"


async def test_what_names_a_person_is_sealed_and_no_event_tells_it(
    papers: Papers, store: Database
) -> None:
    fields = {
        "kind": "DIPLOMA",
        "series": "ВСА",
        "number": "0123456",
        "issuer": "Образцовский университет",
        "note": "красный",
        "issue_date": "2010-06-30",
    }
    await papers.upload(fields, PDF, file_name="Образцова.pdf")

    rows = [dict(one) for one in await store.pool.fetch("SELECT * FROM document_version")]
    rows += [dict(one) for one in await store.pool.fetch("SELECT * FROM document")]
    rows += [dict(one) for one in await store.pool.fetch("SELECT body, headers FROM outbox")]
    for secret in ("0123456", "Образцов", "красный"):
        assert secret not in str(rows)
        assert secret.encode() not in b"".join(one["body"] for one in rows if "body" in one)
    assert "document.added" in await events(store)


async def test_lists_are_filtered_and_paged(papers: Papers, clock: FakeClock) -> None:
    for number, (kind, until) in enumerate(
        [("MED_EXAM", "2026-10-01"), ("SAFETY", "2026-12-20"), ("SAFETY", "2028-01-01")]
    ):
        clock.move(seconds=1)
        await papers.upload(
            {"kind": kind, "issue_date": "2026-01-01", "valid_until": until, "number": str(number)}
        )

    assert [one["state"] for one in (await papers.page())["items"]] == [
        "UNVERIFIED",
        "EXPIRING",
        "EXPIRED",
    ]
    assert (await papers.page(states=["EXPIRING"]))["items"][0]["days_left"] == 27
    assert (await papers.page(kinds=["SAFETY"]))["total"] == 2
    first = await papers.page(page_size=2)
    rest = await papers.page(page_size=2, page_token=first["next_page_token"])
    assert len(first["items"]) == 2
    assert [one["kind"] for one in rest["items"]] == ["MED_EXAM"]
    assert rest["next_page_token"] == ""
    assert (await refusal(papers.page(states=["OLD"]))).reason == "FILTER_INVALID"


async def test_the_office_confirms_what_it_may_see_and_nobody_their_own(papers: Papers) -> None:
    open_ = await papers.upload(FIELDS, PDF)
    diploma = {"kind": "DIPLOMA", "number": "1", "issue_date": "2010-06-30"}
    hidden = await papers.upload({**diploma, "visibility": "OWNER"})
    for_heads = await papers.upload({**diploma, "number": "2"})
    assert (await refusal(papers.decide(open_["id"], "VERIFIED"))).reason == "SELF_CONFIRMATION"

    papers.act_as("HEAD_ORG", subject="head")
    assert [one["id"] for one in (await papers.page())["items"]] == [for_heads["id"]]
    papers.act_as("HR", subject="office")
    assert {one["id"] for one in (await papers.page())["items"]} == {open_["id"], for_heads["id"]}
    assert (await refusal(papers.read(hidden["id"]))).reason == "DOCUMENT_NOT_FOUND"
    assert (await refusal(papers.download(hidden["id"]))).reason == "DOCUMENT_NOT_FOUND"
    silent = await refusal(papers.decide(open_["id"], "REJECTED"))
    assert [one.field for one in silent.fields] == ["reason"]
    refused = await papers.decide(open_["id"], "REJECTED", "Нет печати")
    assert (refused["state"], refused["check"]["reason"]) == ("REJECTED", "Нет печати")
    late = await refusal(papers.decide(open_["id"], "VERIFIED"))
    assert late.reason == "DOCUMENT_CHANGED"
    added = await papers.upload({"kind": "CONTRACT", "issue_date": "2020-01-01", "number": "8"})
    assert added["source"] == "HR"

    papers.act_as("HR", papers.worker)
    assert (await refusal(papers.decide(open_["id"], "VERIFIED", etag="v1R"))).reason == (
        "SELF_CONFIRMATION"
    )
    papers.act_as("HR", subject="elsewhere")
    papers.worker = str(uuid.uuid4())
    assert (await refusal(papers.page())).reason == "STAFF_MEMBER_NOT_FOUND"


@pytest.mark.proves("F-003")
async def test_a_qualification_is_recorded_read_and_corrected_with_its_history(
    papers: Papers,
) -> None:
    fields = {
        "kind": "CATEGORY",
        "specialty": "терапия",
        "level": "первая",
        "issue_date": "2024-03-01",
        "number": "17-к",
    }
    made = await papers.upload(fields)
    assert (made["valid_until"], made["file"]) == ("2029-03-01", None)

    await papers.upload({**fields, "level": "высшая"}, document=made["id"], etag=made["etag"])

    read = await papers.read(made["id"])
    assert read["level"] == "высшая"
    assert [(one["version"], one["level"]) for one in read["versions"]] == [
        (2, "высшая"),
        (1, "первая"),
    ]
    assert read["valid_until"] == date(2029, 3, 1).isoformat()
