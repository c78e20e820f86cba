"""Writes `getPersonDataRequest` of mpiPersonInfoService."""

import uuid
from datetime import date, datetime

from lxml import etree

from lkmr_egisz_bridge.clients.soap import envelope

PATH = "/integration/ws/{version}/wsdl/mpiPersonInfoServiceWs"
TYPES = "http://ffoms.ru/types/{version}/mpiPersonInfoSchema"
COMMON = "http://ffoms.ru/types/{version}/commonTypes"


def person_data_request(
    snils: str, birth_date: date, *, version: str, request_id: uuid.UUID, moment: datetime
) -> bytes:
    """Ask for the policies of a person by SNILS and birth date, on a day."""
    own, common = TYPES.format(version=version), COMMON.format(version=version)
    root = etree.Element(f"{{{own}}}getPersonDataRequest", nsmap={"mpi": own, "com": common})
    etree.SubElement(root, f"{{{common}}}externalRequestId").text = str(request_id)
    params = etree.SubElement(root, f"{{{own}}}personDataSearchParams")
    info = etree.SubElement(params, f"{{{own}}}personSearchInfo")
    document = etree.SubElement(info, f"{{{own}}}snilsDr")
    etree.SubElement(document, f"{{{own}}}snils").text = snils
    etree.SubElement(document, f"{{{own}}}birthDay").text = birth_date.isoformat()
    etree.SubElement(params, f"{{{own}}}show").text = "policy"
    etree.SubElement(params, f"{{{own}}}dt").text = moment.date().isoformat()
    return envelope(root)
