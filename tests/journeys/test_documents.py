"""Professional documents: brought by people, told by registers, watched by the calendar."""

import io
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pypdf import PdfWriter

from lkmr_servicekit.clock import MOSCOW

from ..support.visitor import Visitor
from .steps import sign_in

pytestmark = pytest.mark.journey
NewVisitor = Callable[..., Visitor]


def until(check: Callable[[], Any], seconds: float = 30) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := check():
            return found
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s")


def a_pdf(mark: str) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Title": mark})
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def day(days: int) -> str:
    return (datetime.now(MOSCOW).date() + timedelta(days=days)).isoformat()


def upload(person: Visitor, content: bytes, name: str, **fields: str) -> httpx2.Response:
    token = person.api("session")["csrf_token"]
    return person.request(
        "POST",
        "/api/v1/documents",
        headers={"x-csrf-token": token},
        data=fields,
        files={"file": (name, content, "application/pdf")},
    )


def shown(page: Any) -> str:
    return str(page.locator("main").inner_text()).replace("\xa0", " ")


def message_of(reader: Visitor, title: str) -> dict[str, Any] | None:
    items = reader.api("messages?page_size=200")["items"]
    return next((one for one in items if title in one["title"]), None)


def test_a_document_is_brought_seen_downloaded_and_confirmed(
    page: Any, visitor: NewVisitor, tmp_path: Path
) -> None:
    person, office = visitor(), visitor()
    content = a_pdf("Заключение")
    file = tmp_path / "Заключение медосмотра.pdf"
    file.write_bytes(content)
    sign_in(page, person, "novikov")
    page.get_by_role("link", name="Документы и аккредитация").first.click()
    page.get_by_role("navigation", name="Документы и аккредитация").get_by_role(
        "link", name="Документы", exact=True
    ).click()
    page.get_by_role("link", name="Внести документ").first.click()
    page.locator("#kind").select_option("MED_EXAM")
    page.get_by_role("button", name="Продолжить").click()
    page.locator("#issue_date").fill(day(-30))
    page.locator("#valid_until").fill(day(300))
    page.locator("#file").set_input_files(str(file))
    page.get_by_role("button", name="Сохранить документ").click()

    page.get_by_text("Документ внесён").wait_for()
    assert "Не проверено" in shown(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Скачать файл").click()
    assert Path(download.value.path()).read_bytes() == content
    assert download.value.suggested_filename == file.name

    person.sign_in("novikov")
    made = person.api("documents?kind=MED_EXAM")["items"][0]
    worker = _worker(office, "novikov")
    decided = office.post(
        f"staff/{worker}/documents/{made['id']}/decide",
        {"status": "VERIFIED", "etag": made["etag"]},
    )
    assert decided.status_code == 200, decided.text
    page.reload()
    assert "Подтверждено" in shown(page)
    told = until(lambda: message_of(person, "Документ подтверждён"))
    assert told["link"] == f"/documents/{made['id']}"


def test_diplomas_are_checked_with_the_register_of_education_documents(
    visitor: NewVisitor,
) -> None:
    person = visitor()
    person.sign_in("novikov")
    answers = {
        "1077180000001": ({"state": "FOUND"}, "VERIFIED", ""),
        "1077180000002": (
            {"state": "MISMATCH", "fields": ["issueDate"]}, "REJECTED", "дата выдачи",
        ),
        "1077180000003": ({"state": "NOT_FOUND"}, "CHECKING", "пока не найден"),
    }  # fmt: skip
    for number, (answer, status, words) in answers.items():
        person.control("egisz", "PUT", f"frdo/answers/{number}", answer)
        made = upload(
            person, a_pdf(number), "диплом.pdf",
            kind="DIPLOMA", number=number, issuer="Проверочный университет", issue_date=day(-3),
        )  # fmt: skip
        assert made.status_code == 201, made.text
        check = until(lambda made=made: asked_about(person, made.json()["id"]), 60)
        assert check["status"] == status
        assert words in check["reason"]


def asked_about(person: Visitor, document: str) -> Any:
    """What the register said, once it was asked."""
    check = person.api(f"documents/{document}")["check"]
    return check if check["by"] == "FRDO" else None


def _worker(office: Visitor, login: str) -> str:
    from lkmr_stand_in_kit.people import load_people

    office.sign_in("smirnova")
    family = next(one for one in load_people().people if one.login == login).family_name
    rows = until(lambda: office.api(f"staff/compliance?family_name={family}")["items"], 60)
    return str(rows[0]["id"] if "id" in rows[0] else rows[0]["worker"])


@pytest.mark.proves("F-021")
def test_the_end_of_a_document_is_told_once_and_settled_by_a_newer_one(
    visitor: NewVisitor,
) -> None:
    person = visitor()
    person.sign_in("novikov")
    fields = {"kind": "ESIGN", "number": "01AB", "issue_date": day(-340), "valid_until": day(20)}
    made = upload(person, a_pdf("старое"), "сертификат.pdf", **fields)
    assert made.status_code == 201, made.text
    assert made.json()["state"] == "EXPIRING"

    told = until(lambda: message_of(person, "Заканчивается срок"))

    assert "электронная подпись" in told["text"]
    assert told["link"] == f"/documents/{made.json()['id']}"
    assert told["done_time"] is None
    letters = [
        one
        for one in person.messages("novikov@demo.example")
        if "Заканчивается срок" in one["subject"]
    ]
    assert not any("подпись" in one["subject"] for one in letters), "a letter names no document"
    newer = {**fields, "number": "02CD", "issue_date": day(-1), "valid_until": day(364)}
    assert upload(person, a_pdf("новое"), "сертификат.pdf", **newer).status_code == 201
    until(lambda: (message_of(person, "Заканчивается срок") or {}).get("done_time"))
    again = [
        one
        for one in person.api("messages?page_size=200")["items"]
        if "Заканчивается срок" in one["title"] and "подпись" in one["text"]
    ]
    assert len(again) == 1


def test_a_category_of_the_register_appears_and_changes_by_itself(visitor: NewVisitor) -> None:
    person = visitor()
    person.sign_in("zaytseva", profile="org-kb2/NURSE")
    path = "register/workers/90000933334/qualifications/К-17"
    given = {"type": "CATEGORY", "specialty": "сестринское дело", "issued_at": "2024-03-01"}
    until(lambda: person.api("documents?kind=DIPLOMA")["items"])

    person.control("egisz", "PUT", path, {**given, "level": "первая"})
    until(lambda: person.api("documents?kind=CATEGORY")["items"])
    person.control("egisz", "PUT", path, {**given, "level": "высшая"})
    found = until(
        lambda: next(
            (
                one
                for one in person.api("documents?kind=CATEGORY")["items"]
                if one["level"] == "высшая"
            ),
            None,
        )
    )

    assert (found["source"], found["state"], found["valid_until"]) == (
        "REGISTER",
        "VERIFIED",
        "2029-03-01",
    )
    history = person.api(f"documents/{found['id']}")["versions"]
    assert [one["level"] for one in history] == ["высшая", "первая"]
    rule = _rule(person, "R-ACC-09")
    assert rule["verdict"] == "OK"
    assert "высшая" in str(rule)


def _rule(person: Visitor, identity: str) -> dict[str, Any]:
    rules = person.api("compliance")["rules"]
    found: dict[str, Any] = next(one for one in rules if one["id"] == identity)
    return found


@pytest.mark.proves("F-047")
def test_licences_are_listed_checked_and_reminded_of(visitor: NewVisitor) -> None:
    doctor, office = visitor(), visitor()
    doctor.sign_in("petrov", profile="org-kb2/DOCTOR")
    office.sign_in("smirnova")
    listed = until(lambda: office.api("licences")["items"])
    assert listed[0]["state"] == "VALID"
    assert listed[0]["number"].startswith("Л041-")
    assert listed[0]["valid_until"] is None
    assert listed[0]["check_time"]
    assert listed[0]["number"] in office.open("/licences").text
    until(lambda: _rule(doctor, "R-ACC-12")["verdict"] == "OK")
    own = next(
        one
        for one in doctor.api("licences")["items"]
        if one["organization"]["oid"].endswith(".90002")
    )

    change = {"organization": "org-kb2", "works": ["терапия"]}
    path = f"licences/{own['number']}"
    doctor.control("egisz", "PUT", path, change)
    try:
        until(lambda: _rule(doctor, "R-ACC-12")["verdict"] == "FAIL")
        assert "кардиология" in str(_rule(doctor, "R-ACC-12"))
    finally:
        doctor.control("egisz", "PUT", path, {"organization": "org-kb2"})
    until(lambda: _rule(doctor, "R-ACC-12")["verdict"] == "OK")

    fields = {"kind": "LICENCE_ORG", "issue_date": "2021-03-01", "valid_until": day(20)}
    made = upload(office, a_pdf("л"), "лицензия.pdf", number=listed[0]["number"], **fields)
    assert made.json()["check"]["status"] == "CHECKING"
    identity = made.json()["id"]
    until(lambda: office.api(f"documents/{identity}")["check"]["status"] == "VERIFIED")
    told = until(lambda: message_of(office, "Заканчивается срок"))
    assert told["link"] == f"/documents/{identity}"
    missing = upload(office, a_pdf("н"), "лицензия.pdf", number="Л041-00000-00/1", **fields)
    unknown = missing.json()["id"]
    until(lambda: office.api(f"documents/{unknown}")["state"] == "REJECTED")
    assert until(lambda: message_of(office, "Документ не подтверждён"))


@pytest.mark.proves("F-032")
def test_all_certificates_of_a_person_are_listed_and_none_of_others(visitor: NewVisitor) -> None:
    person, other = visitor(), visitor()
    person.sign_in("petrov", profile="org-kb2/DOCTOR")
    other.sign_in("sidorova")
    numbers = [f"7712 00{n}" for n in range(3)]
    for number in numbers:
        made = upload(
            person, a_pdf(number), "с.pdf", kind="PK_CERT", number=number, issue_date="2025-05-05"
        )
        assert made.status_code == 201, made.text
    certificate = {"kind": "SPEC_CERT", "number": "0177", "issue_date": "2016-05-05"}
    own = upload(other, a_pdf("с"), "с.pdf", **certificate).json()

    listed = person.api("documents?kind=PK_CERT")["items"]
    assert sorted(one["number"] for one in listed) == numbers
    assert person.api("documents?kind=SPEC_CERT")["items"] == []
    shown = person.open("/documents?kind=PK_CERT").text
    assert all(number in shown for number in numbers)
    assert person.request("GET", f"/api/v1/documents/{own['id']}").status_code == 404
    assert person.request("GET", f"/api/v1/documents/{own['id']}/file").status_code == 404
    assert other.api("documents?kind=SPEC_CERT&state=EXPIRED")["total"] == 1


@pytest.mark.proves("F-044")
def test_a_flipped_byte_is_refused_told_and_becomes_an_incident(
    visitor: NewVisitor, suite: Any
) -> None:
    person, officer = visitor(), visitor()
    person.sign_in("sidorova")
    officer.sign_in("volkov")
    folder = suite.home.folder("files", "accreditation")
    before = {one for one in folder.rglob("*") if one.is_file()}
    made = upload(person, a_pdf("ж"), "д.pdf", kind="OTHER", issue_date=day(-1)).json()
    (file,) = {one for one in folder.rglob("*") if one.is_file()} - before
    raw = bytearray(file.read_bytes())
    raw[-20] ^= 1
    file.write_bytes(bytes(raw))

    refused = person.request("GET", f"/api/v1/documents/{made['id']}/file")

    assert (refused.status_code, refused.json()["code"]) == (500, "LKMR-DOC-011")
    until(
        lambda: any(
            one["kind"] == "FILE_DAMAGED" for one in officer.api("admin/incidents")["items"]
        )
    )
    assert until(lambda: message_of(person, "Файл документа повреждён"))


def test_a_document_is_brought_without_a_script(visitor: NewVisitor) -> None:
    person = visitor()
    person.sign_in("akhmetov")
    person.open("/documents/new?kind=OTHER")
    form = person.form_with("issue_date")
    assert form is not None
    fields = {name: value for name, value in form.fields.items() if name != "file"}
    sent = person.request(
        "POST",
        form.action,
        data={**fields, "issue_date": day(-1)},
        files={"file": ("скан.pdf", a_pdf("б"), "application/pdf")},
        headers={"origin": person.base},
    )

    assert sent.status_code == 303, sent.text
    assert "скан.pdf" in person.open(sent.headers["location"]).text
