"""Cards of workers (карточка медработника) that are stored because somebody wrote them.

A card is kept in the form in which the register gives it out, without `asOf`.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from lkmr_egisz_stand_in.reference import (
    BY_NAME,
    COMMISSIONS,
    HIGHER,
    POSITION_CODES,
    Organizations,
)
from lkmr_stand_in_kit.people import Job, Organization, Person

Card = dict[str, Any]
DEFAULT_DAYS_LEFT = 900
ACTIVE, REMOVED = "ACTIVE", "REMOVED"
NOT_STAFF = frozenset({"IT_ADMIN", "SEC_ADMIN", "AUDITOR", "SUPPORT", "REGULATOR"})
_MEDICAL_OID = "1.2.643.5.1.13.13.12.2."
_ID_SPACE = UUID("6a3f2f6e-6a0f-5c55-9a54-6f6f63b1d3c1")


def worker_id(snils: str) -> str:
    """The id of a card, the same for one SNILS on every machine."""
    return str(uuid5(_ID_SPACE, snils))


def is_registered(person: Person, organizations: Organizations) -> bool:
    """Whether the worker register holds a person of the demo set: staff of a medical organisation.

    Information technology, security, audit and support are no medical posts.
    """
    if not person.in_worker_register:
        return False
    return any(
        _is_medical(organizations.find(job.organization)) and not set(job.roles) <= NOT_STAFF
        for job in person.jobs
    )


def empty_card(snils: str, own_id: str) -> Card:
    """A card about which nothing is known but the person's number."""
    return {
        "id": own_id,
        "version": 0,
        "snils": snils,
        "surname": "",
        "name": "",
        "patronymic": None,
        "sex": "",
        "birthDate": "",
        "status": ACTIVE,
        "educations": [],
        "accreditations": [],
        "personalFiles": [],
    }


def with_person(card: Card, change: Mapping[str, Any]) -> Card:
    """The card with names, sex and birth date of a change named as in the demo set."""
    names = {
        "family_name": "surname",
        "given_name": "name",
        "patronymic": "patronymic",
        "gender": "sex",
        "birth_date": "birthDate",
    }
    return {**card, **{ours: change[theirs] for theirs, ours in names.items() if theirs in change}}


def with_jobs(
    card: Card, jobs: Iterable[Job], table_number: str | None, organizations: Organizations
) -> Card:
    """The card with personal files (личное дело) for these jobs; the first job is the main one.

    A job that the card had already keeps its first day. Raises UnknownOrganization.
    """
    before = {(one["organizationOid"], one["position"]): one for one in card["personalFiles"]}
    files = []
    for place, job in enumerate(jobs):
        organization = known(organizations, job.organization)
        kept = before.get((organization.oid, job.position), {})
        files.append(
            {
                "organizationOid": organization.oid,
                "organizationName": organization.name,
                "departmentName": job.department,
                "position": job.position,
                "positionCode": POSITION_CODES.get(job.position),
                "specialty": job.specialty,
                "rate": 1.0 if place == 0 else 0.5,
                "employmentKind": "MAIN" if place == 0 else "EXTERNAL_PART_TIME",
                "dateIn": kept.get("dateIn") or _first_day(card, organization.oid),
                "dateOut": job.end_date,
                "tableNumber": table_number,
            }
        )
    return {**card, "personalFiles": files, "educations": _educations(card, files)}


def with_days_left(card: Card, days_left: int, today: date) -> Card:
    """The card where one periodic accreditation for each specialty of a job ends in so many days.

    The entry made for the specialty, else the latest one of it, is moved; without one it is made.
    """
    valid_to = today + timedelta(days=days_left)
    entries = [dict(entry) for entry in card["accreditations"]]
    for specialty in _specialties(card):
        entry = _own_entry(card["snils"], specialty, entries)
        if entry is None:
            entry = _new_entry(card, specialty, valid_to)
            entries.append(entry)
        recorded = years_later(valid_to, -5)
        entry["recordedAt"], entry["validTo"] = recorded.isoformat(), valid_to.isoformat()
        entry["protocolDate"] = (recorded - timedelta(days=7)).isoformat()
    return {**card, "accreditations": entries}


def accreditation(
    registry_number: str,
    *,
    kind: str,
    specialty: str,
    recorded_at: date | None,
    valid_to: date | None,
    annulled: bool,
    organizations: Iterable[Mapping[str, str]],
    given: Mapping[str, Any],
) -> dict[str, Any]:
    """An entry of the register; what `given` leaves out is filled by the specialty and the term."""
    known_specialty = BY_NAME.get(specialty)
    level = given.get("education_level") or (known_specialty.level if known_specialty else HIGHER)
    if valid_to is None and recorded_at is not None:
        valid_to = years_later(recorded_at, 5)
    protocol = given.get("protocol_date") or (recorded_at and recorded_at - timedelta(days=7))
    return {
        "registryNumber": registry_number,
        "kind": kind,
        "specialtyCode": given.get("specialty_code")
        or (known_specialty.code if known_specialty else None),
        "specialty": specialty,
        "educationLevel": level,
        "commission": given.get("commission") or COMMISSIONS.get(level, COMMISSIONS[HIGHER]),
        "protocolNumber": given.get("protocol_number")
        or f"{_hash(registry_number, specialty) % 900 + 1}",
        "protocolDate": protocol.isoformat() if protocol else None,
        "recordedAt": recorded_at.isoformat() if recorded_at else None,
        "validTo": valid_to.isoformat() if valid_to else None,
        "annulled": annulled,
        "organizations": [dict(one) for one in organizations],
    }


def with_qualification(card: Card, qualification: dict[str, Any]) -> tuple[Card, bool]:
    """The card with an education or a category, and whether it is new."""
    cleared, was = without_qualification(card, _number_of(qualification))
    name = "categories" if "orderNumber" in qualification else "educations"
    return {**cleared, name: [*cleared.get(name, []), qualification]}, not was


def without_qualification(card: Card, number: str) -> tuple[Card, bool]:
    """The card without the education or category of a number, and whether there was one."""
    wanted = "".join(number.split())
    made, found = dict(card), False
    for name in ("educations", "categories"):
        kept = [one for one in card.get(name, []) if _number_of(one) != wanted]
        found = found or len(kept) != len(card.get(name, []))
        made[name] = kept
    return made, found


def _number_of(qualification: Mapping[str, Any]) -> str:
    if "orderNumber" in qualification:
        return "".join(str(qualification["orderNumber"]).split())
    series = qualification.get("documentSeries") or ""
    return "".join(f"{series}{qualification['documentNumber']}".split())


class UnknownOrganization(ValueError):
    """No organisation has this id or OID."""


def known(organizations: Organizations, key: str) -> Organization:
    """The organisation with this id or OID. Raises UnknownOrganization."""
    found = organizations.find(key)
    if found is None:
        raise UnknownOrganization(f"no organisation {key!r} in the register")
    return found


def years_later(day: date, years: int) -> date:
    """The same day of another year; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _is_medical(organization: Organization | None) -> bool:
    return organization is not None and organization.oid.startswith(_MEDICAL_OID)


def _specialties(card: Card) -> list[str]:
    return list(
        dict.fromkeys(one["specialty"] for one in card["personalFiles"] if one["specialty"])
    )


def _hash(*parts: str) -> int:
    return int.from_bytes(sha256("|".join(parts).encode()).digest()[:6], "big")


def _first_day(card: Card, oid: str) -> str:
    return (date(2012, 1, 9) + timedelta(days=_hash(card["snils"], oid) % 3600)).isoformat()


def _own_number(snils: str, specialty: str) -> str:
    return f"03{_hash(snils, specialty) % 10**7:07d}"


def _own_entry(snils: str, specialty: str, entries: list[dict[str, Any]]) -> dict[str, Any] | None:
    same = [entry for entry in entries if entry["specialty"] == specialty]
    own = _own_number(snils, specialty)
    for entry in same:
        if entry["registryNumber"].endswith(own):
            return entry
    return max(same, key=lambda entry: entry["recordedAt"] or "", default=None)


def _new_entry(card: Card, specialty: str, valid_to: date) -> dict[str, Any]:
    files = [one for one in card["personalFiles"] if one["specialty"] == specialty]
    region = files[0]["organizationOid"].split(".")[-2].zfill(2)
    recorded = years_later(valid_to, -5)
    return accreditation(
        f"{region}{recorded:%y} {_own_number(card['snils'], specialty)}",
        kind="PERIODIC",
        specialty=specialty,
        recorded_at=recorded,
        valid_to=valid_to,
        annulled=False,
        organizations=[
            {"oid": one["organizationOid"], "name": one["organizationName"]} for one in files
        ],
        given={},
    )


def _educations(card: Card, files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if card["educations"]:
        return list(card["educations"])
    specialty = next((one["specialty"] for one in files if one["specialty"]), None)
    if specialty is None:
        return []
    level = BY_NAME[specialty].level if specialty in BY_NAME else HIGHER
    draw = _hash(card["snils"], "diploma")
    born = int(card["birthDate"][:4])
    return [
        {
            "type": "BASIC",
            "institution": "Московский медицинский университет (демо)"
            if level == HIGHER
            else "Московский медицинский колледж (демо)",
            "year": born + (24 if level == HIGHER else 21),
            "documentSeries": f"{1077 + draw % 20}",
            "documentNumber": f"{draw % 10**7:07d}",
            "specialty": specialty,
            "qualification": "врач" if level == HIGHER else "специалист",
        }
    ]
