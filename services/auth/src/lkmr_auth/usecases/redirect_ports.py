"""The port of redirect addresses."""

import uuid
from datetime import datetime
from typing import Protocol

from lkmr_auth.domain.person import PersonId
from lkmr_auth.domain.redirect import RedirectAddress
from lkmr_auth.domain.rights import Reach


class Redirects(Protocol):
    """Addresses of the cabinet for organisations."""

    async def page(self, reach: Reach) -> tuple[RedirectAddress, ...]: ...

    async def add(self, address: RedirectAddress, who: PersonId) -> None:
        """Raises AddressTaken."""
        ...

    async def end(self, identity: uuid.UUID, reach: Reach, now: datetime) -> bool:
        """False when there is no such address in reach."""
        ...
