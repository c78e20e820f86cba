"""Reads what the portal answers. What cannot be read is kept as it came, never left out."""

import re
from dataclasses import dataclass
from typing import Any

import orjson
from lkmr.egisz_bridge.v1.learning_service_pb2 import (
    CatalogueProgramme,
    RedeemedCode,
    StudyDocument,
    StudyNotice,
)

from lkmr_egisz_bridge.clients.http import OutsideFault
from lkmr_egisz_bridge.clients.json_fields import (
    Raw,
    Unreadable,
    day,
    flag,
    items,
    number,
    object_of,
    one_of,
    record,
    text,
    texts,
)
from lkmr_servicekit.telemetry import counter, log

_MAX_PAGE = 10_000
_MAX_KEPT = 64 * 1024
_PERSON = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_ANSWERS = frozenset(
    {"ACCEPTED", "UNKNOWN", "USED_BY_YOU", "USED_BY_ANOTHER", "NOT_FINISHED"}
    | {"SPECIALTY_MISMATCH", "OUTSIDE_CYCLE"}
)
_unreadable = counter(
    "lkmr_portal_items_unreadable_total", "What the portal gave and nobody could read", ("what",)
)


@dataclass(frozen=True, slots=True)
class NoticePage:
    """Notices, the cursor behind them, and whether others follow at once."""

    notices: list[StudyNotice]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True)
class ProgrammePage:
    """Programmes, the place behind them, and whether others follow."""

    programmes: list[CatalogueProgramme]
    edition: str
    place: int
    more: bool


def notices_of(body: bytes) -> NoticePage:
    """A page of notices. Raises OutsideFault ANSWER_UNREADABLE."""
    raw = object_of(body)
    try:
        found = items(raw, "notices", most=_MAX_PAGE)
        cursor, more = text(raw, "nextCursor", required=True), flag(raw, "hasMore")
    except Unreadable:
        raise OutsideFault("ANSWER_UNREADABLE") from None
    return NoticePage([notice_of(one) for one in found], cursor, more)


def notice_of(raw: Any) -> StudyNotice:
    """One notice; an unreadable one as bytes of JSON, cut at 64 KiB."""
    try:
        return _readable(record(raw, "notice"))
    except Unreadable as fault:
        _unreadable.labels("notice").inc()
        log.error("portal.notice_unreadable", field=str(fault))
        return StudyNotice(unreadable=orjson.dumps(raw)[:_MAX_KEPT])


def _readable(raw: Raw) -> StudyNotice:
    person = text(raw, "personId", required=True)
    if not _PERSON.match(person):
        raise Unreadable("personId")
    document = raw.get("document")
    return StudyNotice(
        id=text(raw, "id", required=True),
        study=text(raw, "study", required=True),
        revision=number(raw, "revision"),
        worker=f"workers/{person}",
        state=text(raw, "state", required=True),
        kind=text(raw, "kind"),
        title=text(raw, "title"),
        organizer=text(raw, "organizer"),
        start_date=day(raw, "startDate"),
        end_date=day(raw, "endDate"),
        hours=number(raw, "hours", required=False),
        specialty=text(raw, "specialty"),
        programme=text(raw, "programme"),
        reason=text(raw, "reason"),
        source=text(raw, "source"),
        document=None if document is None else _document(record(document, "document")),
    )


def _document(raw: Raw) -> StudyDocument:
    return StudyDocument(
        type=text(raw, "type"),
        series=text(raw, "series"),
        number=text(raw, "number", required=True),
        issue_date=day(raw, "issueDate"),
        issuer=text(raw, "issuer"),
        hours=number(raw, "hours", required=False),
        file=text(raw, "file"),
    )


def programmes_of(body: bytes) -> ProgrammePage:
    """A page of the catalogue. Raises OutsideFault ANSWER_UNREADABLE."""
    raw = object_of(body)
    try:
        found = items(raw, "programmes", most=_MAX_PAGE)
        edition, more = text(raw, "edition", required=True), flag(raw, "hasMore")
        place = number(raw, "next")
    except Unreadable:
        raise OutsideFault("ANSWER_UNREADABLE") from None
    made = [one for one in map(_programme, found) if one is not None]
    return ProgrammePage(made, edition, place, more)


def _programme(given: Any) -> CatalogueProgramme | None:
    try:
        raw = record(given, "programme")
        return CatalogueProgramme(
            id=text(raw, "id", required=True),
            title=text(raw, "title", required=True),
            provider=text(raw, "provider"),
            kind=text(raw, "kind", required=True),
            hours=number(raw, "hours"),
            specialties=texts(raw, "specialties", most=200),
            level=number(raw, "level", required=False),
            start_date=day(raw, "startDate"),
            end_date=day(raw, "endDate"),
            form=text(raw, "form"),
            city=text(raw, "city"),
            price=number(raw, "price", required=False),
            url=text(raw, "url"),
            annotation=text(raw, "annotation"),
            attestation=text(raw, "attestation"),
            new_competence=flag(raw, "newCompetence"),
        )
    except (Unreadable, ValueError, TypeError) as fault:
        _unreadable.labels("programme").inc()
        log.error("portal.programme_unreadable", kind=type(fault).__name__)
        return None


def redeemed_of(body: bytes) -> RedeemedCode:
    """The answer to a code. Raises OutsideFault ANSWER_UNREADABLE."""
    raw = object_of(body)
    try:
        return RedeemedCode(
            answer=one_of(raw, "answer", _ANSWERS),
            study=text(raw, "study"),
            hours=number(raw, "hours", required=False),
        )
    except (Unreadable, ValueError):
        raise OutsideFault("ANSWER_UNREADABLE") from None
