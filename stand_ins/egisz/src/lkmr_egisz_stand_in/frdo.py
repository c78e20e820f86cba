"""ФИС ФРДО: the register of education documents, asked one document at a time."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from lkmr_egisz_stand_in.answers import answer, refusal
from lkmr_egisz_stand_in.register import Register
from lkmr_servicekit.clock import MOSCOW, Clock, day_in
from lkmr_stand_in_kit.behaviour import as_utc
from lkmr_stand_in_kit.snils import InvalidSnils, normalise_snils
from lkmr_stand_in_kit.store import Store

DOCUMENT, FORCED = "frdo_document", "frdo_forced"
State = Literal["FOUND", "NOT_FOUND", "MISMATCH", "ANNULLED"]
_NOISE = re.compile(r"[^0-9a-zа-я]+")
_COMPARED = ("type", "series", "issueDate", "hours")


class DocumentQuery(BaseModel):
    """A document as the asker has it."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    snils: str
    surname: str
    name: str
    patronymic: str | None = None
    birth_date: date
    type: str
    series: str = ""
    number: str = Field(min_length=1)
    issue_date: date
    issuer: str
    hours: int | None = None


class DocumentRegister:
    """Documents by issuer and number."""

    def __init__(self, store: Store, clock: Clock, register: Register) -> None:
        self._store, self._clock, self._register = store, clock, register

    def enter(self, person: str, document: Mapping[str, Any], *, visible_from: date) -> None:
        """A provider enters a document; it is seen from a day on."""
        key = _key(document["issuer"], document["number"])
        entry = {**document, "personId": person, "visibleFrom": visible_from.isoformat()}
        self._store.put(DOCUMENT, key, {"annulled": False, **entry})

    def annul(self, number: str) -> int:
        """Annul documents with a number; tells how many there were."""
        asked, found = _folded(number), 0
        for key, document in list(self._store.documents(DOCUMENT)):
            if _folded(document["number"]) == asked:
                self._store.put(DOCUMENT, key, {**document, "annulled": True})
                found += 1
        return found

    def force(self, number: str, state: State | None, fields: list[str]) -> None:
        """Answer about a number as told, whatever is entered; None ends that."""
        if state is None:
            self._store.delete(FORCED, _folded(number))
        else:
            self._store.put(FORCED, _folded(number), {"state": state, "fields": fields})

    def check(self, query: DocumentQuery) -> dict[str, Any]:
        """The state of a document, and the fields that differ. Raises InvalidSnils."""
        snils = normalise_snils(query.snils)
        forced = self._store.find(FORCED, _folded(query.number))
        if forced is not None:
            return self._said(forced["state"], forced["fields"])
        document = self._store.find(DOCUMENT, _key(query.issuer, query.number))
        today = day_in(MOSCOW, self._clock.now()).isoformat()
        if document is None or document["visibleFrom"] > today:
            return self._said("NOT_FOUND", [])
        if document["annulled"]:
            return self._said("ANNULLED", [])
        differing = self._differing(document, query, snils)
        return self._said("MISMATCH" if differing else "FOUND", differing)

    def _differing(
        self, document: Mapping[str, Any], query: DocumentQuery, snils: str
    ) -> list[str]:
        given = query.model_dump(by_alias=True, mode="json")
        differing = [
            field
            for field in _COMPARED
            if document.get(field) is not None
            and given[field] is not None
            and str(document[field]) != str(given[field])
        ]
        card = self._register.find(snils)
        if card is None or card["id"] != document["personId"]:
            return [*differing, "snils"]
        names = (("surname", "surname"), ("name", "name"), ("patronymic", "patronymic"))
        differing += [
            theirs
            for ours, theirs in names
            if _folded(card[ours] or "") != _folded(given[theirs] or "")
        ]
        return [*differing, *(["birthDate"] if card["birthDate"] != given["birthDate"] else [])]

    def _said(self, state: str, fields: list[str]) -> dict[str, Any]:
        return {"state": state, "fields": fields, "checkedAt": as_utc(self._clock.now())}


def frdo_router(documents: DocumentRegister) -> APIRouter:
    """`/frdo/v1`."""
    router = APIRouter(prefix="/frdo/v1")

    @router.post("/documents/check")
    async def check(query: DocumentQuery) -> Response:
        try:
            return answer(documents.check(query))
        except InvalidSnils as fault:
            return refusal(400, "SNILS_INVALID", str(fault))

    return router


def _key(issuer: str, number: str) -> str:
    return f"{_folded(issuer)}|{_folded(number)}"


def _folded(text: str) -> str:
    return _NOISE.sub("", text.casefold().replace("ё", "е"))
