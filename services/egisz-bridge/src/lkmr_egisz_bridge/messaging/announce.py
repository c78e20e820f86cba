"""Our facts as messages."""

from lkmr.egisz_bridge.v1.events_pb2 import ReceiptReceived, RegisterRecordChanged

from lkmr_egisz_bridge.domain.receipt import Receipt
from lkmr_egisz_bridge.usecases.ports import Change
from lkmr_servicekit.events import Announcement, event_id_for
from lkmr_servicekit.resource_names import name_of


def register_record_changed(change: Change) -> Announcement:
    """The card of a worker changed."""
    name = name_of(workers=change.worker)
    return Announcement(name, RegisterRecordChanged(worker=name, version=change.version))


def receipt_received(said: Receipt) -> Announcement:
    """A new word about what was sent; the same word has the same id."""
    message = ReceiptReceived(
        resource=said.resource,
        sender=said.sender,
        exchange=said.exchange.value,
        version=said.version,
        state=said.state.value,
    )
    id_ = event_id_for(
        "receipt", said.exchange.value, said.resource, str(said.version), said.state.value
    )
    return Announcement(said.resource, message, id_)
