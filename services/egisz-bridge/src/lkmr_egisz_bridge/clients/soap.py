"""SOAP 1.1 envelopes: written by hand, read by a parser that trusts nothing.

Limits follow the rule for foreign XML in docs/security.md: no DOCTYPE, no entities, no network,
bounded size, depth, nodes and attributes.
"""

import re
from typing import Final

from lxml import etree

ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
MAX_BYTES = 10 * 1024**2
MAX_DEPTH = 100
MAX_NODES = 200_000
MAX_ATTRIBUTES = 100
_ENCODING = re.compile(rb"""\A<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_BOM = b"\xef\xbb\xbf"


class XmlRefused(Exception):
    """Foreign XML that is not read; the word says why."""


class SoapFault(Exception):
    """The other side answered with a fault; `code` is its fault code without the prefix."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def envelope(body: etree._Element) -> bytes:
    """A SOAP 1.1 envelope around one body element."""
    root = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE})
    etree.SubElement(root, f"{{{ENVELOPE}}}Header")
    etree.SubElement(root, f"{{{ENVELOPE}}}Body").append(body)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def body_of(content: bytes) -> etree._Element:
    """The one element inside the body of an envelope. Raises XmlRefused, SoapFault."""
    root = parse(content)
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        raise XmlRefused("NOT_AN_ENVELOPE")
    bodies = root.findall(f"{{{ENVELOPE}}}Body")
    if len(bodies) != 1 or len(bodies[0]) != 1:
        raise XmlRefused("BODY_UNEXPECTED")
    inner = bodies[0][0]
    if inner.tag == f"{{{ENVELOPE}}}Fault":
        code = (inner.findtext("faultcode") or "").rpartition(":")[2].strip()
        raise SoapFault(code[:64])
    return inner


def parse(content: bytes) -> etree._Element:
    """The root of foreign XML. Raises XmlRefused, and nothing else, whatever the bytes are."""
    content = content.removeprefix(_BOM)
    if len(content) > MAX_BYTES:
        raise XmlRefused("TOO_LARGE")
    declared = _ENCODING.match(content)
    if declared and declared[1].upper() not in {b"UTF-8", b"UTF8", b"US-ASCII"}:
        raise XmlRefused("ENCODING_REFUSED")
    if b"\x00" in content or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise XmlRefused("DOCTYPE_REFUSED")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise XmlRefused("NOT_XML") from None
    _measure(root)
    return root


def _measure(root: etree._Element) -> None:
    nodes, depth = 0, 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        nodes, depth = nodes + 1, depth + 1
        if nodes > MAX_NODES or depth > MAX_DEPTH or len(element.attrib) > MAX_ATTRIBUTES:
            raise XmlRefused("TOO_COMPLEX")
