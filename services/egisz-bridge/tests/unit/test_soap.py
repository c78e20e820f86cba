import uuid
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from lkmr_egisz_bridge.clients import soap
from lkmr_egisz_bridge.clients.http import OutsideFault
from lkmr_egisz_bridge.clients.insured_register.request import person_data_request
from lkmr_egisz_bridge.clients.insured_register.response import policies_of

OWN, COMMON = (
    f"http://ffoms.ru/types/24.1.2/{name}" for name in ("mpiPersonInfoSchema", "commonTypes")
)
ID = "0f5b7c1e-1111-4222-8333-000000000001"


def answer(inner: str, *, request_id: str = ID) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{soap.ENVELOPE}"'
        f' xmlns:m="{OWN}" xmlns:c="{COMMON}"><s:Body><m:getPersonDataResponse>'
        f"<c:externalRequestId>{request_id}</c:externalRequestId>{inner}"
        "</m:getPersonDataResponse></s:Body></s:Envelope>"
    ).encode()


def test_the_request_asks_by_snils_and_birth_date() -> None:
    request = person_data_request(
        "11223344595",
        date(1984, 3, 12),
        version="24.1.2",
        request_id=uuid.UUID(ID),
        moment=datetime(2026, 11, 24, tzinfo=UTC),
    )

    body = soap.body_of(request)
    texts = {etree.QName(one).localname: one.text for one in body.iter() if one.text}
    assert etree.QName(body) == etree.QName(OWN, "getPersonDataRequest")
    assert texts == {
        "externalRequestId": ID,
        "snils": "11223344595",
        "birthDay": "1984-03-12",
        "show": "policy",
        "dt": "2026-11-24",
    }


def test_all_policies_of_a_person_are_read() -> None:
    content = answer(
        "<m:pd><m:policy>"
        "<m:policyItems><m:enp>7756510887007010</m:enp><m:pcyStatus>1</m:pcyStatus></m:policyItems>"
        "<m:policyItems><m:enp>7752210892007998</m:enp></m:policyItems>"
        "</m:policy></m:pd>"
    )

    assert policies_of(content, ID) == {"7756510887007010", "7752210892007998"}


def test_not_found_is_an_answer() -> None:
    content = answer("<m:error><c:code>PERSON_NOT_FOUND</c:code></m:error>")

    assert policies_of(content, ID) == frozenset()


@pytest.mark.parametrize(
    "content",
    [
        answer("<m:error><c:code>SERVICE_ERROR</c:code></m:error>"),
        answer("", request_id="11111111-1111-4111-8111-111111111111"),
        answer("<m:policyItems><m:enp>77565108</m:enp></m:policyItems>"),
        answer("").replace(OWN.encode(), b"http://elsewhere/types"),
        f'<s:Envelope xmlns:s="{soap.ENVELOPE}"><s:Body><s:Fault><faultcode>s:Server</faultcode>'
        "</s:Fault></s:Body></s:Envelope>".encode(),
        f'<s:Envelope xmlns:s="{soap.ENVELOPE}"><s:Body/></s:Envelope>'.encode(),
        b"<html><body>502</body></html>",
        b"",
    ],
)
def test_faults_and_foreign_answers_make_the_register_unavailable(content: bytes) -> None:
    with pytest.raises(OutsideFault):
        policies_of(content, ID)


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="utf-16"?><a/>',
        b'<?xml version="1.0" encoding="cp037"?><a/>',
        b"<a>&unknown;</a>",
        b"<a>" * 101 + b"</a>" * 101,
        b"<a " + b" ".join(b"x%d='1'" % n for n in range(101)) + b"/>",
        b"<a>" + b"<b/>" * 200_000 + b"</a>",
        b"<a>" + b" " * (10 * 1024**2) + b"</a>",
        b"<a/><b/>",
        b"\x00",
    ],
)
def test_hostile_xml_is_refused(content: bytes) -> None:
    with pytest.raises(soap.XmlRefused):
        soap.parse(content)


_pieces = st.sampled_from(
    [
        b"<a>",
        b"</a>",
        b"<!DOCTYPE",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"]]>",
        b"&lt;",
        b"&#0;",
        b"&#xD800;",
        b"<?xml version='1.0'?>",
        b"xmlns:a='b'",
        b"\xd0\x98",
        b"\xff\xfe",
    ]
)


@given(st.lists(_pieces | st.binary(max_size=8), max_size=20).map(b"".join))
def test_whatever_bytes_come_xml_is_read_or_refused(content: bytes) -> None:
    try:
        root = soap.parse(content)
    except soap.XmlRefused:
        return
    assert isinstance(root.tag, str)


@given(st.text(max_size=300))
def test_whatever_stands_in_an_answer_only_a_fault_leaves_the_reader(text: str) -> None:
    for content in (text.encode("utf-8", "replace"), answer(text)):
        try:
            numbers = policies_of(content, ID)
        except OutsideFault:
            continue
        assert numbers == frozenset()
