"""One transaction over everything that auth stores."""

from collections.abc import Callable
from typing import Self

from lkmr_auth.domain.facts import Fact
from lkmr_auth.storage.access import StoredDelegations, StoredEmergencies, StoredPolicyBook
from lkmr_auth.storage.activation import StoredActivations, StoredAttempts, StoredRegistry
from lkmr_auth.storage.cleaner import StoredCleaner
from lkmr_auth.storage.codes import StoredCodes
from lkmr_auth.storage.data_requests import StoredDataRequests
from lkmr_auth.storage.disputes import StoredDisputes
from lkmr_auth.storage.drafts import StoredDrafts
from lkmr_auth.storage.journal import StoredJournal
from lkmr_auth.storage.keys import StoredKeys
from lkmr_auth.storage.passkeys import StoredBackupCodes, StoredPasskeys
from lkmr_auth.storage.passwords import StoredPasswords
from lkmr_auth.storage.people import StoredPeople
from lkmr_auth.storage.recipients import StoredRecipients
from lkmr_auth.storage.rights import StoredRights
from lkmr_auth.storage.seal import Seals
from lkmr_auth.storage.sendings import StoredSendings
from lkmr_auth.storage.sessions import StoredEsiaSessions, StoredSessions
from lkmr_auth.storage.sign_ins import StoredSignIns
from lkmr_auth.storage.starts import StoredStarts
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.database import Database, UnitOfWork
from lkmr_servicekit.encryption import KeyRing
from lkmr_servicekit.events import Announcement
from lkmr_servicekit.outbox import Outbox

SOURCE = "auth"


class StoredUnitOfWork(UnitOfWork):
    """The port `UnitOfWork` over PostgreSQL; facts go into the outbox as `announcement` says."""

    sign_ins: StoredSignIns
    people: StoredPeople
    recipients: StoredRecipients
    sessions: StoredSessions
    esia_sessions: StoredEsiaSessions
    starts: StoredStarts
    codes: StoredCodes
    sendings: StoredSendings
    passwords: StoredPasswords
    passkeys: StoredPasskeys
    backup_codes: StoredBackupCodes
    delegations: StoredDelegations
    emergencies: StoredEmergencies
    policies: StoredPolicyBook
    drafts: StoredDrafts
    data_requests: StoredDataRequests
    registry: StoredRegistry
    activations: StoredActivations
    attempts: StoredAttempts
    journal: StoredJournal
    disputes: StoredDisputes
    keys: StoredKeys
    rights: StoredRights
    cleaner: StoredCleaner

    def __init__(
        self,
        database: Database,
        keyring: KeyRing,
        *,
        clock: Clock,
        announcement: Callable[[Fact], Announcement],
    ) -> None:
        super().__init__(database)
        self._keyring, self._clock, self._announcement = keyring, clock, announcement

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        connection = self.connection
        seals = Seals(connection, self._keyring)
        self.sign_ins = StoredSignIns(connection, seals)
        self.people = StoredPeople(connection, seals)
        self.recipients = StoredRecipients(connection)
        self.sessions = StoredSessions(connection, seals)
        self.esia_sessions = StoredEsiaSessions(connection, seals)
        self.starts = StoredStarts(connection, self._keyring)
        self.codes = StoredCodes(connection)
        self.sendings = StoredSendings(connection, self._keyring)
        self.passwords = StoredPasswords(connection)
        self.passkeys = StoredPasskeys(connection, seals)
        self.backup_codes = StoredBackupCodes(connection, self._keyring)
        self.delegations = StoredDelegations(connection)
        self.emergencies = StoredEmergencies(connection, seals)
        self.policies = StoredPolicyBook(connection, seals)
        self.drafts = StoredDrafts(connection, seals)
        self.data_requests = StoredDataRequests(connection, seals)
        self.registry = StoredRegistry(connection)
        self.activations = StoredActivations(connection, self._keyring)
        self.attempts = StoredAttempts(connection, self._keyring)
        self.journal = StoredJournal(connection, seals)
        self.disputes = StoredDisputes(connection, seals)
        self.keys = StoredKeys(connection, self._keyring)
        self.rights = StoredRights(connection, seals)
        self.cleaner = StoredCleaner(connection)
        return self

    async def announce(self, *facts: Fact) -> None:
        outbox = Outbox(self.connection, source=SOURCE, clock=self._clock)
        await outbox.add([self._announcement(fact) for fact in facts])
