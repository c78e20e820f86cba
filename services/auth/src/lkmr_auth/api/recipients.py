"""Whom to tell: between the contract and the use case."""

import re
import uuid
from datetime import date

from lkmr.auth.v1 import auth_service_pb2 as pb

from lkmr_auth.domain.errors import RequestFieldInvalid
from lkmr_auth.usecases.people_ports import Audience, Recipient
from lkmr_servicekit.resource_names import ids_in, name_of

_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}\Z")


def audience_of(request: pb.ListRecipientsRequest, day: date) -> Audience:
    """Whom to tell on a day. Raises RequestFieldInvalid."""
    colleague = ids_in(request.colleague, "workers")[0] if request.colleague else ""
    if colleague and not _ID.match(colleague):
        raise RequestFieldInvalid(field="colleague")
    try:
        person = uuid.UUID(ids_in(request.person, "persons")[0]) if request.person else None
    except ValueError:
        raise RequestFieldInvalid(field="person") from None
    return Audience(day, tuple(request.roles), tuple(request.organizations), colleague, person)


def recipient_to_proto(found: Recipient) -> pb.Recipient:
    """A person to be told."""
    return pb.Recipient(
        person=name_of(persons=found.person),
        organizations=sorted(found.organizations),
        organization_oid=found.oid,
        deputy=found.deputy,
    )
