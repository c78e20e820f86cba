"""`/_control` of the stand-in: educations and categories of workers, licences of organisations."""

from datetime import date
from typing import Any, Literal

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field

from lkmr_egisz_stand_in import cards
from lkmr_egisz_stand_in.licences import LicenceRegister, licence
from lkmr_egisz_stand_in.reference import Organizations
from lkmr_egisz_stand_in.register import Register, WorkerUnknown
from lkmr_servicekit.telemetry import log
from lkmr_stand_in_kit.snils import InvalidSnils, normalise_snils


class Qualification(BaseModel):
    """An education (BASIC, RESIDENCY, RETRAINING) or a qualification category of a worker."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["BASIC", "RESIDENCY", "RETRAINING", "CATEGORY"]
    specialty: str = Field(min_length=1)
    issued_at: date
    series: str = ""
    institution: str = "Московский медицинский университет (демо)"
    level: Literal["вторая", "первая", "высшая"] | None = None
    valid_to: date | None = None


class Licence(BaseModel):
    """A licence; `organization` is an id of the demo set or an OID, `works` are specialties."""

    model_config = ConfigDict(extra="forbid")

    organization: str
    kind: Literal["MEDICAL", "PHARMACY", "NARCOTICS"] = "MEDICAL"
    issuer: str = ""
    issued_at: date | None = None
    valid_to: date | None = None
    state: Literal["VALID", "REISSUE", "SUSPENDED", "REVOKED", "ENDED"] = "VALID"
    works: list[str] | None = None


def papers_router(
    register: Register, licences: LicenceRegister, organizations: Organizations
) -> APIRouter:
    """Changes of qualifications and licences."""
    router = APIRouter(prefix="/_control")
    _add_qualifications(router, register)
    _add_licences(router, licences, organizations)
    return router


def _add_qualifications(router: APIRouter, register: Register) -> None:
    @router.put("/register/workers/{snils}/qualifications/{number:path}")
    async def put_qualification(
        snils: str, number: str, given: Qualification, response: Response
    ) -> dict[str, Any]:
        made = _qualification(number, given)
        try:
            is_new = register.put_qualification(_digits(snils), made)
        except WorkerUnknown as fault:
            raise HTTPException(404, str(fault)) from None
        response.status_code = 201 if is_new else 200
        log.info("register.changed", fields=["qualifications"], new=is_new)
        return made

    @router.delete("/register/workers/{snils}/qualifications/{number:path}", status_code=204)
    async def delete_qualification(snils: str, number: str) -> None:
        try:
            found = register.delete_qualification(_digits(snils), number)
        except WorkerUnknown as fault:
            raise HTTPException(404, str(fault)) from None
        if not found:
            raise HTTPException(404, "the card has no qualification with this number")


def _add_licences(
    router: APIRouter, licences: LicenceRegister, organizations: Organizations
) -> None:
    @router.get("/licences")
    async def list_licences(organization: str) -> dict[str, Any]:
        return {"items": licences.of([_known(organizations, organization)])}

    @router.put("/licences/{number:path}")
    async def put_licence(number: str, given: Licence) -> dict[str, Any]:
        found = organizations.find(given.organization)
        if found is None:
            raise HTTPException(422, f"no organisation {given.organization!r} in the register")
        made = licences.put(licence(number, found, given.model_dump()))
        log.info("licences.changed", state=made["state"])
        return made

    @router.delete("/licences/{number:path}", status_code=204)
    async def delete_licence(number: str) -> None:
        if not licences.remove(number):
            raise HTTPException(404, "no licence with this number")


def _digits(snils: str) -> str:
    try:
        return normalise_snils(snils)
    except InvalidSnils as fault:
        raise HTTPException(422, str(fault)) from None


def _known(organizations: Organizations, key: str) -> str:
    found = organizations.find(key)
    if found is None:
        raise HTTPException(404, f"no organisation {key!r} in the register")
    return found.oid


def _qualification(number: str, given: Qualification) -> dict[str, Any]:
    if given.type == "CATEGORY":
        if given.level is None:
            raise HTTPException(422, "a category has a level: вторая, первая, высшая")
        until = given.valid_to or cards.years_later(given.issued_at, 5)
        return {
            "category": given.level,
            "specialty": given.specialty,
            "orderNumber": number,
            "orderDate": given.issued_at.isoformat(),
            "validTo": until.isoformat(),
        }
    return {
        "type": given.type,
        "institution": given.institution,
        "year": given.issued_at.year,
        "issuedAt": given.issued_at.isoformat(),
        "documentSeries": given.series,
        "documentNumber": number.removeprefix(given.series),
        "specialty": given.specialty,
        "qualification": None,
    }
