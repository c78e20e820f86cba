"""What commands are built of."""

from functools import partial

from lkmr_auth.clients.archive import FolderArchive
from lkmr_auth.clients.witness import FolderWitness
from lkmr_auth.config import StoreConfig
from lkmr_auth.messaging.announce import announcement_of
from lkmr_auth.storage import shipped
from lkmr_auth.storage.administration import StoredAdministration
from lkmr_auth.usecases.parts import AccessParts
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.database import Database


def access_of(settings: StoreConfig, database: Database, clock: SystemClock) -> AccessParts:
    """What policies in force are read with."""
    return AccessParts(
        new_uow=partial(
            StoredAdministration,
            database,
            settings.keyring("auth"),
            clock=clock,
            announcement=announcement_of,
        ),
        policies=shipped.policies(),
        terms=shipped.terms(),
        clock=clock,
    )


def witness_of(settings: StoreConfig) -> FolderWitness:
    """The keeper of signed statements."""
    return FolderWitness(settings.audit_dir, settings.statement_key, settings.instance)


def archive_of(settings: StoreConfig) -> FolderArchive:
    """The keeper of months that left the table."""
    return FolderArchive(settings.archive_folder, settings.statement_key)
