"""Documents for the browser API."""

from collections.abc import Sequence
from typing import Any

from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_accreditation.api.convert import document, moment
from lkmr_accreditation.domain.documents import Catalogue, Document, File, Kind, Version
from lkmr_accreditation.usecases.documents import Item, Page
from lkmr_accreditation.usecases.licences import OrganizationLicences


def page_to_document(page: Page) -> JsonDocument:
    """A page of documents."""
    items = [item_json(one) for one in page.items]
    return document({"items": items, "next_page_token": page.next_page_token, "total": page.total})


def detail_to_document(item: Item, versions: Sequence[Version], *, own: bool) -> JsonDocument:
    """A document with its versions, newest first; `own` says what the caller may do."""
    fixed = item.document.archived or item.document.source.value == "REGISTER"
    may = [] if fixed else ["add_version", "archive"] if own else ["add_version", "decide"]
    history = [version_json(one) for one in versions]
    made = document(item_json(item) | {"versions": history, "may": may})
    return JsonDocument(body=made.body, etag=f"{item.document.etag}-{made.etag}")


def kinds_to_document(catalogue: Catalogue) -> JsonDocument:
    """Kinds with what must be typed."""
    items = [kind_json(one) for one in catalogue.kinds.values()]
    return document({"items": items, "next_page_token": ""})


def kind_json(kind: Kind) -> dict[str, Any]:
    """A kind with what must be typed."""
    return {
        "code": kind.code,
        "title": kind.title,
        "group": kind.group,
        "issuer": kind.issuer,
        "term_years": kind.term_years or None,
        "check": kind.check,
        "visibility": kind.visibility.value,
        "required": [
            name
            for name, wanted in (
                ("issue_date", True),
                ("number", kind.number),
                ("specialty", kind.specialty),
                ("level", bool(kind.levels)),
                ("valid_until", kind.ends),
            )
            if wanted
        ],
        "levels": list(kind.levels),
        "source": kind.source,
    }


def item_json(item: Item) -> dict[str, Any]:
    """A document as a list shows it."""
    one: Document = item.document
    return {
        "id": one.id,
        "name": item.kind.title,
        "kind": one.kind,
        "group": item.kind.group,
        "state": item.state.value,
        "source": one.source.value,
        "visibility": one.visibility.value,
        "etag": one.etag,
        "days_left": item.days_left,
        "create_time": moment(one.create_time),
        **version_json(one.version),
    }


def version_json(version: Version) -> dict[str, Any]:
    """One version."""
    content, check = version.content, version.check
    return {
        "version": version.number,
        "series": content.series,
        "number": content.number,
        "issuer": content.issuer,
        "note": content.note,
        "specialty": content.specialty,
        "level": content.level,
        "issue_date": content.issue_date,
        "valid_from": content.valid_from,
        "valid_until": content.valid_until,
        "check": {
            "status": check.status.value,
            "by": "HR" if check.by.startswith("persons/") else check.by,
            "reason": check.reason,
            "time": moment(check.time) if check.time else None,
        },
        "version_time": moment(version.create_time),
        "file": file_json(version.file) if version.file else None,
    }


def licences_to_document(known: Sequence[OrganizationLicences]) -> JsonDocument:
    """Licences of organisations with when the register was asked about them."""
    items = [
        {
            "number": one.number,
            "kind": one.kind,
            "organization": {"oid": of.oid, "name": of.name},
            "issuer": one.issuer,
            "issue_date": one.issue_date,
            "valid_until": one.valid_until,
            "state": one.on(of.today).value,
            "days_left": (one.valid_until - of.today).days if one.valid_until else None,
            "works": list(one.works),
            "check_time": moment(of.check_time) if of.check_time else None,
        }
        for of in known
        for one in of.licences
    ]
    organizations = [
        {
            "oid": of.oid,
            "name": of.name,
            "check_time": moment(of.check_time) if of.check_time else None,
            "licences": len(of.licences),
        }
        for of in known
    ]
    return document({"items": items, "organizations": organizations, "next_page_token": ""})


def file_json(file: File) -> dict[str, Any]:
    """What is known of a file."""
    return {
        "name": file.label,
        "media_type": file.media_type,
        "size": file.size,
        "sha256": file.sha256.hex(),
        "pages": file.pages,
        "scan": file.scan.value,
    }
