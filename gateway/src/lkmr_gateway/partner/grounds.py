"""What every request of a partner names for the journal: purpose, legal basis, own number."""

import re
from dataclasses import dataclass

from lkmr.partner.v1 import specialist_service_pb2 as pb

from lkmr_gateway.partner.refusals import request_invalid
from lkmr_gateway.partner.registry import Partner
from lkmr_servicekit.errors import FieldFault

_NUMBER = re.compile(r"[A-Za-z0-9_./-]{1,64}\Z")
_NOT_A_PERSON = re.compile(r"(?<!\d)\d{3}-?\d{3}-?\d{3}[ _-]?\d{2}(?!\d)")


@dataclass(frozen=True, slots=True)
class Reason:
    """Checked grounds of a call."""

    purpose: str = ""
    basis: str = ""


def reason_of(grounds: pb.Grounds, partner: Partner) -> Reason:
    """The grounds of a call as the journal keeps them.

    A number that looks like a SNILS is refused: the journal holds no numbers of people.
    Raises ServiceError PARTNER_REQUEST_INVALID naming the fields.
    """
    number = grounds.request_number
    faults = [
        FieldFault(f"grounds.{field}", "NOT_REGISTERED" if value else "REQUIRED")
        for field, value, known in (
            ("purpose", grounds.purpose, partner.purposes),
            ("basis", grounds.basis, partner.bases),
        )
        if value not in known
    ]
    if not _NUMBER.match(number) or _NOT_A_PERSON.search(number):
        faults.append(
            FieldFault("grounds.request_number", "FORM_INVALID" if number else "REQUIRED")
        )
    if faults:
        raise request_invalid(faults)
    return Reason(grounds.purpose, f"{grounds.basis} {number}")
