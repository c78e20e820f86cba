"""Which calls may be sent a second time when the connection broke: those that change nothing.

By the names of methods (AIP-130): `Get…`, `List…`, `Read…`, `Search…` change nothing in any
contract; the few others that may be repeated are named.
"""

from collections.abc import Mapping, Sequence

from google.protobuf.descriptor import FileDescriptor
from lkmr.accreditation.v1 import (
    accreditation_service_pb2,
    application_service_pb2,
    compliance_service_pb2,
    document_service_pb2,
)
from lkmr.auth.v1 import (
    access_service_pb2,
    administration_service_pb2,
    auth_service_pb2,
    data_request_service_pb2,
    draft_service_pb2,
    identity_service_pb2,
    incident_service_pb2,
    journal_service_pb2,
    passkey_service_pb2,
)
from lkmr.education.v1 import education_service_pb2
from lkmr.egisz_bridge.v1 import egisz_bridge_service_pb2
from lkmr.notify.v1 import notify_administration_service_pb2, notify_service_pb2

_READING = ("Get", "List", "Read", "Search")
_ALSO = frozenset(
    {
        "DeleteDraft",
        "IssueExtract",
        "IssueStaffExtract",
        "ResolveSession",
        "SaveDraft",
        "SimulateCompliance",
        "VerifyExtract",
    }
)
_CONTRACTS: Mapping[str, Sequence[FileDescriptor]] = {
    "accreditation": (
        accreditation_service_pb2.DESCRIPTOR,
        application_service_pb2.DESCRIPTOR,
        compliance_service_pb2.DESCRIPTOR,
        document_service_pb2.DESCRIPTOR,
    ),
    "auth": (
        access_service_pb2.DESCRIPTOR,
        administration_service_pb2.DESCRIPTOR,
        auth_service_pb2.DESCRIPTOR,
        data_request_service_pb2.DESCRIPTOR,
        draft_service_pb2.DESCRIPTOR,
        identity_service_pb2.DESCRIPTOR,
        incident_service_pb2.DESCRIPTOR,
        journal_service_pb2.DESCRIPTOR,
        passkey_service_pb2.DESCRIPTOR,
    ),
    "education": (education_service_pb2.DESCRIPTOR,),
    "egisz-bridge": (egisz_bridge_service_pb2.DESCRIPTOR,),
    "notify": (notify_administration_service_pb2.DESCRIPTOR, notify_service_pb2.DESCRIPTOR),
}


def repeatable(service: str) -> tuple[str, ...]:
    """Full names of the methods of a service that a broken connection may repeat."""
    return tuple(
        f"/{contract.package}.{one.name}/{method.name}"
        for contract in _CONTRACTS[service]
        for one in contract.services_by_name.values()
        for method in one.methods
        if method.name.startswith(_READING) or method.name in _ALSO
    )
