"""Our facts as messages."""

from lkmr.accreditation.v1 import events_pb2 as pb

from lkmr_accreditation.domain.worker import Change, EntryChanged
from lkmr_accreditation.usecases.ports import IssuedExtract
from lkmr_servicekit.events import Announcement, event_id_for
from lkmr_servicekit.resource_names import name_of

_KINDS = {
    Change.RECORDED: pb.AccreditationRecorded,
    Change.CHANGED: pb.AccreditationChanged,
    Change.ANNULLED: pb.AccreditationAnnulled,
}


def announce(fact: EntryChanged | IssuedExtract) -> Announcement:
    """The announcement of a fact; the same change of the same entry has the same id."""
    if isinstance(fact, EntryChanged):
        name = name_of(workers=fact.worker, accreditations=fact.accreditation)
        message = _KINDS[fact.change](accreditation=name, version=fact.version)
        return Announcement(name, message, event_id_for("entry", name, str(fact.version)))
    name = name_of(extracts=fact.id)
    about = name_of(workers=fact.worker, accreditations=fact.accreditation)
    return Announcement(name, pb.ExtractIssued(extract=name, accreditation=about))
