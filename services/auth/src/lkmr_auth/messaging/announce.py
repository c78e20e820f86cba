"""Our facts as events."""

from datetime import UTC

from lkmr.auth.v1 import events_pb2 as pb

from lkmr_auth.domain.data_request import DataRequest, RequestStage
from lkmr_auth.domain.erasure import Erasure
from lkmr_auth.domain.facts import (
    ConsentDecided,
    DataRequestMoved,
    ErasureAsked,
    Fact,
    IncidentDetected,
    SessionChanged,
)
from lkmr_auth.domain.person import AccountActivated
from lkmr_auth.domain.session import SessionOpened
from lkmr_servicekit.events import Announcement, event_id_for


def announcement_of(fact: Fact) -> Announcement:
    """The event of a fact; it holds names of resources only."""
    match fact:
        case SessionOpened():
            worker = f"workers/{fact.worker_id}" if fact.worker_id else ""
            return Announcement(fact.session, pb.SessionOpened(session=fact.session, worker=worker))
        case AccountActivated():
            return Announcement(fact.person, pb.AccountActivated(person=fact.person))
        case DataRequestMoved() | ErasureAsked() | ConsentDecided():
            return _about_data(fact)
        case SessionChanged():
            changed = pb.SessionChanged(session=fact.session, session_hash=fact.secret_hash)
            return Announcement(fact.session, changed)
        case IncidentDetected():
            detected = pb.IncidentDetected(
                incident=fact.incident,
                kind=fact.kind,
                severity=fact.severity,
                organization=fact.organization,
                person=fact.person,
                session=fact.session,
            )
            return Announcement(fact.incident, detected)
    message = pb.SessionRevoked(
        session=fact.session, session_hash=fact.secret_hash, reason=fact.reason.value
    )
    return Announcement(fact.session, message)


def _about_data(fact: DataRequestMoved | ErasureAsked | ConsentDecided) -> Announcement:
    if isinstance(fact, ConsentDecided):
        return _consent(fact)
    if isinstance(fact, ErasureAsked):
        return _erasure(fact.erasure)
    return _data_request(fact.request)


def _consent(fact: ConsentDecided) -> Announcement:
    """The same decision about the same worker has the same id."""
    record, person = fact.record, f"persons/{fact.record.person_id}"
    decided = pb.ConsentDecided(
        person=person,
        worker=f"workers/{fact.worker_id}" if fact.worker_id else "",
        consent=record.document,
        decision=record.decision.value,
        decide_time=record.time.astimezone(UTC).isoformat(timespec="microseconds"),
    )
    identity = event_id_for("consent-decided", str(record.id), fact.worker_id)
    return Announcement(f"{person}/consents/{record.document}", decided, identity)


def _erasure(erasure: Erasure) -> Announcement:
    ordered = pb.ErasureOrdered(
        erasure=erasure.name,
        person=f"persons/{erasure.person_id}",
        worker=f"workers/{erasure.worker_id}" if erasure.worker_id else "",
        scope=erasure.scope.value,
    )
    return Announcement(erasure.name, ordered)


def _data_request(request: DataRequest) -> Announcement:
    """Received while nobody works on it, then prolonged or answered."""
    person, due = f"persons/{request.person_id}", request.due_date.isoformat()
    if request.state is RequestStage.ANSWERED:
        answered = pb.DataRequestAnswered(request=request.name, person=person)
        return Announcement(request.name, answered)
    if request.extend_reason:
        prolonged = pb.DataRequestProlonged(request=request.name, person=person, due_date=due)
        return Announcement(request.name, prolonged)
    received = pb.DataRequestReceived(request=request.name, due_date=due)
    return Announcement(request.name, received)
