"""Data of a person and of organisations in the shapes of ESIA's REST interface."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from lkmr_gosuslugi_stand_in.accounts import Person
from lkmr_gosuslugi_stand_in.phones import esia_phone
from lkmr_stand_in_kit.people import load_people
from lkmr_stand_in_kit.snils import format_snils

Json = dict[str, Any]
FIRST_ORGANIZATION_OID = 1000400001
_CONFIRMED = "confirmed"


def person_json(person: Person, granted: Callable[[str], bool]) -> Json:
    """`/rs/prns/{oid}` without collections: fields whose scope was granted."""
    oid = person.esia_oid or 0
    data: Json = {
        "stateFacts": ["EntityRoot"],
        "trusted": person.esia_level == _CONFIRMED,
        "status": "REGISTERED",
        "verifying": False,
        "containsUpCfmCode": False,
        "rfgUOperatorCheck": False,
        "updatedOn": 1767225600,
    }
    if granted("fullname"):
        data |= {"firstName": person.given_name, "lastName": person.family_name}
        data |= {"middleName": person.patronymic} if person.patronymic else {}
    if granted("birthdate"):
        data["birthDate"] = f"{person.birth_date:%d.%m.%Y}"
    if granted("birthplace"):
        data["birthPlace"] = "г. Москва"
    if granted("gender"):
        data["gender"] = person.gender
    if granted("snils") and person.esia_level != "simplified":
        data["snils"] = format_snils(person.snils)
    if granted("inn"):
        data["inn"] = f"77{oid % 10**8:08d}00"
    if granted("id_doc"):
        data |= {"citizenship": "RUS", "rIdDoc": oid * 100 + 51}
    return _tagged(data)


def contacts(person: Person, granted: Callable[[str], bool]) -> list[Json]:
    """Verified mobile number and e-mail; `contacts` gives both."""
    oid, found = person.esia_oid or 0, []
    if person.phone and (granted("mobile") or granted("contacts")):
        found.append(_contact(oid * 100 + 1, "MBT", esia_phone(person.phone)))
    if person.email and (granted("email") or granted("contacts")):
        found.append(_contact(oid * 100 + 2, "EML", person.email))
    return found


def documents(
    person: Person, granted: Callable[[str], bool], passport: Mapping[str, str]
) -> list[Json]:
    """The passport, and the insurance policy, which ESIA does not verify."""
    oid, found = person.esia_oid or 0, []
    names = {"firstName": person.given_name, "lastName": person.family_name}
    if granted("id_doc") and person.esia_level != "simplified":
        issued = {"issueId": "770001", "issueDate": "01.06.2015", "issuedBy": "Учебный отдел"}
        found.append(
            _document(oid * 100 + 51, "RF_PASSPORT", "VERIFIED", **passport, **issued, **names)
        )
    if granted("medical_doc") and person.policy_number:
        found.append(
            _document(oid * 100 + 71, "MDCL_PLCY", "NOT_VERIFIED", number=person.policy_number)
        )
    return found


def roles(person: Person) -> list[Json]:
    """Organisations of the person with the rights there, inline as ESIA gives them."""
    found = []
    for organization_id in dict.fromkeys(job.organization for job in person.jobs):
        job = next(one for one in person.jobs if one.organization == organization_id)
        data = organization(organization_oid(organization_id))
        found.append(
            {
                "oid": data["oid"],
                "prnOid": person.esia_oid,
                "fullName": data["fullName"],
                "shortName": data["shortName"],
                "ogrn": data["ogrn"],
                "type": data["type"],
                "chief": "HEAD_ORG" in job.roles,
                "admin": "IT_ADMIN" in job.roles,
                "active": True,
                "hasRightOfSubstitution": False,
                "hasApprovalTabAccess": False,
                "isLiquidated": False,
            }
        )
    return found


def organization_oid(organization_id: str) -> int:
    """ESIA's number of an organisation of the demo set, or a stable one for another id."""
    known = [one.id for one in load_people().organizations]
    if organization_id in known:
        return FIRST_ORGANIZATION_OID + known.index(organization_id)
    digest = hashlib.sha256(organization_id.encode()).digest()
    return FIRST_ORGANIZATION_OID + 1000 + int.from_bytes(digest[:4], "big") % 10**6


def organization(oid: int) -> Json:
    """`/rs/orgs/{oid}`; an organisation outside the demo set has only its number for a name."""
    number = oid - FIRST_ORGANIZATION_OID
    known = load_people().organizations
    one = known[number] if 0 <= number < len(known) else None
    name = one.name if one else f"Организация {oid}"
    region = one.region_code if one else "77"
    body = f"1{number % 100:02d}{region}{oid % 10**7:07d}"
    data: Json = {
        "stateFacts": ["Identifiable"],
        "oid": oid,
        "ogrn": f"{body}{int(body) % 11 % 10}",
        "inn": f"{region}{oid % 10**8:08d}",
        "kpp": f"{region}0101001",
        "leg": "75203",
        "shortName": one.short_name if one else name,
        "fullName": name,
        "type": "AGENCY" if one and one.oid.startswith("1.2.643.5.1.13.13.12.1.") else "LEGAL",
        "isLiquidated": False,
    }
    return _tagged(data)


def collection(elements: list[Any]) -> Json:
    """A collection: how many, a tag, and the elements (objects or links)."""
    data: Json = {"stateFacts": ["hasSize"], "size": len(elements), "elements": elements}
    return _tagged(data)


def _contact(number: int, kind: str, value: str) -> Json:
    data: Json = {
        "stateFacts": ["Identifiable"],
        "id": number,
        "type": kind,
        "vrfStu": "VERIFIED",
        "value": value,
    }
    return _tagged(data)


def _document(document_id: int, kind: str, state: str, **fields: str) -> Json:
    data: Json = {"stateFacts": ["EntityRoot"], "id": document_id, "type": kind, "vrfStu": state}
    return _tagged(data | fields)


def _tagged(data: Json) -> Json:
    tag = hashlib.sha1(orjson.dumps(data), usedforsecurity=False).hexdigest().upper()
    return data | {"eTag": tag}
