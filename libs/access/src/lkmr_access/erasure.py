"""Destruction of a person's data: what `auth` orders and each service carries out in its database.

152-ФЗ, art. 21 parts 4 and 5: within 30 days after the purpose was reached or a consent withdrawn.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Scope(Enum):
    """What ends: the whole account, or a purpose whose consent was withdrawn."""

    ACCOUNT = "ACCOUNT"
    EDUCATION = "EDUCATION"
    NOTICES = "NOTICES"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Whose data end, by the ids that services know; `worker` is None without a medical post."""

    erasure: str
    person: uuid.UUID
    worker: uuid.UUID | None
    scope: Scope


class Destroyer(Protocol):
    """The data of a service inside one transaction."""

    async def files(self, order: Order) -> Sequence[str]:
        """Keys of the objects that go first; while the rows are there a repeat finds them again."""
        ...

    async def destroy(self, order: Order) -> Mapping[str, int]:
        """Keys, sealed columns, blind indexes and rows; how many by kind, without zeros."""
        ...
