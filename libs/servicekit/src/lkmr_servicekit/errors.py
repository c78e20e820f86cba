"""The one error that crosses a boundary, and how it travels over gRPC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import grpc
from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

DOMAIN_SUFFIX = ".lkmr"


class Category(Enum):
    """What kind of refusal it is; decides the gRPC status and, by default, the HTTP status."""

    INVALID_ARGUMENT = "invalid_argument"
    NOT_FOUND = "not_found"
    ALREADY_EXISTS = "already_exists"
    FAILED_PRECONDITION = "failed_precondition"
    PERMISSION_DENIED = "permission_denied"
    UNAUTHENTICATED = "unauthenticated"
    CONFLICT = "conflict"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    TIMED_OUT = "timed_out"
    INTERNAL = "internal"


_STATUS = {
    Category.INVALID_ARGUMENT: grpc.StatusCode.INVALID_ARGUMENT,
    Category.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Category.ALREADY_EXISTS: grpc.StatusCode.ALREADY_EXISTS,
    Category.FAILED_PRECONDITION: grpc.StatusCode.FAILED_PRECONDITION,
    Category.PERMISSION_DENIED: grpc.StatusCode.PERMISSION_DENIED,
    Category.UNAUTHENTICATED: grpc.StatusCode.UNAUTHENTICATED,
    Category.CONFLICT: grpc.StatusCode.ABORTED,
    Category.RATE_LIMITED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Category.UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    Category.TIMED_OUT: grpc.StatusCode.DEADLINE_EXCEEDED,
    Category.INTERNAL: grpc.StatusCode.INTERNAL,
}
_CATEGORY = {status: category for category, status in _STATUS.items()}


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One field of a request that cannot be taken."""

    field: str
    code: str
    detail: str = ""


class ServiceError(Exception):
    """A refusal that the caller may see: a stable reason, never free text about a person.

    `reason` is UPPER_SNAKE and public; `metadata` holds all that a message may mention.
    """

    def __init__(
        self,
        reason: str,
        category: Category,
        metadata: Mapping[str, str] | None = None,
        *,
        fields: Sequence[FieldFault] = (),
        domain: str = "",
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.category = category
        self.metadata = dict(metadata or {})
        self.fields = tuple(fields)
        self.domain = domain


class Refusal(ServiceError):
    """Base of a service's own refusals; a subclass names its reason and category once."""

    REASON = ""
    CATEGORY = Category.FAILED_PRECONDITION

    def __init__(self, metadata: Mapping[str, str] | None = None, **more: object) -> None:
        values = {key: str(value) for key, value in more.items()}
        super().__init__(self.REASON, self.CATEGORY, {**(metadata or {}), **values})


def status_of(error: ServiceError, service: str) -> grpc.Status:
    """The rich gRPC status of a refusal: ErrorInfo, and BadRequest when fields are named."""
    code = _STATUS[error.category]
    info = error_details_pb2.ErrorInfo(
        reason=error.reason,
        domain=(error.domain or service) + DOMAIN_SUFFIX,
        metadata=error.metadata,
    )
    details = [_packed(info)]
    if error.fields:
        violations = [
            error_details_pb2.BadRequest.FieldViolation(
                field=fault.field, reason=fault.code, description=fault.detail
            )
            for fault in error.fields
        ]
        details.append(_packed(error_details_pb2.BadRequest(field_violations=violations)))
    number: int = getattr(code_pb2, code.name)
    status: grpc.Status = rpc_status.to_status(
        status_pb2.Status(code=number, message=error.reason, details=details)
    )
    return status


def error_from_call(error: grpc.aio.AioRpcError) -> ServiceError:
    """The refusal that a peer sent; a bare status becomes a refusal with the reason of its kind."""
    category = _CATEGORY.get(error.code(), Category.INTERNAL)
    try:
        status = rpc_status.from_call(error)
    except ValueError:
        status = None
    reason, domain, metadata, fields = "", "", {}, []
    for detail in status.details if status else ():
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        if detail.Is(info.DESCRIPTOR):
            detail.Unpack(info)
            reason, domain, metadata = info.reason, info.domain, dict(info.metadata)
        elif detail.Is(bad.DESCRIPTOR):
            detail.Unpack(bad)
            fields = [
                FieldFault(one.field, one.reason, one.description) for one in bad.field_violations
            ]
    if not reason:
        reason = {
            Category.UNAVAILABLE: "PEER_UNAVAILABLE",
            Category.TIMED_OUT: "PEER_TIMED_OUT",
            Category.RATE_LIMITED: "PEER_OVERLOADED",
            Category.UNAUTHENTICATED: "CALLER_UNKNOWN",
        }.get(category, "INTERNAL")
    return ServiceError(
        reason, category, metadata, fields=fields, domain=domain.removesuffix(DOMAIN_SUFFIX)
    )


def _packed(message: error_details_pb2.ErrorInfo | error_details_pb2.BadRequest) -> any_pb2.Any:
    box = any_pb2.Any()
    box.Pack(message)
    return box
