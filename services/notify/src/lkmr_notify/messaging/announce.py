"""Our facts as messages."""

from lkmr.notify.v1.events_pb2 import DeliveryFailed, MessageCreated

from lkmr_notify.domain.message import Message
from lkmr_notify.usecases.ports import Delivery
from lkmr_servicekit.events import Announcement
from lkmr_servicekit.resource_names import name_of


def message_created(message: Message) -> Announcement:
    """A message lies in the inbox of a person."""
    name = name_of(persons=message.person, messages=message.id)
    return Announcement(name, MessageCreated(message=name))


def delivery_failed(delivery: Delivery, reason: str) -> Announcement:
    """A delivery was given up."""
    name = name_of(persons=delivery.person, messages=delivery.message)
    return Announcement(
        name, DeliveryFailed(message=name, channel=delivery.channel.value, reason=reason)
    )
