"""Reads every kept file through, slowly, so that damage is found before it is asked for."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any

from lkmr_accreditation.usecases.document_ports import Vault
from lkmr_accreditation.usecases.documents import check_file
from lkmr_accreditation.usecases.ports import UnitOfWork
from lkmr_servicekit.background import repeated
from lkmr_servicekit.clock import monotonic
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.telemetry import log

FILE_SECONDS, ROUND_SECONDS, FAULT_SECONDS = 1.0, 86_400.0, 60.0
PORTION = 20
IN_A_ROW = 3  # so many damaged files one after another are a fault of the store, not of files
Place = tuple[str, int]
FIRST: Place = (str(uuid.UUID(int=0)), 0)


class FileScrub:
    """One instance at a time; it begins anywhere, so restarts do not leave the last files out."""

    name = "documents-scrub"

    def __init__(
        self,
        *,
        new_uow: Callable[[], UnitOfWork],
        vault: Vault,
        hold: Callable[[str], AbstractAsyncContextManager[None]],
        busy: Callable[[], Awaitable[bool]],
        pause: float = FILE_SECONDS,
    ) -> None:
        """`busy` says that a load of the worker register is under way: it goes first."""
        self._new_uow, self._vault, self._pause = new_uow, vault, pause
        self._hold, self._busy = hold, busy
        self._place: Place = (str(uuid.uuid4()), 0)
        self._next_round = 0.0
        self._told: set[Place] = set()  # an owner is not called every day for one file

    def run(self) -> Coroutine[Any, Any, None]:
        """Work until cancelled: a round, and a day of rest from its end."""
        return repeated(self.name, self._turn, seconds=FILE_SECONDS, fault_seconds=FAULT_SECONDS)

    async def _turn(self) -> None:
        if monotonic() < self._next_round or await self._busy():
            return
        async with self._hold(self.name):
            if not await self.portion():
                self._next_round = monotonic() + ROUND_SECONDS

    async def portion(self) -> bool:
        """Read the next files; False after the last, or when the store itself looks broken."""
        async with self._new_uow() as uow:
            found = await uow.documents.with_files(self._place, PORTION)
        bad = 0
        for document, version in found:
            self._place = (document.id, version.number)
            if self._place in self._told:
                continue
            try:
                await check_file(document, version, new_uow=self._new_uow, vault=self._vault)
                bad = 0
            except ServiceError as fault:
                if fault.reason != "STORED_DATA_DAMAGED":
                    raise
                bad += 1
                self._told.add(self._place)
            if bad == IN_A_ROW:
                log.error("documents.scrub_stopped", damaged_in_a_row=bad)
                return False
            await asyncio.sleep(self._pause)
        if len(found) < PORTION:
            self._place = FIRST
            return False
        return True
