"""Reads what the worker register answers: strict about fields we use, deaf to all others."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from google.protobuf.timestamp_pb2 import Timestamp
from lkmr.egisz_bridge.v1.egisz_bridge_service_pb2 import (
    AccreditationEntry,
    Job,
    Qualification,
    WorkerCard,
)

from lkmr_egisz_bridge.clients.http import OutsideFault
from lkmr_egisz_bridge.usecases.ports import Change
from lkmr_servicekit.telemetry import counter, log

_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_SNILS = re.compile(r"\d{11}\Z", re.ASCII)
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_KINDS = frozenset({"PRIMARY", "PRIMARY_SPECIALIZED", "PERIODIC"})
_EDUCATIONS = {"BASIC": "DIPLOMA", "RESIDENCY": "RESIDENCY", "RETRAINING": "RETRAINING"}
_REMOVED = "REMOVED"
_MAX_TEXT = 2000
_MAX_LIST = 1000
_MAX_PAGE = 10_000
_unreadable = counter("lkmr_register_cards_unreadable_total", "Cards that had to be left out")

Raw = Mapping[str, Any]


class Unreadable(Exception):
    """A field that we use is missing or of another type; names the field, never its value."""


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page of changes before its cards are read."""

    cards: list[Any]
    cursor: str
    more: bool
    total: int


def page_of(body: bytes) -> RawPage:
    """A page of `/changes`. Raises OutsideFault ANSWER_UNREADABLE."""
    raw = _object(body)
    try:
        return RawPage(
            _list(raw, "cards", most=_MAX_PAGE),
            _text(raw, "nextCursor", required=True),
            _flag(raw, "hasMore"),
            _number(raw, "total"),
        )
    except Unreadable:
        raise OutsideFault("ANSWER_UNREADABLE") from None


def found_of(body: bytes) -> Raw | None:
    """The one card of a search by SNILS, or None. Raises OutsideFault ANSWER_UNREADABLE."""
    cards = _object(body).get("items")
    if not isinstance(cards, list) or len(cards) > 1:
        raise OutsideFault("ANSWER_UNREADABLE")
    return cards[0] if cards else None


def single_of(body: bytes) -> Raw:
    """One card as it lies in a body. Raises OutsideFault ANSWER_UNREADABLE."""
    return _object(body)


def card_or_fault(raw: Raw, fetched: Timestamp) -> WorkerCard:
    """The card with its qualifications as our message. Raises OutsideFault ANSWER_UNREADABLE."""
    try:
        card = card_of(raw, fetched)
        card.qualifications.extend(qualifications_of(raw))
        card.has_qualifications = True
    except Unreadable as fault:
        log.error("register.card_unreadable", field=str(fault))
        _unreadable.inc()
        raise OutsideFault("ANSWER_UNREADABLE") from None
    return card


def cards_of(raws: list[Any], fetched: Timestamp) -> list[WorkerCard]:
    """All readable cards of a list that are in the register; removed ones are left out.

    Unreadable ones are counted and named in the log by their id: one broken card must not keep
    a million others out of the cabinet.
    """
    cards = []
    for raw in raws:
        try:
            card = card_of(raw, fetched)
            if raw.get("status") != _REMOVED:
                cards.append(card)
        except Unreadable as fault:
            _unreadable.inc()
            log.error("register.card_unreadable", field=str(fault), worker=_id_for_log(raw))
    return cards


def changes_of(page: RawPage) -> list[Change]:
    """Which cards of a page changed; an unreadable one is left out as in `cards_of`."""
    changes = []
    for raw in page.cards:
        try:
            changes.append(Change(_worker_id(raw), _number(raw, "version")))
        except Unreadable as fault:
            _unreadable.inc()
            log.error("register.card_unreadable", field=str(fault), worker=_id_for_log(raw))
    return changes


def card_of(raw: Raw, fetched: Timestamp) -> WorkerCard:
    """One card (карточка медработника). Raises Unreadable."""
    worker = _worker_id(raw)
    snils = raw.get("snils")
    if not isinstance(snils, str) or not _SNILS.match(snils):
        raise Unreadable("snils")
    try:
        return WorkerCard(
            name=f"workers/{worker}",
            version=_number(raw, "version"),
            snils=snils,
            family_name=_text(raw, "surname", required=True),
            given_name=_text(raw, "name"),
            patronymic=_text(raw, "patronymic"),
            birth_date=_day(raw, "birthDate"),
            jobs=[_job(one) for one in _list(raw, "personalFiles")],
            accreditations=[_entry(one) for one in _list(raw, "accreditations")],
            fetch_time=fetched,
        )
    except (TypeError, ValueError, AttributeError):
        raise Unreadable("card") from None


def qualifications_of(raw: Raw) -> list[Qualification]:
    """Educations and categories of a card. Raises Unreadable."""
    try:
        made = [_education(one) for one in _list(raw, "educations")]
        return made + [_category(one) for one in _list(raw, "categories")]
    except (TypeError, ValueError, AttributeError):
        raise Unreadable("qualifications") from None


def _education(raw: Raw) -> Qualification:
    year = raw.get("year")
    return Qualification(
        kind=_EDUCATIONS.get(_text(raw, "type"), "DIPLOMA"),
        series=_text(raw, "documentSeries"),
        number=_text(raw, "documentNumber", required=True),
        issuer=_text(raw, "institution"),
        specialty=_text(raw, "specialty"),
        issue_date=_day(raw, "issuedAt"),
        issue_year=year if type(year) is int and 0 < year < 10_000 else 0,  # noqa: PLR2004 - years
    )


def _category(raw: Raw) -> Qualification:
    return Qualification(
        kind="CATEGORY",
        number=_text(raw, "orderNumber", required=True),
        specialty=_text(raw, "specialty", required=True),
        level=_text(raw, "category", required=True),
        issue_date=_day(raw, "orderDate"),
        expire_date=_day(raw, "validTo"),
    )


def _job(raw: Raw) -> Job:
    return Job(
        organization_oid=_text(raw, "organizationOid"),
        organization_name=_text(raw, "organizationName"),
        position=_text(raw, "position"),
        specialty=_text(raw, "specialty"),
        department=_text(raw, "departmentName"),
        start_date=_day(raw, "dateIn"),
        end_date=_day(raw, "dateOut"),
    )


def _entry(raw: Raw) -> AccreditationEntry:
    kind = raw.get("kind")
    if kind not in _KINDS:
        raise Unreadable("kind")
    return AccreditationEntry(
        registry_number=_text(raw, "registryNumber", required=True),
        kind=kind,
        specialty_code=_text(raw, "specialtyCode"),
        specialty=_text(raw, "specialty", required=True),
        education_level=_text(raw, "educationLevel"),
        commission=_text(raw, "commission"),
        protocol_number=_text(raw, "protocolNumber"),
        protocol_date=_day(raw, "protocolDate"),
        record_date=_day(raw, "recordedAt"),
        expire_date=_day(raw, "validTo"),
        annulled=_flag(raw, "annulled"),
        organizations=[_organization(one) for one in _list(raw, "organizations")],
    )


def _organization(raw: Raw | str) -> Job:
    """An organisation bound to an entry: an object, or only its OID."""
    if isinstance(raw, str):
        return Job(organization_oid=raw)
    return Job(
        organization_oid=_text(raw, "oid"),
        organization_name=_text(raw, "name"),
        position=_text(raw, "position"),
        start_date=_day(raw, "dateIn"),
        end_date=_day(raw, "dateOut"),
    )


def _worker_id(raw: Raw) -> str:
    if type(raw) is not dict:
        raise Unreadable("card")
    worker = raw.get("id")
    if not isinstance(worker, str) or not _ID.match(worker):
        raise Unreadable("id")
    return worker


def _text(raw: Raw, field: str, *, required: bool = False) -> str:
    value = raw.get(field)
    if type(value) is str and len(value) <= _MAX_TEXT and (value or not required):
        return value
    if value is None and not required:
        return ""
    raise Unreadable(field)


def _day(raw: Raw, field: str) -> str:
    value = raw.get(field)
    if value is None:
        return ""
    if value == "":
        return ""
    if type(value) is not str or not _DAY.match(value):
        raise Unreadable(field)
    try:
        date.fromisoformat(value)
    except ValueError:
        raise Unreadable(field) from None
    return value


def _number(raw: Raw, field: str) -> int:
    value = raw.get(field)
    if type(value) is not int or not 0 <= value < 1 << 62:
        raise Unreadable(field)
    return value


def _flag(raw: Raw, field: str) -> bool:
    value = raw.get(field)
    if value is True or value is False:
        return value
    raise Unreadable(field)


def _list(raw: Raw, field: str, *, most: int = _MAX_LIST) -> list[Any]:
    value = raw.get(field)
    if value is None:
        return []
    if type(value) is not list or len(value) > most:
        raise Unreadable(field)
    return value


def _object(body: bytes) -> Raw:
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise OutsideFault("ANSWER_UNREADABLE") from None
    if not isinstance(raw, dict):
        raise OutsideFault("ANSWER_UNREADABLE")
    return raw


def _id_for_log(raw: object) -> str:
    """The id of a card when it is one; nothing else of a broken card is printed."""
    try:
        return str(uuid.UUID(raw["id"])) if isinstance(raw, dict) else ""
    except (KeyError, ValueError, AttributeError, TypeError):
        return ""
