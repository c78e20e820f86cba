"""SOAP 1.1 of the register of insured people (ФЕРЗЛ): `getPersonDataRequest`.

Deterministic outcomes by the policy number: 99… a service fault, 98… not found, 97… a policy that
was stopped; the numbers need a right check digit.
"""

import hmac
import re
from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request, Response
from lxml import etree
from lxml.etree import _Element as Element

from lkmr_egisz_stand_in import enp
from lkmr_egisz_stand_in.insured import InsuredPerson, InsuredRegister
from lkmr_egisz_stand_in.reference import Organizations
from lkmr_servicekit.clock import MOSCOW, Clock, day_in
from lkmr_stand_in_kit.snils import InvalidSnils, normalise_snils

PATH = "/ferzl/integration/ws/{version}/wsdl/mpiPersonInfoServiceWs"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
VERSIONS = ("24.1.2", "4.5")
BODY_LIMIT = 1024 * 1024
FAULT_PREFIX, ABSENT_PREFIX, STOPPED_PREFIX = "99", "98", "97"
ELECTRONIC, ACTIVE, STOPPED = "Э", "1", "2"
_INSURERS = (
    ("Страховая компания «Надежда» (демо)", "1027700000011"),
    ("Медицинская страховая компания «Опора» (демо)", "1027700000022"),
)
_NAMESPACE = re.compile(r"http://ffoms\.ru/types/([0-9.]+)/mpiPersonInfoSchema")


class SoapFault(Exception):
    """The request cannot be answered; `client` tells whose fault it is."""

    def __init__(self, code: str, message: str, *, client: bool, status: int = 500) -> None:
        super().__init__(message)
        self.code, self.message, self.client, self.status = code, message, client, status


@dataclass(frozen=True, slots=True)
class _Question:
    version: str
    request_id: str
    policy: str | None
    snils: str | None
    surname: str
    first_name: str
    patronymic: str
    birth_day: str
    on: date


def ferzl_router(
    register: InsuredRegister, organizations: Organizations, clock: Clock, *, token: str
) -> APIRouter:
    """The endpoint; `token` is what callers must show in `X-Auth-Token`."""
    router = APIRouter()

    @router.post(PATH)
    async def get_person_data(version: str, request: Request) -> Response:
        try:
            _check_token(request.headers.get("x-auth-token", ""), token)
            today = day_in(MOSCOW, clock.now())
            asked = _read(await request.body(), version, today)
            body = _answer(register, organizations, asked)
        except SoapFault as fault:
            return _xml(_fault(fault, version), fault.status)
        return _xml(body, 200)

    return router


def _check_token(shown: str, token: str) -> None:
    if not hmac.compare_digest(shown.encode(), token.encode()):
        raise SoapFault("AUTH", "X-Auth-Token is absent or unknown", client=True, status=401)


def _read(content: bytes, version: str, today: date) -> _Question:
    """The question in an envelope. Raises SoapFault."""
    root = _parse(content)
    body = root.find(f"{{{SOAP}}}Body")
    if root.tag != f"{{{SOAP}}}Envelope" or body is None or len(body) != 1:
        raise SoapFault("VALIDATION", "a SOAP 1.1 envelope with one request is needed", client=True)
    request = body[0]
    name = etree.QName(request)
    match = _NAMESPACE.fullmatch(name.namespace or "")
    if not match or match[1] not in VERSIONS or match[1] != version:
        raise SoapFault(
            "VERSION", f"version of types must be that of the path: {version}", client=True
        )
    if name.localname != "getPersonDataRequest":
        raise SoapFault("OPERATION", "only getPersonDataRequest is played", client=True)
    own, com = name.namespace, f"http://ffoms.ru/types/{version}/commonTypes"
    params = request.find(f"{{{own}}}personDataSearchParams")
    info = params.find(f"{{{own}}}personSearchInfo") if params is not None else None
    if params is None or info is None:
        raise SoapFault(
            "VALIDATION", "personDataSearchParams/personSearchInfo is needed", client=True
        )

    def text(parent: Element, path: str) -> str:
        return (
            parent.findtext("/".join(f"{{{own}}}{step}" for step in path.split("/"))) or ""
        ).strip()

    policy, snils = text(info, "pcy/enp"), text(info, "snilsDr/snils")
    if bool(policy) == bool(snils):
        raise SoapFault("VALIDATION", "one of pcy/enp and snilsDr/snils is needed", client=True)
    return _Question(
        version=version,
        request_id=(request.findtext(f"{{{com}}}externalRequestId") or "").strip(),
        policy=policy or None,
        snils=_digits(snils) if snils else None,
        surname=text(params, "surname"),
        first_name=text(params, "firstName"),
        patronymic=text(params, "patronymic"),
        birth_day=_day(text(params, "birthDay") or text(info, "snilsDr/birthDay"), "birthDay"),
        on=date.fromisoformat(_day(text(params, "dt"), "dt") or today.isoformat()),
    )


def _parse(content: bytes) -> Element:
    if len(content) > BODY_LIMIT:
        raise SoapFault("VALIDATION", "the request is too long", client=True)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise SoapFault("VALIDATION", "the request is not well-formed XML", client=True) from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr] # the stubs lack it
        raise SoapFault("VALIDATION", "a document type is not accepted", client=True)
    return root


def _digits(snils: str) -> str:
    try:
        return normalise_snils(snils)
    except InvalidSnils as fault:
        raise SoapFault("VALIDATION", str(fault), client=True) from None


def _day(text: str, name: str) -> str:
    try:
        return date.fromisoformat(text[:10]).isoformat() if text else ""
    except ValueError:
        raise SoapFault("VALIDATION", f"{name} is not a date", client=True) from None


def _answer(register: InsuredRegister, organizations: Organizations, asked: _Question) -> bytes:
    person = (
        register.find(asked.snils) if asked.snils else register.find_by_policy(asked.policy or "")
    )
    number = person.policy_number if person else asked.policy or ""
    if enp.is_enp(number):
        if number.startswith(FAULT_PREFIX):
            raise SoapFault("SERVICE_ERROR", "internal fault of the register", client=False)
        if number.startswith(ABSENT_PREFIX):
            person = None
        elif number.startswith(STOPPED_PREFIX) and person is None:
            person = _stopped_person(asked, number)
    own = f"http://ffoms.ru/types/{asked.version}/mpiPersonInfoSchema"
    com = f"http://ffoms.ru/types/{asked.version}/commonTypes"
    envelope, body = _envelope({"mpi": own, "com": com})
    response = etree.SubElement(body, f"{{{own}}}getPersonDataResponse")
    _add(response, com, "externalRequestId", asked.request_id)
    if person is None or not _fits(person, asked):
        fault = etree.SubElement(response, f"{{{own}}}error")
        _add(fault, com, "code", "PERSON_NOT_FOUND")
        _add(fault, com, "message", "Застрахованное лицо не найдено")
    else:
        _add_person(response, own, person, organizations, asked.on)
    return _bytes(envelope)


def _fits(person: InsuredPerson, asked: _Question) -> bool:
    """Whether all that the question names beside the number is true of the person."""
    pairs = (
        (asked.surname, person.family_name),
        (asked.first_name, person.given_name),
        (asked.patronymic, person.patronymic or ""),
        (asked.birth_day, person.birth_date.isoformat()),
    )
    return all(not said or _folded(said) == _folded(known) for said, known in pairs)


def _folded(text: str) -> str:
    return text.casefold().replace("ё", "е")


def _stopped_person(asked: _Question, number: str) -> InsuredPerson:
    born = date.fromisoformat(asked.birth_day) if asked.birth_day else date(1985, 3, 12)
    return InsuredPerson(
        snils="",
        family_name=asked.surname or "Проверкин",
        given_name=asked.first_name or "Пётр",
        patronymic=asked.patronymic or None,
        gender="M",
        birth_date=born,
        policy_number=number,
    )


def _add_person(
    response: Element, own: str, person: InsuredPerson, organizations: Organizations, on: date
) -> None:
    draw = int(person.policy_number[10:15] or "0")
    insurer, ogrn = _INSURERS[draw % len(_INSURERS)]
    stopped = person.policy_number.startswith(STOPPED_PREFIX)
    begin = max(person.birth_date, date(2013, 5, 1)) + timedelta(days=draw % 2000)
    pd = etree.SubElement(response, f"{{{own}}}pd")
    _add(pd, own, "oip", f"{draw:05d}{person.policy_number[2:10]}")
    items = etree.SubElement(etree.SubElement(pd, f"{{{own}}}policy"), f"{{{own}}}policyItems")
    for name, value in (
        ("enp", person.policy_number),
        ("pcyDateB", begin.isoformat()),
        ("pcyDateT", (on - timedelta(days=30)).isoformat() if stopped else None),
        ("pcyType", ELECTRONIC),
        ("pcyStatus", STOPPED if stopped else ACTIVE),
        ("insurName", insurer),
        ("insurOgrn", ogrn),
        ("pcyCategory", "1"),
        ("surname", person.family_name),
        ("firstName", person.given_name),
        ("patronymic", person.patronymic),
        ("birthDay", person.birth_date.isoformat()),
        ("gender", "1" if person.gender == "M" else "2"),
    ):
        _add(items, own, name, value)
    clinic = organizations.all[draw % 2]
    attach = etree.SubElement(etree.SubElement(pd, f"{{{own}}}attach"), f"{{{own}}}attachItems")
    for name, value in (
        ("areaType", "1"),
        ("attachMethod", "1"),
        ("dateAttachB", (begin + timedelta(days=30)).isoformat()),
        ("moId", clinic.oid),
        ("moCode", clinic.oid.rpartition(".")[2]),
        ("attachStatus", ACTIVE),
    ):
        _add(attach, own, name, value)
    if person.snils:
        known = etree.SubElement(etree.SubElement(pd, f"{{{own}}}snils"), f"{{{own}}}snilsItems")
        _add(known, own, "snils", person.snils)
        _add(known, own, "statusSnils", ACTIVE)


def _fault(fault: SoapFault, version: str) -> bytes:
    com = f"http://ffoms.ru/types/{version if version in VERSIONS else VERSIONS[0]}/commonTypes"
    envelope, body = _envelope({"com": com})
    made = etree.SubElement(body, f"{{{SOAP}}}Fault")
    etree.SubElement(made, "faultcode").text = "soap:Client" if fault.client else "soap:Server"
    etree.SubElement(made, "faultstring").text = fault.message
    error = etree.SubElement(etree.SubElement(made, "detail"), f"{{{com}}}error")
    _add(error, com, "code", fault.code)
    _add(error, com, "message", fault.message)
    return _bytes(envelope)


def _envelope(namespaces: dict[str, str]) -> tuple[Element, Element]:
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP, **namespaces})
    return envelope, etree.SubElement(envelope, f"{{{SOAP}}}Body")


def _add(parent: Element, namespace: str, name: str, value: str | None) -> None:
    if value is not None:
        etree.SubElement(parent, f"{{{namespace}}}{name}").text = value


def _bytes(envelope: Element) -> bytes:
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def _xml(body: bytes, status: int) -> Response:
    return Response(body, status_code=status, media_type="text/xml; charset=utf-8")
