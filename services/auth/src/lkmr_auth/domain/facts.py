"""What auth tells the other services."""

from dataclasses import dataclass

from lkmr_auth.domain.data_request import DataRequest
from lkmr_auth.domain.erasure import Erasure
from lkmr_auth.domain.legal import DecisionRecord
from lkmr_auth.domain.person import AccountActivated
from lkmr_auth.domain.session import SessionEnded, SessionOpened


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionChanged:
    """The rights of an open session changed: gateways ask anew before its next use."""

    session: str
    secret_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentDetected:
    """A security incident; names of resources only."""

    incident: str
    kind: str
    severity: str
    organization: str
    person: str
    session: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRequestMoved:
    """A request about personal data was submitted, got more time, or was answered."""

    request: DataRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureAsked:
    """A destruction was ordered, or a service that is silent is asked again."""

    erasure: Erasure


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentDecided:
    """A decision on a consent that other services act upon; `worker_id` may be empty."""

    record: DecisionRecord
    worker_id: str


Fact = (
    SessionOpened
    | SessionEnded
    | SessionChanged
    | IncidentDetected
    | AccountActivated
    | DataRequestMoved
    | ErasureAsked
    | ConsentDecided
)
