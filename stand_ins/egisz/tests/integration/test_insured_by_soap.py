import httpx2
import pytest
from lxml import etree

from lkmr_egisz_stand_in.enp import check_digit

from .conftest import TOKEN

PATH = "/ferzl/integration/ws/24.1.2/wsdl/mpiPersonInfoServiceWs"
NS = {
    "soap": "http://schemas.xmlsoap.org/soap/envelope/",
    "m": "http://ffoms.ru/types/24.1.2/mpiPersonInfoSchema",
    "c": "http://ffoms.ru/types/24.1.2/commonTypes",
}
ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
    xmlns:m="http://ffoms.ru/types/{version}/mpiPersonInfoSchema"
    xmlns:com="http://ffoms.ru/types/{version}/commonTypes">
 <soapenv:Header/>
 <soapenv:Body>
  <m:getPersonDataRequest>
   <com:externalRequestId>request-1</com:externalRequestId>
   <m:personDataSearchParams>
    <m:personSearchInfo>{info}</m:personSearchInfo>
    {names}
    <m:show>policy</m:show>
    <m:dt>2026-11-23</m:dt>
   </m:personDataSearchParams>
  </m:getPersonDataRequest>
 </soapenv:Body>
</soapenv:Envelope>"""
IVANOVA = "<m:surname>ИВАНОВА</m:surname><m:firstName>Анна</m:firstName>"


def by_policy(number: str) -> str:
    return f"<m:pcy><com:pcyType>Э</com:pcyType><m:enp>{number}</m:enp></m:pcy>"


def by_snils(number: str, birth_day: str) -> str:
    return f"<m:snilsDr><m:snils>{number}</m:snils><m:birthDay>{birth_day}</m:birthDay></m:snilsDr>"


async def ask(
    egisz: httpx2.AsyncClient,
    info: str,
    *,
    names: str = "",
    version: str = "24.1.2",
    token: str | None = TOKEN,
) -> tuple[int, "etree._Element"]:
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": "getPersonData"}
    if token is not None:
        headers["X-Auth-Token"] = token
    content = ENVELOPE.format(info=info, names=names, version=version)
    answer = await egisz.post(PATH, content=content.encode(), headers=headers)
    assert answer.headers["content-type"].startswith("text/xml")
    return answer.status_code, etree.fromstring(answer.content)


def text(root: "etree._Element", path: str) -> str | None:
    return root.findtext(f".//{path}", namespaces=NS)


async def test_a_person_is_found_by_policy_with_names_in_any_case(
    egisz: httpx2.AsyncClient,
) -> None:
    status, root = await ask(egisz, by_policy("7756510887007010"), names=IVANOVA)
    assert status == 200
    assert root.find("soap:Body/m:getPersonDataResponse/m:pd", NS) is not None
    assert text(root, "c:externalRequestId") == "request-1"
    assert text(root, "m:policyItems/m:enp") == "7756510887007010"
    assert text(root, "m:policyItems/m:surname") == "Иванова"
    assert text(root, "m:policyItems/m:birthDay") == "1984-03-12"
    assert text(root, "m:policyItems/m:pcyStatus") == "1"
    assert text(root, "m:policyItems/m:pcyDateT") is None
    assert text(root, "m:snilsItems/m:snils") == "90000103798"
    assert (text(root, "m:attachItems/m:moId") or "").startswith("1.2.643")


async def test_a_person_is_found_by_snils_and_birth_date(egisz: httpx2.AsyncClient) -> None:
    _, root = await ask(egisz, by_snils("900-018-666 53", "1987-07-07"))
    assert text(root, "m:policyItems/m:enp") == "7752210892007998"
    _, other = await ask(egisz, by_snils("900-018-666 53", "1987-07-08"))
    assert text(other, "m:error/c:code") == "PERSON_NOT_FOUND"


async def test_another_name_finds_nobody(egisz: httpx2.AsyncClient) -> None:
    status, root = await ask(
        egisz, by_policy("7756510887007010"), names="<m:surname>Петрова</m:surname>"
    )
    assert status == 200
    assert root.find(".//m:pd", NS) is None
    assert text(root, "m:error/c:code") == "PERSON_NOT_FOUND"


async def test_a_change_of_the_insured_register_is_seen_at_once(
    egisz: httpx2.AsyncClient,
) -> None:
    body = "785641083700124"
    number = body + check_digit(body)
    await egisz.patch("/_control/insured/900-001-037 98", json={"policy_number": number})
    _, root = await ask(egisz, by_snils("90000103798", "1984-03-12"))
    assert text(root, "m:policyItems/m:enp") == number
    _, old = await ask(egisz, by_policy("7756510887007010"))
    assert text(old, "m:error/c:code") == "PERSON_NOT_FOUND"
    restored = {"policy_number": "7756510887007010"}
    await egisz.patch("/_control/insured/900-001-037 98", json=restored)


def numbered(prefix: str) -> str:
    body = f"{prefix}5641083700123"
    return body + check_digit(body)


async def test_numbers_trigger_fault_absence_and_stop(egisz: httpx2.AsyncClient) -> None:
    status, root = await ask(egisz, by_policy(numbered("99")))
    assert (status, text(root, "faultcode")) == (500, "soap:Server")
    assert text(root, "c:code") == "SERVICE_ERROR"
    _, absent = await ask(egisz, by_policy(numbered("98")))
    assert text(absent, "m:error/c:code") == "PERSON_NOT_FOUND"
    _, stopped = await ask(egisz, by_policy(numbered("97")), names=IVANOVA)
    assert text(stopped, "m:policyItems/m:pcyDateT") == "2026-10-24"
    assert text(stopped, "m:policyItems/m:pcyStatus") == "2"
    unchecked = numbered("97")[:-1] + str((int(numbered("97")[-1]) + 1) % 10)
    _, wrong = await ask(egisz, by_policy(unchecked))
    assert text(wrong, "m:error/c:code") == "PERSON_NOT_FOUND"


async def test_a_stopped_policy_given_to_a_person_is_found_by_snils(
    egisz: httpx2.AsyncClient,
) -> None:
    path = "/_control/insured/90002281428"
    before = (await egisz.patch(path, json={})).json()["policy_number"]
    await egisz.patch(path, json={"policy_number": numbered("97")})
    _, root = await ask(egisz, by_snils("90002281428", "1980-05-20"))
    assert text(root, "m:policyItems/m:pcyStatus") == "2"
    assert text(root, "m:policyItems/m:surname") == "Павлова"
    await egisz.patch(path, json={"policy_number": before})


@pytest.mark.parametrize("token", [None, "", "other"])
async def test_callers_without_the_token_are_refused(
    egisz: httpx2.AsyncClient, token: str | None
) -> None:
    status, root = await ask(egisz, by_policy("7756510887007010"), token=token)
    assert (status, text(root, "c:code")) == (401, "AUTH")


@pytest.mark.parametrize(
    ("info", "version", "code"),
    [
        ("", "24.1.2", "VALIDATION"),
        (by_snils("900-018-666 54", "1987-07-07"), "24.1.2", "VALIDATION"),
        (by_snils("900-018-666 53", "07.07.1987"), "24.1.2", "VALIDATION"),
        (by_policy("7756510887007010"), "4.5", "VERSION"),
    ],
)
async def test_a_request_of_a_wrong_form_is_a_client_fault(
    egisz: httpx2.AsyncClient, info: str, version: str, code: str
) -> None:
    status, root = await ask(egisz, info, version=version)
    assert (status, text(root, "faultcode"), text(root, "c:code")) == (500, "soap:Client", code)


@pytest.mark.parametrize(
    "content",
    [
        b"not xml",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<a/>",
        '<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16"),
    ],
)
async def test_dangerous_and_broken_xml_is_refused(
    egisz: httpx2.AsyncClient, content: bytes
) -> None:
    answer = await egisz.post(PATH, content=content, headers={"X-Auth-Token": TOKEN})
    assert answer.status_code == 500
    assert text(etree.fromstring(answer.content), "c:code") == "VALIDATION"
