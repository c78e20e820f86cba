"""What services report of a destruction."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from google.protobuf.message import Message
from lkmr.accreditation.v1 import events_pb2 as accreditation
from lkmr.education.v1 import events_pb2 as education
from lkmr.notify.v1 import events_pb2 as notify

from lkmr_servicekit.events import Event
from lkmr_servicekit.inbox import Subscription
from lkmr_servicekit.resource_names import ids_in

REPORTS: Mapping[str, type[Message]] = {
    "accreditation": accreditation.ErasureReported,
    "education": education.ErasureReported,
    "notify": notify.ErasureReported,
}
Note = Callable[[uuid.UUID, str, Mapping[str, int], Event[Any]], Awaitable[None]]


def erasure_reports(note: Note) -> list[Subscription]:
    """One for each service that holds data of people."""
    return [_subscription(service, kind, note) for service, kind in REPORTS.items()]


def _subscription(service: str, kind: type[Message], note: Note) -> Subscription:
    async def on_erasure_reported(event: Event[Any]) -> None:
        (erasure,) = ids_in(event.data.erasure, "erasures")
        destroyed = {one.kind: one.count for one in event.data.destroyed}
        await note(uuid.UUID(erasure), service, destroyed, event)

    return Subscription(kind, on_erasure_reported, 4)
