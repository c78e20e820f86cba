"""What the methods of the service share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from lkmr_education.domain.norms import Norms
from lkmr_education.domain.posts import Posts
from lkmr_education.usecases.account import Account, account_of
from lkmr_education.usecases.build_reports import ReportBuilder
from lkmr_education.usecases.files import CertificateFiles, Scanner, TextReader
from lkmr_education.usecases.norm_book import NormBook
from lkmr_education.usecases.outside import KeptReader, Portal, ReportShelf
from lkmr_education.usecases.ports import CatalogueSearch, Checks, NewUnitOfWork, Reader, Staff
from lkmr_education.usecases.present_worker import Present
from lkmr_education.usecases.reports import ReportPrinter, ReportSigner
from lkmr_education.usecases.retry_kept import KeptNotices
from lkmr_education.usecases.rights import check_read
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.grpc_server import caller_of


@dataclass(frozen=True, slots=True)
class Parts:
    """What the methods work with; made in `main`."""

    reader: Reader
    present: Callable[[str], Awaitable[Present]]
    new_uow: NewUnitOfWork
    catalogue: CatalogueSearch
    staff: Staff
    book: NormBook
    posts: Posts
    portal: Portal
    checks: Checks
    files: CertificateFiles
    texts: TextReader
    scanner: Scanner
    kept: KeptNotices
    shelf: KeptReader
    reports: ReportShelf
    builder: ReportBuilder
    signer: ReportSigner
    printer: ReportPrinter
    clock: Clock

    @property
    def norms(self) -> Norms:
        """The norms in force. Raises RegisterUnavailable while none were ever got."""
        return self.book.norms


class Base:
    """Reads of a worker that a caller may see."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    async def readable(self, worker: str) -> Present:
        """The worker, where the caller may see them. Raises WorkerNotFound."""
        await self.parts.book.first()
        present = await self.parts.present(worker)
        check_read(caller_of(), present)
        return present

    async def account(self, worker: str) -> Account:
        """The account of a worker whom the caller may see."""
        return account_of(await self.readable(worker), self.parts.norms, self.parts.posts)


def body_of(request: object) -> bytes:
    """What a repeat must be equal to."""
    return request.SerializeToString(deterministic=True)  # type: ignore[attr-defined, no-any-return]  # protobuf
