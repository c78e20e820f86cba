"""The port of a transaction, from which the units of work that use cases see are derived."""

from types import TracebackType
from typing import Protocol, Self


class Transaction(Protocol):
    """Opened by `async with`; what was not committed by its end is not kept."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    async def commit(self) -> None:
        """Keep all or nothing."""
        ...
