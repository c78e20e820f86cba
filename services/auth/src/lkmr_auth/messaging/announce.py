"""Our facts as events."""

from lkmr.auth.v1 import events_pb2 as pb

from lkmr_auth.domain.session import SessionEnded, SessionOpened
from lkmr_servicekit.events import Announcement


def announcement_of(fact: SessionOpened | SessionEnded) -> Announcement:
    """The event of a fact; it holds names of resources only."""
    if isinstance(fact, SessionOpened):
        worker = f"workers/{fact.worker_id}" if fact.worker_id else ""
        return Announcement(fact.session, pb.SessionOpened(session=fact.session, worker=worker))
    message = pb.SessionRevoked(
        session=fact.session, session_hash=fact.secret_hash, reason=fact.reason.value
    )
    return Announcement(fact.session, message)
