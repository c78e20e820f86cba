"""The register of insured people (ФЕРЗЛ): demo people, generated workers, changes to both."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lkmr_egisz_stand_in.generator import Generator, index_of_snils, snils_of
from lkmr_stand_in_kit.people import Document, load_people, merge_person
from lkmr_stand_in_kit.store import Store

KIND, BY_POLICY = "insured", "insured_policy"
_KEPT = ("family_name", "given_name", "patronymic", "gender", "birth_date", "policy_number")


class InsuredIncomplete(ValueError):
    """A person who is absent cannot be created without names, birth date and policy."""


@dataclass(frozen=True, slots=True)
class InsuredPerson:
    """An entry of the register; `policy_number` is the ENP (ЕНП)."""

    snils: str
    family_name: str
    given_name: str
    patronymic: str | None
    gender: str
    birth_date: date
    policy_number: str


class InsuredRegister:
    """Looks people up by SNILS or policy number, and takes changes."""

    def __init__(self, store: Store, generator: Generator, *, generated: int) -> None:
        self._store, self._generator, self._generated = store, generator, generated
        if store.find("meta", KIND) is None:
            with store.transaction():
                for document in load_people().documents:
                    self._put(document["snils"], _resolved(document))
                store.put("meta", KIND, True)

    def find(self, snils: str) -> InsuredPerson | None:
        """The person with this SNILS."""
        document = self._document(snils)
        return _person(snils, document) if document else None

    def find_by_policy(self, number: str) -> InsuredPerson | None:
        """The person who holds this policy now."""
        snils = self._store.find(BY_POLICY, number)
        if snils is None:
            index = self._generator.index_of_policy(number)
            if index is None or index >= self._generated:
                return None
            snils = snils_of(index)
        person = self.find(snils)
        return person if person and person.policy_number == number else None

    def patch(self, snils: str, change: Mapping[str, Any]) -> InsuredPerson:
        """Merge fields named as in the demo set; who is absent is created.

        Raises UnknownFields, InvalidField, InsuredIncomplete.
        """
        before = self._document(snils) or {}
        fields = _resolved(merge_person({}, change))
        merged = {**before, **fields}
        needed = ("family_name", "given_name", "birth_date", "policy_number")
        if missing := [name for name in needed if not merged.get(name)]:
            raise InsuredIncomplete(
                f"the register has no such person; to create one give {', '.join(missing)}"
            )
        feminine = merged["family_name"].endswith(("а", "я"))
        merged.setdefault("gender", "F" if feminine else "M")
        with self._store.transaction():
            if "policy_number" in before:
                self._store.delete(BY_POLICY, before["policy_number"])
            self._put(snils, merged)
        return _person(snils, merged)

    def _put(self, snils: str, document: Document) -> None:
        self._store.put(KIND, snils, document)
        if number := document.get("policy_number"):
            self._store.put(BY_POLICY, number, snils)

    def _document(self, snils: str) -> Document | None:
        stored: Document | None = self._store.find(KIND, snils)
        if stored is not None:
            return stored
        index = index_of_snils(snils)
        if index is None or index >= self._generated:
            return None
        made = self._generator.insured(index)
        document = {name: getattr(made, name) for name in _KEPT}
        return {**document, "birth_date": made.birth_date.isoformat()}


def _resolved(document: Document) -> Document:
    """What this register holds of a person of the demo set, its own view first."""
    whole = {**document, **document.get("insured_register_overrides", {})}
    return {name: whole[name] for name in _KEPT if name in whole}


def _person(snils: str, document: Document) -> InsuredPerson:
    return InsuredPerson(
        snils=snils,
        family_name=document["family_name"],
        given_name=document["given_name"],
        patronymic=document.get("patronymic"),
        gender=document["gender"],
        birth_date=date.fromisoformat(document["birth_date"]),
        policy_number=document["policy_number"],
    )
