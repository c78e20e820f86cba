"""Check documents about education with their register (ФИС ФРДО), through egisz-bridge."""

from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from lkmr_accreditation.domain.documents import Check, Document
from lkmr_accreditation.domain.study_check import AGAIN, Said, outcome_of
from lkmr_accreditation.usecases.documents import note_check
from lkmr_accreditation.usecases.law_book import LawBook
from lkmr_accreditation.usecases.ports import UnitOfWork
from lkmr_servicekit.background import repeated
from lkmr_servicekit.clock import MOSCOW, Clock, day_in

KINDS = ("DIPLOMA", "RESIDENCY", "RETRAINING", "PK_CERT")
PORTION, ROUND_SECONDS, FAULT_SECONDS = 20, 5.0, 30.0


class StudyRegister(Protocol):
    """The register of education documents."""

    async def ask(self, document: Document) -> Said:
        """What it says now. Raises RegisterUnavailable."""
        ...


async def check_study_papers(
    *, register: StudyRegister, new_uow: Callable[[], UnitOfWork], book: LawBook, clock: Clock
) -> int:
    """Ask about a portion of documents: new ones, and those that were not found a week ago.

    A register that does not answer leaves them waiting. Raises RegisterUnavailable.
    """
    async with new_uow() as uow:
        papers = await uow.documents.to_check(KINDS, clock.now() - AGAIN, PORTION)
    for paper in papers:
        said = await register.ask(paper)
        await _note(paper, said, new_uow=new_uow, book=book, clock=clock)
    return len(papers)


async def _note(
    paper: Document,
    said: Said,
    *,
    new_uow: Callable[[], UnitOfWork],
    book: LawBook,
    clock: Clock,
) -> None:
    now = clock.now()
    async with new_uow() as uow:
        present = await uow.documents.find(paper.worker, paper.id, lock=True)
        if present is None or present.etag != paper.etag:
            return  # another version: it is asked about by itself
        grace = book.law.number("frdo.grace_days", day_in(MOSCOW, now))
        outcome = outcome_of(said, present.version, grace_days=grace, now=now)
        if outcome.status is Check.CHECKING:
            await uow.documents.note_check(present, outcome)
        else:
            await note_check(present, outcome, uow=uow)
        await uow.commit()


class StudyPaperWork:
    """Asks while the service runs; one instance at a time."""

    name = "study-papers"

    def __init__(
        self,
        *,
        register: StudyRegister,
        new_uow: Callable[[], UnitOfWork],
        book: LawBook,
        clock: Clock,
        hold: Callable[[str], AbstractAsyncContextManager[None]],
    ) -> None:
        self._register, self._new_uow, self._book = register, new_uow, book
        self._clock, self._hold = clock, hold

    def run(self) -> Coroutine[Any, Any, None]:
        """Work until cancelled; a register that is away is asked again later."""
        return repeated(self.name, self._turn, seconds=ROUND_SECONDS, fault_seconds=FAULT_SECONDS)

    async def _turn(self) -> None:
        before = self._clock.now() - AGAIN
        async with self._new_uow() as uow:
            if not await uow.documents.to_check(KINDS, before, 1):
                return  # nobody waits: the right to ask is not needed
        async with self._hold(self.name):
            await check_study_papers(
                register=self._register,
                new_uow=self._new_uow,
                book=self._book,
                clock=self._clock,
            )
