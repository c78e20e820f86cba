"""Our facts as messages."""

from lkmr.egisz_bridge.v1.events_pb2 import RegisterRecordChanged

from lkmr_egisz_bridge.usecases.ports import Change
from lkmr_servicekit.events import Announcement
from lkmr_servicekit.resource_names import name_of


def register_record_changed(change: Change) -> Announcement:
    """The card of a worker changed."""
    name = name_of(workers=change.worker)
    return Announcement(name, RegisterRecordChanged(worker=name, version=change.version))
