"""REST JSON of the register of organisations (ФРМО): `/frmo/v1`."""

from fastapi import APIRouter, Response

from lkmr_egisz_stand_in.answers import answer, refusal
from lkmr_egisz_stand_in.reference import Organizations
from lkmr_stand_in_kit.people import Organization


def frmo_router(organizations: Organizations) -> APIRouter:
    """Reading of organisations and their departments."""
    router = APIRouter(prefix="/frmo/v1/org")

    @router.get("/{oid}")
    async def get_organization(oid: str) -> Response:
        found = organizations.find(oid)
        if found is None or found.oid != oid:
            return refusal(404, "ORG_NOT_FOUND_IN_FRMO", "no organisation with this OID")
        return answer(_organization(found))

    @router.get("/{oid}/departments")
    async def list_departments(oid: str) -> Response:
        found = organizations.find(oid)
        if found is None or found.oid != oid:
            return refusal(404, "ORG_NOT_FOUND_IN_FRMO", "no organisation with this OID")
        items = [{"oid": own, "name": name} for own, name in organizations.departments(found)]
        return answer({"items": items})

    return router


def _organization(one: Organization) -> dict[str, str]:
    return {
        "oid": one.oid,
        "name": one.name,
        "shortName": one.short_name,
        "regionCode": one.region_code,
    }
