"""Reads `getPersonDataResponse`."""

from lxml import etree

from lkmr_egisz_bridge.clients.http import OutsideFault
from lkmr_egisz_bridge.clients.soap import SoapFault, XmlRefused, body_of

_NAMESPACE = "http://ffoms.ru/types/"
_NOT_FOUND = frozenset({"PERSON_NOT_FOUND", "NOT_FOUND"})
_MAX_POLICIES = 200
_ENP_DIGITS = 16


def policies_of(content: bytes, request_id: str) -> frozenset[str]:
    """Policy numbers in an answer; empty when the register knows nobody.

    Raises OutsideFault for faults, foreign answers and what cannot be read.
    """
    try:
        answer = body_of(content)
    except SoapFault as fault:
        if fault.code in _NOT_FOUND:
            return frozenset()
        raise OutsideFault("FAULT", fault.code) from None
    except XmlRefused as refused:
        raise OutsideFault("ANSWER_UNREADABLE", str(refused)) from None
    name = _local(answer)
    if name == "error" or name.endswith("Error"):
        return _error(answer)
    if name != "getPersonDataResponse":
        raise OutsideFault("ANSWER_UNREADABLE")
    for part in answer:
        if _local(part) == "error":
            return _error(part)
    echo = [part for part in answer if _local(part) == "externalRequestId"]
    if len(echo) != 1 or (echo[0].text or "").strip() != request_id:
        raise OutsideFault("ANSWER_FOREIGN")
    return frozenset(_numbers(answer))


def _numbers(answer: etree._Element) -> set[str]:
    numbers = set()
    items = [part for part in answer.iter() if _local(part) == "policyItems"]
    if len(items) > _MAX_POLICIES:
        raise OutsideFault("ANSWER_UNREADABLE")
    for item in items:
        enp = next((part.text for part in item if _local(part) == "enp"), None)
        if enp is None:
            continue
        enp = enp.strip()
        if len(enp) != _ENP_DIGITS or not (enp.isascii() and enp.isdigit()):
            raise OutsideFault("ANSWER_UNREADABLE", "enp")
        numbers.add(enp)
    return numbers


def _error(element: etree._Element) -> frozenset[str]:
    code = next((part.text or "" for part in element if _local(part) == "code"), "").strip()
    if code in _NOT_FOUND:
        return frozenset()
    raise OutsideFault("FAULT", code[:64])


def _local(element: etree._Element) -> str:
    """The name of an element of the register's own namespaces, whatever their version."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    namespace, _, name = tag.rpartition("}")
    return name if namespace.lstrip("{").startswith(_NAMESPACE) else ""
