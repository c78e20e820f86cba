"""One transaction over inbox, messages, deliveries, preferences, repeats and outbox."""

from collections.abc import Callable
from typing import Self

from lkmr_notify.domain.message import Message
from lkmr_notify.storage.announcements import StoredAnnouncements
from lkmr_notify.storage.browsers import StoredBrowsers
from lkmr_notify.storage.deliveries import StoredDeliveries
from lkmr_notify.storage.digests import StoredDigests
from lkmr_notify.storage.erasure import StoredErasure
from lkmr_notify.storage.messages import StoredMessages
from lkmr_notify.storage.seals import SealedRequests, Seals
from lkmr_notify.storage.terms import StoredTerms
from lkmr_notify.storage.wishes import StoredWishes
from lkmr_notify.usecases.ports import Delivery
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.database import Database, UnitOfWork
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.events import Announcement
from lkmr_servicekit.idempotency import Requests
from lkmr_servicekit.inbox import Inbox
from lkmr_servicekit.outbox import Outbox


class NotifyUnitOfWork(UnitOfWork):
    """The port `UnitOfWork`; the two functions write our facts as messages."""

    inbox: Inbox
    messages: StoredMessages
    deliveries: StoredDeliveries
    wishes: StoredWishes
    browsers: StoredBrowsers
    terms: StoredTerms
    digests: StoredDigests
    announcements: StoredAnnouncements
    requests: SealedRequests
    erasure: StoredErasure

    def __init__(
        self,
        database: Database,
        ring: KeyRing,
        *,
        clock: Clock,
        created: Callable[[Message], Announcement],
        failed: Callable[[Delivery, str], Announcement],
    ) -> None:
        super().__init__(database)
        self._clock, self._created, self._failed = clock, created, failed
        self._ring = ring

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self.inbox = Inbox(self.connection, self._clock)
        seals = Seals(self.connection, self._ring, self._clock)
        self.messages = StoredMessages(self.connection, self._ring, seals)
        self.deliveries = StoredDeliveries(self.connection)
        self.wishes = StoredWishes(self.connection)
        self.browsers = StoredBrowsers(self.connection, self._ring, self._clock)
        self.terms = StoredTerms(self.connection)
        self.digests = StoredDigests(self.connection)
        self.announcements = StoredAnnouncements(self.connection)
        self.requests = SealedRequests(Requests(self.connection, self._clock), seals)
        self.erasure = StoredErasure(self.connection)
        self._outbox = Outbox(self.connection, source="notify", clock=self._clock)
        return self

    async def announce_created(self, *messages: Message) -> None:
        """MessageCreated in the transaction of the messages."""
        await self._outbox.add([self._created(one) for one in messages])

    async def announce_failed(self, delivery: Delivery, reason: str) -> None:
        """DeliveryFailed in the transaction that gives up."""
        await self._outbox.add([self._failed(delivery, reason)])
