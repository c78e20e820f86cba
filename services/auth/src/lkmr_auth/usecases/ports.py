"""What the use cases need from the world outside: one transaction over all that auth stores."""

from datetime import datetime, timedelta
from typing import Protocol

from lkmr_auth.domain.facts import Fact
from lkmr_auth.domain.keys import SigningKey
from lkmr_auth.usecases.access_ports import (
    DataRequests,
    Delegations,
    Drafts,
    Emergencies,
    PolicyBook,
)
from lkmr_auth.usecases.journal_ports import Disputes, Journal
from lkmr_auth.usecases.passkey_ports import BackupCodes, Passkeys
from lkmr_auth.usecases.people_ports import Activations, People, Recipients, Registry
from lkmr_auth.usecases.rights_ports import Rights
from lkmr_auth.usecases.session_ports import EsiaSessions, Sessions
from lkmr_auth.usecases.sign_in_ports import Attempts, Codes, Passwords, Sendings, SignIns, Starts
from lkmr_servicekit.transaction import Transaction


class Keys(Protocol):
    """The keys that sign caller tokens."""

    async def lock(self) -> None:
        """Nobody else rotates until this transaction ends."""
        ...

    async def list(self) -> tuple[SigningKey, ...]: ...

    async def add(self, key: SigningKey) -> None: ...

    async def remove(self, key_id: str) -> None: ...


class Cleaner(Protocol):
    """Removal of what is long over."""

    async def sweep(self, now: datetime, idle: timedelta) -> None:
        """Also marks as ended the sessions that were idle for longer than `idle`."""
        ...


class UnitOfWork(Transaction, Protocol):
    """One transaction over everything that auth stores."""

    @property
    def sign_ins(self) -> SignIns: ...

    @property
    def people(self) -> People: ...

    @property
    def recipients(self) -> Recipients: ...

    @property
    def sessions(self) -> Sessions: ...

    @property
    def esia_sessions(self) -> EsiaSessions: ...

    @property
    def starts(self) -> Starts: ...

    @property
    def codes(self) -> Codes: ...

    @property
    def sendings(self) -> Sendings: ...

    @property
    def passwords(self) -> Passwords: ...

    @property
    def passkeys(self) -> Passkeys: ...

    @property
    def backup_codes(self) -> BackupCodes: ...

    @property
    def delegations(self) -> Delegations: ...

    @property
    def emergencies(self) -> Emergencies: ...

    @property
    def policies(self) -> PolicyBook: ...

    @property
    def drafts(self) -> Drafts: ...

    @property
    def data_requests(self) -> DataRequests: ...

    @property
    def registry(self) -> Registry: ...

    @property
    def activations(self) -> Activations: ...

    @property
    def attempts(self) -> Attempts: ...

    @property
    def journal(self) -> Journal: ...

    @property
    def disputes(self) -> Disputes: ...

    @property
    def keys(self) -> Keys: ...

    @property
    def rights(self) -> Rights: ...

    @property
    def cleaner(self) -> Cleaner: ...

    async def announce(self, *facts: Fact) -> None:
        """Tell the other services, in this transaction."""
        ...


class NewUnitOfWork(Protocol):
    """Opens transactions."""

    def __call__(self) -> UnitOfWork: ...
