"""REST JSON of the worker register (ФРМР): `/frmr/v1`."""

from datetime import date
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from lkmr_egisz_stand_in.answers import answer, refusal
from lkmr_egisz_stand_in.cards import Card
from lkmr_egisz_stand_in.register import CursorForeign, CursorInvalid, Register
from lkmr_servicekit.clock import Clock
from lkmr_stand_in_kit.behaviour import as_utc
from lkmr_stand_in_kit.snils import InvalidSnils, normalise_snils
from lkmr_stand_in_kit.store import Store

PAGE_LIMIT = 5000
CORRECTION = "correction_request"


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class SignerCheck(_Body):
    """Who signs, in which post of which organisation, on which day."""

    snils: str
    surname: str
    name: str
    patronymic: str | None = None
    birth_date: date
    organization_oid: str
    position_code: str | None = None
    on: date | None = None


class CorrectionRequest(_Body):
    """A wish to correct a card (заявка на исправление), sent on behalf of an organisation."""

    request_id: str | None = Field(default=None, max_length=64)
    worker_id: str
    organization_oid: str | None = None
    field: str = Field(min_length=1, max_length=100)
    register_value: str | None = Field(default=None, max_length=1000)
    proposed_value: str = Field(max_length=1000)
    comment: str | None = Field(default=None, max_length=4000)


def frmr_router(register: Register, store: Store, clock: Clock) -> APIRouter:
    """Reading of cards, checks of signers, requests for correction, the feed of changes."""
    router = APIRouter(prefix="/frmr/v1")
    _add_cards(router, register)
    _add_checks(router, register, clock)
    _add_corrections(router, register, store, clock)
    _add_feed(router, register)
    return router


def _add_cards(router: APIRouter, register: Register) -> None:
    @router.get("/workers")
    async def find_worker(snils: str) -> Response:
        try:
            card = register.find(normalise_snils(snils))
        except InvalidSnils as fault:
            return refusal(400, "SNILS_INVALID", str(fault))
        return answer({"items": [card] if card else []})

    @router.get("/workers/{worker_id}")
    async def get_worker(
        worker_id: str, if_none_match: Annotated[str | None, Header()] = None
    ) -> Response:
        card = register.find_by_id(worker_id)
        if card is None:
            return _unknown_worker()
        etag = f'"{card["version"]}"'
        if if_none_match and etag in (part.strip() for part in if_none_match.split(",")):
            return Response(status_code=304, headers={"ETag": etag})
        return answer(card, headers={"ETag": etag})

    @router.get("/workers/{worker_id}/personal-files")
    async def list_personal_files(worker_id: str, on: date | None = None) -> Response:
        card = register.find_by_id(worker_id)
        if card is None:
            return _unknown_worker()
        files = [one for one in card["personalFiles"] if on is None or _lasts(one, on)]
        return answer({"items": files, "asOf": card["asOf"]})

    @router.get("/workers/{worker_id}/accreditations")
    async def list_accreditations(worker_id: str) -> Response:
        card = register.find_by_id(worker_id)
        if card is None:
            return _unknown_worker()
        return answer({"items": card["accreditations"], "asOf": card["asOf"]})


def _add_checks(router: APIRouter, register: Register, clock: Clock) -> None:
    @router.post("/checks/signer")
    async def check_signer(asked: SignerCheck) -> Response:
        code = signer_fault(register, asked, clock.now().date())
        return answer({"ok": code is None, "code": code})


def _add_corrections(router: APIRouter, register: Register, store: Store, clock: Clock) -> None:
    @router.post("/correction-requests")
    async def request_correction(asked: CorrectionRequest) -> Response:
        if register.find_by_id(asked.worker_id) is None:
            return _unknown_worker()
        key = asked.request_id or str(uuid4())
        known = store.find(CORRECTION, key)
        if known is not None:
            return answer(known)
        given = asked.model_dump(by_alias=True, exclude={"request_id"}, exclude_none=True)
        made = {"id": key, "state": "RECEIVED", "receivedAt": as_utc(clock.now()), **given}
        store.put(CORRECTION, key, made)
        return answer(made, 201)

    @router.get("/correction-requests/{key}")
    async def get_correction(key: str) -> Response:
        found = store.find(CORRECTION, key)
        if found is None:
            return refusal(404, "CORRECTION_REQUEST_NOT_FOUND", "no such request")
        return answer(found)


def _add_feed(router: APIRouter, register: Register) -> None:
    @router.get("/changes")
    async def list_changes(
        since: str = "",
        limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 100,
        *,
        bulk: bool = True,
    ) -> Response:
        try:
            page = register.changes(since, limit, bulk=bulk)
        except CursorInvalid as fault:
            return refusal(400, "CURSOR_INVALID", str(fault))
        except CursorForeign as fault:
            return refusal(410, "CURSOR_INVALID", str(fault))
        return Response(page, media_type="application/json")


def signer_fault(register: Register, asked: SignerCheck, today: date) -> str | None:
    """The code of the register's objection to a signer; None when all fits."""
    try:
        snils = normalise_snils(asked.snils)
    except InvalidSnils:
        return "PERSON_NOT_FOUND"
    card = register.find(snils)
    if card is None:
        return "PERSON_CARD_NOT_FOUND" if register.knows_person(snils) else "PERSON_NOT_FOUND"
    given = (asked.surname, asked.name, asked.patronymic or "", asked.birth_date.isoformat())
    if tuple(map(_folded, given)) != tuple(map(_folded, _identity(card))):
        return "VALUE_MISMATCH_METADATA_AND_FRMR"
    day = asked.on or today
    posts = [
        one
        for one in card["personalFiles"]
        if one["organizationOid"] == asked.organization_oid and _lasts(one, day)
    ]
    if asked.position_code is not None:
        posts = [one for one in posts if one["positionCode"] == asked.position_code]
    return None if posts else "PERSON_POST_IN_FRMR_MISMATCH"


def _unknown_worker() -> Response:
    return refusal(404, "WORKER_NOT_FOUND", "no card with this id")


def _identity(card: Card) -> tuple[str, str, str, str]:
    return card["surname"], card["name"], card["patronymic"] or "", card["birthDate"]


def _folded(text: str) -> str:
    return text.strip().casefold().replace("ё", "е")


def _lasts(file: dict[str, Any], day: date) -> bool:
    begun = str(file["dateIn"]) <= day.isoformat()
    return begun and (file["dateOut"] is None or day.isoformat() <= str(file["dateOut"]))
