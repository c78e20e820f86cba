"""The licence register: one licence for each medical organisation, and what was written since."""

from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from fastapi import APIRouter, Query, Response

from lkmr_egisz_stand_in.answers import answer, refusal
from lkmr_egisz_stand_in.reference import SPECIALTIES, Organizations
from lkmr_servicekit.clock import Clock
from lkmr_stand_in_kit.behaviour import as_utc
from lkmr_stand_in_kit.people import Organization
from lkmr_stand_in_kit.store import Store

LICENCE, CHANGE = "licence", "licence_change"
KINDS = ("MEDICAL", "PHARMACY", "NARCOTICS")
STATES = ("VALID", "REISSUE", "SUSPENDED", "REVOKED", "ENDED")
_MEDICAL_OID = "1.2.643.5.1.13.13.12.2."
_MOST = 1000

Licence = dict[str, Any]


class LicenceRegister:
    """Licences by number; those that nobody wrote are computed and always the same."""

    def __init__(self, store: Store, clock: Clock, organizations: Organizations) -> None:
        self._store, self._clock, self._organizations = store, clock, organizations
        self._computed = {
            made["number"]: made
            for one in organizations.all
            if one.oid.startswith(_MEDICAL_OID)
            for made in (_usual(one),)
        }

    def find(self, number: str) -> Licence | None:
        """The licence with a number, blanks and case aside."""
        stored = self._store.find(LICENCE, _plain(number))
        if stored is not None:
            return None if stored.get("removed") else dict(stored)
        return next(
            (one for key, one in self._computed.items() if _plain(key) == _plain(number)), None
        )

    def of(self, oids: Iterable[str]) -> list[Licence]:
        """All licences of some organisations."""
        wanted = set(oids)
        stored = dict(self._store.documents(LICENCE))
        found = [one for one in self._computed.values() if _plain(one["number"]) not in stored]
        found += [one for one in stored.values() if not one.get("removed")]
        return [one for one in found if one["organizationOid"] in wanted]

    def put(self, licence: Licence) -> Licence:
        """Write a licence; it stands in the feed of changes from now on."""
        key = _plain(licence["number"])
        with self._store.transaction():
            self._store.put(LICENCE, key, licence)
            self._store.append(CHANGE, key, licence["organizationOid"])
        return licence

    def remove(self, number: str) -> bool:
        """Take a licence out of the register; False when there is none."""
        known = self.find(number)
        if known is not None:
            self.put({**known, "removed": True})
        return known is not None

    def changes(self, since: int) -> tuple[list[dict[str, str]], int]:
        """Numbers and organisations of what was written after a place, and the next place."""
        found = self._store.entries(CHANGE, after=since, limit=_MOST)
        items = []
        for _, key, _moment in found:
            one = self._store.find(LICENCE, key)
            items.append({"number": one["number"], "organizationOid": one["organizationOid"]})
        return items, found[-1][0] if found else since

    @property
    def moment(self) -> str:
        """The present moment as the register writes it."""
        return as_utc(self._clock.now())


def licence(number: str, organization: Organization, given: Mapping[str, Any]) -> Licence:
    """A licence as the register gives it out."""
    issued, until = given.get("issued_at"), given.get("valid_to")
    return {
        "number": number,
        "kind": given.get("kind") or "MEDICAL",
        "organizationOid": organization.oid,
        "organizationName": organization.name,
        "issuer": given.get("issuer") or "Росздравнадзор (демо)",
        "issuedAt": issued.isoformat() if isinstance(issued, date) else "2021-03-01",
        "validTo": until.isoformat() if isinstance(until, date) else None,
        "state": given.get("state") or "VALID",
        "works": list(given["works"]) if given.get("works") is not None else _all_works(),
    }


def licences_router(register: LicenceRegister) -> APIRouter:
    """REST JSON: `/licences/v1`."""
    router = APIRouter(prefix="/licences/v1")

    @router.get("/licences")
    async def find(
        organization_oid: list[str] = Query(default=[], alias="organizationOid"),  # noqa: B008, FAST002 - the form of FastAPI for a repeated parameter
        number: str = "",
    ) -> Response:
        if bool(organization_oid) == bool(number):
            return refusal(400, "ONE_OF", "give organizationOid or number")
        if number:
            one = register.find(number)
            items = [one] if one else []
        else:
            items = register.of(organization_oid)
        return answer({"items": items, "asOf": register.moment})

    @router.get("/changes")
    async def changes(since: str = "") -> Response:
        if since and not since.isdecimal():
            return refusal(400, "CURSOR_INVALID", "the cursor is unreadable")
        items, place = register.changes(int(since or 0))
        return answer({"items": items, "nextCursor": str(place)})

    return router


def _usual(organization: Organization) -> Licence:
    draw = int.from_bytes(sha256(organization.oid.encode()).digest()[:4], "big") % 10**8
    region = organization.oid.split(".")[-2].zfill(2)
    return licence(f"Л041-01137-{region}/{draw:08d}", organization, {})


def _all_works() -> list[str]:
    return sorted(one.name for one in SPECIALTIES)


def _plain(number: str) -> str:
    return "".join(number.casefold().split())
