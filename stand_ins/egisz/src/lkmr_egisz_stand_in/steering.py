"""`/_control` of the stand-in: changes to people in the registers."""

from collections.abc import Callable
from datetime import date
from typing import Any, Literal, TypeVar

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field

from lkmr_egisz_stand_in import cards
from lkmr_egisz_stand_in.insured import InsuredIncomplete, InsuredRegister
from lkmr_egisz_stand_in.reference import Organizations
from lkmr_egisz_stand_in.register import PersonIncomplete, Register, WorkerUnknown
from lkmr_servicekit.telemetry import log
from lkmr_stand_in_kit.people import InvalidField, UnknownFields
from lkmr_stand_in_kit.snils import InvalidSnils, normalise_snils

T = TypeVar("T")
_REFUSALS = (
    UnknownFields,
    InvalidField,
    InvalidSnils,
    PersonIncomplete,
    InsuredIncomplete,
    cards.UnknownOrganization,
)


class EntryOrganization(BaseModel):
    """An organisation bound to an entry."""

    model_config = ConfigDict(extra="forbid")

    oid: str = Field(min_length=1)
    name: str = ""


class AccreditationEntry(BaseModel):
    """An entry of the register about accreditation.

    `recorded_at` null means that it is not entered yet; `valid_to` is five years later when it is
    not given; `organizations` are ids of the demo set, OIDs, or objects.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Literal["PRIMARY", "PRIMARY_SPECIALIZED", "PERIODIC"]
    specialty: str = Field(min_length=1)
    recorded_at: date | None
    valid_to: date | None = None
    organizations: list[str | EntryOrganization] = []
    annulled: bool = False
    specialty_code: str | None = None
    education_level: Literal["HIGHER", "SECONDARY", "OTHER"] | None = None
    commission: str | None = None
    protocol_number: str | None = None
    protocol_date: date | None = None


def steering_router(
    register: Register, insured: InsuredRegister, organizations: Organizations
) -> APIRouter:
    """Changes of workers, of their accreditations, of insured people."""
    router = APIRouter(prefix="/_control")

    @router.get("/register/workers/{snils}")
    async def get_worker(snils: str) -> dict[str, Any]:
        card = register.find(_checked(lambda: normalise_snils(snils)))
        if card is None:
            raise HTTPException(404, "the register has no card for this SNILS")
        return card

    @router.patch("/register/workers/{snils}")
    async def patch_worker(snils: str, change: dict[str, Any]) -> dict[str, Any]:
        card = _checked(lambda: register.patch(_own(snils, change), change))
        log.info("register.changed", fields=sorted(change), version=card["version"])
        return card

    @router.put("/register/workers/{snils}/accreditations/{registry_number:path}")
    async def put_accreditation(
        snils: str, registry_number: str, entry: AccreditationEntry, response: Response
    ) -> dict[str, Any]:
        made = _checked(lambda: _entry(registry_number, entry, organizations))
        digits = _checked(lambda: normalise_snils(snils))
        is_new = _checked(lambda: register.put_accreditation(digits, made))
        response.status_code = 201 if is_new else 200
        log.info("register.changed", fields=["accreditations"], new=is_new)
        return made

    @router.delete(
        "/register/workers/{snils}/accreditations/{registry_number:path}", status_code=204
    )
    async def delete_accreditation(snils: str, registry_number: str) -> None:
        digits = _checked(lambda: normalise_snils(snils))
        if not _checked(lambda: register.delete_accreditation(digits, registry_number)):
            raise HTTPException(404, "the card has no accreditation with this number")
        log.info("register.changed", fields=["accreditations"])

    @router.patch("/insured/{snils}")
    async def patch_insured(snils: str, change: dict[str, Any]) -> dict[str, Any]:
        person = _checked(lambda: insured.patch(_own(snils, change), change))
        log.info("insured.changed", fields=sorted(change))
        return {
            "snils": person.snils,
            "family_name": person.family_name,
            "given_name": person.given_name,
            "patronymic": person.patronymic,
            "gender": person.gender,
            "birth_date": person.birth_date.isoformat(),
            "policy_number": person.policy_number,
        }

    return router


def _checked(work: Callable[[], T]) -> T:
    """The result of the work, its refusals as answers with a clear text."""
    try:
        return work()
    except WorkerUnknown as fault:
        raise HTTPException(404, str(fault)) from None
    except _REFUSALS as fault:
        raise HTTPException(422, str(fault)) from None


def _own(snils: str, change: dict[str, Any]) -> str:
    """The SNILS of the path; a body may repeat it but not change it. Raises InvalidSnils."""
    digits = normalise_snils(snils)
    if "snils" in change and normalise_snils(str(change["snils"])) != digits:
        raise InvalidField("snils", "is not that of the address and cannot be changed")
    return digits


def _entry(
    registry_number: str, entry: AccreditationEntry, organizations: Organizations
) -> dict[str, Any]:
    bound = []
    for one in entry.organizations:
        if isinstance(one, str):
            found = cards.known(organizations, one)
            bound.append({"oid": found.oid, "name": found.name})
        else:
            found_name = organizations.find(one.oid)
            bound.append(
                {"oid": one.oid, "name": one.name or (found_name.name if found_name else "")}
            )
    if entry.valid_to and entry.recorded_at and entry.valid_to < entry.recorded_at:
        raise InvalidField("valid_to", "is before recorded_at")
    return cards.accreditation(
        registry_number,
        kind=entry.kind,
        specialty=entry.specialty,
        recorded_at=entry.recorded_at,
        valid_to=entry.valid_to,
        annulled=entry.annulled,
        organizations=bound,
        given=entry.model_dump(),
    )
