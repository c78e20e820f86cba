"""Pages of documents with as little and as much in them as they can have."""

from typing import Any

from lkmr_gateway.pages.views.documents import (
    DocumentFormView,
    DocumentListView,
    DocumentView,
    LicencesView,
)
from lkmr_gateway.pages.views.education import FormFault
from lkmr_gateway.pages.views.frame import Unavailable

PAPER = "0d0e0f10-2222-4222-8333-444455556666"
FILE = {
    "name": "Петров И.А. заключение медосмотра на 2 л.pdf",
    "media_type": "application/pdf",
    "size": 1_887_436,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "pages": 2,
    "scan": "NOT_SCANNED",
}


def a_kind(code: str = "MED_EXAM", **more: Any) -> dict[str, Any]:
    return {
        "code": code,
        "title": "Заключение медицинского осмотра",
        "group": "ADMISSION",
        "issuer": "медицинская организация",
        "term_years": 1,
        "check": "HR",
        "visibility": "HR",
        "required": ["issue_date", "valid_until"],
        "levels": [],
        "source": "Приказ Минздрава от 28.01.2021 № 29н",
        **more,
    }


CATEGORY = a_kind(
    "CATEGORY",
    title="Квалификационная категория",
    group="QUALIFICATION",
    term_years=5,
    check="REGISTER",
    required=["issue_date", "specialty", "level"],
    levels=["вторая", "первая", "высшая"],
    source="Приказ Минздрава от 31.08.2023 № 458н",
)
OTHER = a_kind("OTHER", title="Другой документ", group="OTHER", issuer="", term_years=None)
KINDS = [CATEGORY, a_kind(), OTHER]


def a_version(number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "version": number,
        "series": "МО",
        "number": "114",
        "issuer": "ГБУЗ «Поликлиника № 1»",
        "note": "",
        "specialty": "",
        "level": "",
        "issue_date": "2025-12-10",
        "valid_from": None,
        "valid_until": "2026-12-10",
        "check": {
            "status": "VERIFIED",
            "by": "HR",
            "reason": "",
            "time": "2026-01-12T09:30:00.000Z",
        },
        "version_time": "2026-01-11T09:30:00.000Z",
        "file": FILE,
        **more,
    }


UNCHECKED = {"status": "UNVERIFIED", "by": "", "reason": "", "time": None}
REFUSED = {
    "status": "REJECTED",
    "by": "HR",
    "reason": "Нет печати организации",
    "time": "2026-01-12T09:30:00.000Z",
}


def a_paper(**more: Any) -> dict[str, Any]:
    return {
        "id": PAPER,
        "name": "Заключение медицинского осмотра",
        "kind": "MED_EXAM",
        "group": "ADMISSION",
        "state": "EXPIRING",
        "source": "OWNER",
        "visibility": "HR",
        "etag": "v1V",
        "days_left": 17,
        "create_time": "2026-01-11T09:30:00.000Z",
        **a_version(),
        **more,
    }


BARE = a_paper(
    name="Другой документ",
    kind="OTHER",
    state="UNVERIFIED",
    days_left=None,
    series="",
    number="",
    issuer="",
    issue_date=None,
    valid_until=None,
    check=UNCHECKED,
    file=None,
    visibility="OWNER",
)


def document_pages() -> dict[str, Any]:
    """Views by name."""
    rows = [
        a_paper(),
        a_paper(
            name="Квалификационная категория",
            kind="CATEGORY",
            state="VERIFIED",
            source="REGISTER",
            specialty="кардиология",
            level="высшая",
            days_left=800,
            file=None,
        ),
        a_paper(state="EXPIRED", days_left=-4, check=UNCHECKED, source="HR"),
        a_paper(state="REJECTED", check=REFUSED),
        BARE,
    ]
    fault = FormFault(
        title="Проверьте сведения о документе. Некоторые поля нужно исправить.",
        code="LKMR-DOC-009",
        fields={"issue_date": "Эта дата ещё не наступила.", "file": "Переименуйте файл."},
    )
    typed = {"kind": "MED_EXAM", "issue_date": "2027-12-10", "note": "копия"}
    detail = a_paper(
        versions=[a_version(2), a_version(1, check=REFUSED, file=None)],
        may=["add_version", "archive"],
    )
    a_licence = {
        "number": "Л041-01137-77/00312345",
        "kind": "MEDICAL",
        "organization": {"oid": "1.2.3", "name": "ГБУЗ «Поликлиника № 1»"},
        "issuer": "Росздравнадзор",
        "issue_date": "2021-03-01",
        "valid_until": None,
        "state": "VALID",
        "days_left": None,
        "works": ["терапия", "кардиология"],
        "check_time": "2026-01-12T09:30:00.000Z",
    }
    ending = {
        **a_licence,
        "number": "Л041-01137-77/00312346",
        "state": "REISSUE",
        "valid_until": "2026-12-30",
        "days_left": 37,
    }
    asked = [
        {"oid": "1.2.4", "name": "ООО «Клиника»", "check_time": None, "licences": 0},
        {"oid": "1.2.5", "name": "", "check_time": "2026-01-12T09:30:00.000Z", "licences": 0},
    ]
    return {
        "licences-least": LicencesView(items=(), organizations=()),
        "licences": LicencesView(items=[a_licence, ending], organizations=asked),
        "licences-away": LicencesView(
            items=(),
            organizations=(),
            fault=Unavailable(text="Сервис не отвечает.", code="LKMR-SYS-011"),
        ),
        "documents-least": DocumentListView(items=(), total=0, kinds=()),
        "documents": DocumentListView(
            items=rows,
            total=31,
            kinds=KINDS,
            may_add=True,
            next_href="/documents?page_token=abc",
            first_href="/documents",
        ),
        "documents-filtered": DocumentListView(
            items=(), total=0, kinds=KINDS, state="EXPIRED", kind="OTHER", may_add=True
        ),
        "documents-away": DocumentListView(
            items=(),
            total=0,
            kinds=KINDS,
            fault=Unavailable(text="Сервис не отвечает.", code="LKMR-SYS-011"),
        ),
        "documents-staff": DocumentListView(
            items=rows[:1], total=1, kinds=KINDS, root="/staff/w/documents", person="Петров И. А."
        ),
        "document-least": DocumentView(
            item={**BARE, "versions": [a_version(file=None)], "may": []}
        ),
        "document": DocumentView(item=detail, notice="Новая версия внесена."),
        "document-register": DocumentView(
            item={**rows[1], "versions": [a_version(file=None)], "may": []}
        ),
        "document-refused": DocumentView(
            item={**detail, "state": "REJECTED", "check": REFUSED, "may": ["decide"]},
            fault=FormFault(
                title="Проверьте.", code="LKMR-DOC-009", fields={"reason": "Напишите."}
            ),
        ),
        "document-decision": DocumentView(
            item={**detail, "state": "EXPIRED", "may": ["add_version", "decide"]},
            root="/staff/w/documents",
            file_root="/api/v1/staff/w/documents",
        ),
        "document-new-choose": DocumentFormView(kinds=KINDS),
        "document-new": DocumentFormView(kinds=KINDS, kind=CATEGORY),
        "document-new-error": DocumentFormView(
            kinds=KINDS, kind=a_kind(), typed=typed, fault=fault
        ),
        "document-new-version": DocumentFormView(
            kinds=KINDS, kind=a_kind(), document=detail, typed={"number": "114"}
        ),
    }
