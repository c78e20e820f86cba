"""The norms in force: asked of their owner again and again, kept for when it does not answer."""

import asyncio
from contextlib import suppress
from typing import Protocol

from lkmr_education.domain.errors import RegisterUnavailable
from lkmr_education.domain.norms import Norms
from lkmr_education.usecases.ports import NewUnitOfWork

_FIRST_SECONDS = 1.0


class LawOwner(Protocol):
    """`accreditation`, which owns the law."""

    async def in_force(self) -> Norms:
        """Norms in force today. Raises RegisterUnavailable."""
        ...


class NormBook:
    """Holds the present norms; `norms` is asked anew at each use."""

    def __init__(self, *, owner: LawOwner, new_uow: NewUnitOfWork) -> None:
        self._owner, self._new_uow = owner, new_uow
        self._norms: Norms | None = None
        self._got = asyncio.Event()

    @property
    def norms(self) -> Norms:
        """The norms. Raises RegisterUnavailable while none were ever got."""
        if self._norms is None:
            raise RegisterUnavailable(reason="NORMS_UNKNOWN")
        return self._norms

    async def first(self) -> None:
        """Wait a little for the first norms of a service that has just begun."""
        if self._norms is None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._got.wait(), _FIRST_SECONDS)

    async def open(self) -> None:
        """Begin with what was kept when the owner answered last."""
        async with self._new_uow() as uow:
            kept = await uow.law.read()
        if kept.entries:
            self._set(kept)

    async def renew(self) -> None:
        """Ask the owner; what changed holds at once. Raises RegisterUnavailable."""
        fresh = await self._owner.in_force()
        if fresh == self._norms:
            return
        async with self._new_uow() as uow:
            await uow.law.keep(fresh)
            await uow.commit()
        self._set(fresh)

    def _set(self, norms: Norms) -> None:
        self._norms = norms
        self._got.set()
