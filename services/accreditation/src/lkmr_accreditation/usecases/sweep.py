"""Removes files that nothing refers to: an upload that broke off between file and document."""

from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any

from lkmr_accreditation.usecases.document_ports import Vault
from lkmr_accreditation.usecases.ports import UnitOfWork
from lkmr_servicekit.background import repeated
from lkmr_servicekit.telemetry import counter, log

AGE_SECONDS, ROUND_SECONDS, FAULT_SECONDS = 86_400.0, 86_400.0, 600.0
PORTION, FEW = 500, 20
_removed = counter("lkmr_documents_stray_files_total", "Files removed that nothing referred to")


async def sweep_files(
    *, new_uow: Callable[[], UnitOfWork], vault: Vault, age: float = AGE_SECONDS
) -> int:
    """Remove files older than any upload lasts to which no version refers; returns how many.

    When most files are unknown, the database is the one that lost something: nothing is removed.
    Raises ServiceError OBJECT_STORE_UNAVAILABLE, DATABASE_UNAVAILABLE.
    """
    seen, strays = 0, list[str]()
    async for keys in vault.older(age):
        for start in range(0, len(keys), PORTION):
            part = keys[start : start + PORTION]
            async with new_uow() as uow:
                known = await uow.documents.known_files(part)
            seen += len(part)
            strays += [key for key in part if key not in known]
    if len(strays) > FEW and len(strays) > seen // 2:
        log.error("documents.sweep_stopped", unknown=len(strays), seen=seen)
        return 0
    for key in strays:
        await vault.drop(key)
    if strays:
        _removed.inc(len(strays))
        log.info("documents.stray_files_removed", count=len(strays))
    return len(strays)


class FileSweep:
    """A round a day; one instance at a time."""

    name = "documents-sweep"

    def __init__(
        self,
        *,
        new_uow: Callable[[], UnitOfWork],
        vault: Vault,
        hold: Callable[[str], AbstractAsyncContextManager[None]],
    ) -> None:
        self._new_uow, self._vault, self._hold = new_uow, vault, hold

    def run(self) -> Coroutine[Any, Any, None]:
        """Work until cancelled."""
        return repeated(self.name, self._round, seconds=ROUND_SECONDS, fault_seconds=FAULT_SECONDS)

    async def _round(self) -> None:
        async with self._hold(self.name):
            await sweep_files(new_uow=self._new_uow, vault=self._vault)
