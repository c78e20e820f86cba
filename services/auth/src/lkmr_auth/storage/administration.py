"""The unit of work of administration."""

from typing import Self

from lkmr_auth.storage.acts_by_hand import StoredActsByHand
from lkmr_auth.storage.destroyer import StoredDestroyer
from lkmr_auth.storage.erasures import StoredErasures
from lkmr_auth.storage.incidents import StoredIncidents
from lkmr_auth.storage.redirects import StoredRedirects
from lkmr_auth.storage.register_of_people import StoredRegisterOfPeople
from lkmr_auth.storage.seal import Seals
from lkmr_auth.storage.unit_of_work import StoredUnitOfWork
from lkmr_servicekit.idempotency import Requests
from lkmr_servicekit.inbox import Inbox


class StoredAdministration(StoredUnitOfWork):
    """The port `AdministrationUnitOfWork` over PostgreSQL."""

    register: StoredRegisterOfPeople
    acts: StoredActsByHand
    incidents: StoredIncidents
    redirects: StoredRedirects
    requests: Requests
    inbox: Inbox
    erasures: StoredErasures
    destroyer: StoredDestroyer

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self.register = StoredRegisterOfPeople(self.connection)
        seals = Seals(self.connection, self._keyring)
        self.acts = StoredActsByHand(self.connection, seals)
        self.incidents = StoredIncidents(self.connection, seals)
        self.redirects = StoredRedirects(self.connection)
        self.requests = Requests(self.connection, self._clock)
        self.inbox = Inbox(self.connection, self._clock)
        self.erasures = StoredErasures(self.connection)
        self.destroyer = StoredDestroyer(self.connection, self._keyring)
        return self
