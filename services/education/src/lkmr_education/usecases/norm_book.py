"""The norms in force: asked of their owner again and again, kept for when it does not answer."""

from typing import Protocol

from lkmr_education.domain.errors import RegisterUnavailable
from lkmr_education.domain.norms import Norms
from lkmr_education.usecases.ports import NewUnitOfWork


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

    @property
    def norms(self) -> Norms:
        """The norms. Raises RegisterUnavailable while none were ever got."""
        if self._norms is None:
            raise RegisterUnavailable(reason="NORMS_UNKNOWN")
        return self._norms

    async def open(self) -> None:
        """Begin with what was kept when the owner answered last."""
        async with self._new_uow() as uow:
            kept = await uow.law.read()
        if kept.entries:
            self._norms = kept

    async def renew(self) -> None:
        """Ask the owner; what changed holds at once. Raises RegisterUnavailable."""
        fresh = await self._owner.in_force()
        if fresh == self._norms:
            return
        async with self._new_uow() as uow:
            await uow.law.keep(fresh)
            await uow.commit()
        self._norms = fresh
