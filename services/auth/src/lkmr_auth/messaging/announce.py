"""Our facts as events."""

from lkmr.auth.v1 import events_pb2 as pb

from lkmr_auth.domain.facts import Fact, IncidentDetected, SessionChanged
from lkmr_auth.domain.person import AccountActivated
from lkmr_auth.domain.session import SessionOpened
from lkmr_servicekit.events import Announcement


def announcement_of(fact: Fact) -> Announcement:
    """The event of a fact; it holds names of resources only."""
    match fact:
        case SessionOpened():
            worker = f"workers/{fact.worker_id}" if fact.worker_id else ""
            return Announcement(fact.session, pb.SessionOpened(session=fact.session, worker=worker))
        case AccountActivated():
            return Announcement(fact.person, pb.AccountActivated(person=fact.person))
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
