"""What checking and exporting need of the chain."""

from collections.abc import AsyncIterator
from typing import Protocol

from lkmr_auth.domain.journal import ChainedRow, Head


class ChainReader(Protocol):
    """The chain in the table."""

    async def head(self) -> Head: ...

    async def first(self) -> int: ...

    def rows(self, after: int = 0, until: int = ...) -> AsyncIterator[list[ChainedRow]]: ...
