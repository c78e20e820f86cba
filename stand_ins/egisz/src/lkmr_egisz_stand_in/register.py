"""The register of workers (ФРМР): generated cards, and stored ones that took their place.

Order of change: generated workers first, then every stored card at the place of its last change.
A cursor says how far a reader came in both, so a register that was made longer later is not missed.
"""

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import orjson

from lkmr_egisz_stand_in import cards
from lkmr_egisz_stand_in.cards import ACTIVE, REMOVED, Card
from lkmr_egisz_stand_in.generator import Generator, index_of_snils, snils_of
from lkmr_egisz_stand_in.reference import Organizations
from lkmr_servicekit.clock import MOSCOW, Clock, day_in
from lkmr_stand_in_kit.behaviour import as_utc
from lkmr_stand_in_kit.people import Document, Job, load_people, merge_person, person_from
from lkmr_stand_in_kit.store import Store

CARD, CARD_ID, CHANGE, META = "card", "card_id", "card", "meta"
LATEST = "latest"


class CursorInvalid(ValueError):
    """The cursor was not made by a stand-in."""


class CursorForeign(ValueError):
    """The cursor was made by another register: its data folder was emptied since."""


class PersonIncomplete(ValueError):
    """A person who is absent cannot be created without names and birth date."""


class WorkerUnknown(LookupError):
    """The register has no card for this SNILS."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a reader came: generated cards seen, place of the last change seen."""

    generated: int = 0
    change: int = 0

    def encode(self, epoch: str) -> str:
        """The opaque text that readers keep."""
        plain = f"{epoch}.{self.generated}.{self.change}"
        return urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, epoch: str) -> "Cursor":
        """Read it back; empty means from the start. Raises CursorInvalid, CursorForeign."""
        if not text:
            return cls()
        own, cursor = cls.opened(text)
        if own != epoch:
            raise CursorForeign("the cursor belongs to another register: start anew")
        return cursor

    @classmethod
    def opened(cls, text: str) -> "tuple[str, Cursor]":
        """The register that made it, and what it says. Raises CursorInvalid."""
        try:
            plain = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
            own, generated, change = plain.split(".")
            return own, cls(int(generated), int(change))
        except ValueError:
            raise CursorInvalid("the cursor is unreadable") from None


class Register:
    """Cards by SNILS and id, their changes, and who must hear of them."""

    def __init__(
        self, store: Store, clock: Clock, organizations: Organizations, *, generated: int
    ) -> None:
        self._store, self._clock, self._organizations = store, clock, organizations
        self.generated = generated
        self.changed = asyncio.Event()
        self._people = {one["snils"]: one for one in load_people().documents}
        meta = store.find(META, "register")
        if meta is None:
            meta = self._create()
        self.epoch: str = meta["epoch"]
        self._generator = Generator(date.fromisoformat(meta["anchor"]))
        self._replaced = {
            index
            for snils, _ in store.documents(CARD)
            if (index := index_of_snils(snils)) is not None
        }
        self._extra = sum(
            int(stored["status"] != REMOVED) - int(self._is_generated(snils))
            for snils, stored in store.documents(CARD)
        )

    @property
    def generator(self) -> Generator:
        """The maker of generated people."""
        return self._generator

    @property
    def total(self) -> int:
        """Cards in the register."""
        return self.generated + self._extra

    @property
    def stored(self) -> int:
        """Cards that somebody wrote."""
        return self._store.count(CARD)

    @property
    def last_change(self) -> int:
        """The place of the newest change."""
        return self._store.last_place(CHANGE)

    def find(self, snils: str) -> Card | None:
        """The card of a person as it is now."""
        card = self._stored_or_generated(snils)
        return self._dated(card) if card and card["status"] != REMOVED else None

    def find_by_id(self, worker_id: str) -> Card | None:
        """The card with this id as it is now."""
        index = self._generator.index_of_id(worker_id)
        snils = snils_of(index) if index is not None else self._store.find(CARD_ID, worker_id)
        return self.find(snils) if snils else None

    def knows_person(self, snils: str) -> bool:
        """Whether somebody with this SNILS was ever heard of, with a card or without."""
        return snils in self._people or self._stored_or_generated(snils) is not None

    def changes(self, cursor_text: str, limit: int, *, bulk: bool = True) -> bytes:
        """A page of whole cards behind a cursor, as JSON; `latest` is the present end.

        Without `bulk` only cards that were changed one at a time, not those of the mass import.
        Raises CursorInvalid, CursorForeign.
        """
        if cursor_text == LATEST:
            cursor = Cursor(self.generated, self.last_change)
        else:
            cursor = Cursor.decode(cursor_text, self.epoch)
        as_of = as_utc(self._clock.now())
        place = cursor.generated
        pieces: list[str] = []
        render, replaced = self._generator.render, self._replaced
        while bulk and place < self.generated and len(pieces) < limit:
            if place not in replaced:
                pieces.append(render(place, as_of))
            place += 1
        change = cursor.change
        if len(pieces) < limit:
            found = self.changes_after(change, limit - len(pieces))
            pieces += [orjson.dumps({**card, "asOf": as_of}).decode() for _, card in found]
            change = found[-1][0] if found else change
        more = (bulk and place < self.generated) or change < self.last_change
        following = Cursor(place, change).encode(self.epoch)
        return (
            f'{{"cards":[{",".join(pieces)}],"nextCursor":"{following}",'
            f'"hasMore":{"true" if more else "false"},"total":{self.total}}}'
        ).encode()

    def changes_after(self, place: int, limit: int = 100) -> list[tuple[int, Card]]:
        """Stored cards changed behind a place, with their places."""
        found = self._store.entries(CHANGE, after=place, limit=limit)
        return [(seq, self._store.find(CARD, snils)) for seq, snils, _ in found]

    def last_changes(self, limit: int = 20) -> list[tuple[str, Card]]:
        """Moment and card of the newest changes, newest first."""
        found = self._store.last_entries(CHANGE, limit=limit)
        return [(moment, self._store.find(CARD, snils)) for _, snils, moment in found]

    def patch(self, snils: str, change: Mapping[str, Any]) -> Card:
        """Merge fields named as in the demo set into a card; who is absent is created.

        Raises UnknownFields, InvalidField, UnknownOrganization, PersonIncomplete.
        """
        fields = merge_person({}, change)
        fields.update(fields.pop("worker_register_overrides", {}))
        card = self._stored_or_generated(snils)
        if card is None:
            return self._write(self._created(snils, fields))
        if card["status"] == REMOVED:
            fields.setdefault("in_worker_register", True)
        return self._write(self._merged(card, fields))

    def put_accreditation(self, snils: str, entry: dict[str, Any]) -> bool:
        """Add or replace an entry by its number; True when it is new. Raises WorkerUnknown."""
        card = self._card_to_change(snils)
        kept = [one for one in card["accreditations"] if not _same_number(one, entry)]
        is_new = len(kept) == len(card["accreditations"])
        self._write({**card, "accreditations": [*kept, entry]})
        return is_new

    def delete_accreditation(self, snils: str, registry_number: str) -> bool:
        """Remove an entry; False when there is none. Raises WorkerUnknown."""
        card = self._card_to_change(snils)
        asked = {"registryNumber": registry_number}
        kept = [one for one in card["accreditations"] if not _same_number(one, asked)]
        if len(kept) == len(card["accreditations"]):
            return False
        self._write({**card, "accreditations": kept})
        return True

    def put_qualification(self, snils: str, qualification: dict[str, Any]) -> bool:
        """Add or replace an education or a category by its number; True when it is new.

        Raises WorkerUnknown.
        """
        card = self._card_to_change(snils)
        written, is_new = cards.with_qualification(card, qualification)
        self._write(written)
        return is_new

    def delete_qualification(self, snils: str, number: str) -> bool:
        """Remove an education or category; False when there is none. Raises WorkerUnknown."""
        card = self._card_to_change(snils)
        written, found = cards.without_qualification(card, number)
        if found:
            self._write(written)
        return found

    def _create(self) -> Document:
        """The first day of the register: the demo people enter it."""
        today = day_in(MOSCOW, self._clock.now())
        meta = {"anchor": today.isoformat(), "epoch": uuid4().hex[:8]}
        with self._store.transaction():
            for document in self._people.values():
                if cards.is_registered(person_from(document), self._organizations):
                    self._put(self._created(document["snils"], {}))
            self._store.put(META, "register", meta)
        return meta

    def _created(self, snils: str, fields: Document) -> Card:
        """A new card from what is known of the person; default terms where none is given."""
        known = self._people.get(snils, {})
        asked = {"in_worker_register": True, **fields}
        whole = {**known, **known.get("worker_register_overrides", {}), **asked}
        whole.setdefault("gender", _gender_of(whole))
        whole.setdefault("accreditation_days_left", None)
        return self._merged(cards.empty_card(snils, self._id_of(snils)), whole)

    def _merged(self, card: Card, fields: Document) -> Card:
        merged = cards.with_person(card, fields)
        if not (merged["surname"] and merged["name"] and merged["birthDate"]):
            raise PersonIncomplete(
                "the register has no such person; to create one give family_name, given_name,"
                " birth_date"
            )
        if "jobs" in fields or "employee_number" in fields:
            merged = self._with_jobs(merged, fields)
        if "accreditation_days_left" in fields:
            asked = fields["accreditation_days_left"]
            today = day_in(MOSCOW, self._clock.now())
            days_left = cards.DEFAULT_DAYS_LEFT if asked is None else asked
            merged = cards.with_days_left(merged, days_left, today)
        if "in_worker_register" in fields:
            merged = merged | {"status": ACTIVE if fields["in_worker_register"] else REMOVED}
        return merged

    def _with_jobs(self, card: Card, fields: Document) -> Card:
        files = card["personalFiles"]
        number = fields.get("employee_number") or next((one["tableNumber"] for one in files), None)
        if "jobs" not in fields:
            return {**card, "personalFiles": [{**one, "tableNumber": number} for one in files]}
        jobs = [Job(**{**job, "roles": tuple(job.get("roles", ()))}) for job in fields["jobs"]]
        return cards.with_jobs(card, jobs, number, self._organizations)

    def _card_to_change(self, snils: str) -> Card:
        card = self._stored_or_generated(snils)
        if card is None or card["status"] == REMOVED:
            raise WorkerUnknown("the register has no card for this SNILS; create it by PATCH")
        return card

    def _write(self, card: Card) -> Card:
        before = self._stored_or_generated(card["snils"])
        with self._store.transaction():
            written = self._put(card)
        was = before is not None and before["status"] != REMOVED
        self._extra += (written["status"] != REMOVED) - was
        if (index := index_of_snils(card["snils"])) is not None:
            self._replaced.add(index)
        self.changed.set()
        return self._dated(written)

    def _put(self, card: Card) -> Card:
        snils = card["snils"]
        written = {**card, "version": card["version"] + 1}
        written.pop("asOf", None)
        self._store.put(CARD, snils, written)
        self._store.put(CARD_ID, written["id"], snils)
        self._store.move_to_end(CHANGE, snils, as_utc(self._clock.now()))
        return written

    def _stored_or_generated(self, snils: str) -> Card | None:
        stored: Card | None = self._store.find(CARD, snils)
        if stored is not None:
            return stored
        index = index_of_snils(snils)
        if index is None or index >= self.generated:
            return None
        return self._generator.card(index, as_utc(self._clock.now()))

    def _is_generated(self, snils: str) -> bool:
        index = index_of_snils(snils)
        return index is not None and index < self.generated

    def _id_of(self, snils: str) -> str:
        index = index_of_snils(snils)
        return cards.worker_id(snils) if index is None else self._generator.worker_id(index)

    def _dated(self, card: Card) -> Card:
        return {**card, "asOf": as_utc(self._clock.now())}


def _same_number(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(one["registryNumber"].replace(" ", "") == other["registryNumber"].replace(" ", ""))


def _gender_of(fields: Document) -> str:
    return "F" if str(fields.get("family_name", "")).endswith(("а", "я")) else "M"
