"""Read documents of a worker, decide about them, put them aside."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import date

from lkmr_accreditation.domain.documents import (
    Catalogue,
    Check,
    Checked,
    Document,
    DocumentFact,
    File,
    Happening,
    Kind,
    Source,
    State,
    Version,
    state_of,
)
from lkmr_accreditation.domain.errors import (
    DocumentChanged,
    DocumentFixed,
    DocumentInvalid,
    DocumentNotFound,
    DocumentWithoutFile,
    FilterInvalid,
)
from lkmr_accreditation.usecases.document_ports import Vault
from lkmr_accreditation.usecases.document_rights import View
from lkmr_accreditation.usecases.ports import UnitOfWork
from lkmr_servicekit.audit import apart
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import FieldFault, ServiceError
from lkmr_servicekit.identity import Caller
from lkmr_servicekit.pagination import page_size_of, page_token_of, position_of
from lkmr_servicekit.telemetry import counter, log

NewUow = Callable[[], UnitOfWork]
MAX_REASON = 300
_STATES = frozenset(one.value for one in State)
_damaged = counter("lkmr_documents_damaged_total", "Files whose bytes are not those kept")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which documents; empty values mean all that are not put aside."""

    states: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    page_size: int = 0
    page_token: str = ""

    def check(self, catalogue: Catalogue) -> None:
        """Raises FilterInvalid for a state or kind that does not exist."""
        if unknown := self.states - _STATES:
            raise FilterInvalid(field="state", value=min(unknown)[:40])
        if unknown := self.kinds - set(catalogue.kinds):
            raise FilterInvalid(field="kind", value=min(unknown)[:40])


@dataclass(frozen=True, slots=True)
class Item:
    """A document with its kind and its state today."""

    document: Document
    kind: Kind
    state: State
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of documents, the newest first."""

    items: Sequence[Item]
    next_page_token: str
    total: int


def item_of(document: Document, catalogue: Catalogue, today: date) -> Item:
    """What a document means today."""
    kind, end = catalogue[document.kind], document.version.content.valid_until
    left = (end - today).days if end else None
    return Item(document, kind, state_of(document, kind, today), left)


async def list_documents(
    worker: str, query: Query, *, view: View, new_uow: NewUow, catalogue: Catalogue, today: date
) -> Page:
    """Documents that the caller may see. Raises FilterInvalid, PAGE_TOKEN_INVALID."""
    query.check(catalogue)
    async with new_uow() as uow:
        found = await uow.documents.of_worker(worker)
    items = [item_of(one, catalogue, today) for one in reversed(found) if view.shows(one)]
    if query.states:
        items = [one for one in items if one.state.value in query.states]
    else:
        items = [one for one in items if one.state is not State.ARCHIVED]
    if query.kinds:
        items = [one for one in items if one.kind.code in query.kinds]
    total = len(items)
    position = position_of(query.page_token, str, str)
    if position:
        items = [one for one in items if _place(one) < (str(position[0]), str(position[1]))]
    size = page_size_of(query.page_size)
    token = page_token_of(*_place(items[size - 1])) if len(items) > size else ""
    return Page(items[:size], token, total)


def _place(item: Item) -> tuple[str, str]:
    return item.document.create_time.isoformat(), item.document.id


async def read_document(
    worker: str, document: str, *, view: View, new_uow: NewUow, catalogue: Catalogue, today: date
) -> tuple[Item, Sequence[Version]]:
    """One document with all its versions, newest first. Raises DocumentNotFound."""
    async with new_uow() as uow:
        found = await _visible(worker, document, view, uow)
        versions = await uow.documents.versions(worker, document)
    return item_of(found, catalogue, today), versions


async def open_file(
    worker: str, document: str, number: int, *, view: View, new_uow: NewUow, vault: Vault
) -> tuple[File, AsyncIterator[bytes]]:
    """The file of a version (0: the present one), read through once before it is given.

    A file that is not what was stored is announced and refused whole. Raises DocumentNotFound,
    DocumentWithoutFile, ServiceError STORED_DATA_DAMAGED, OBJECT_STORE_UNAVAILABLE.
    """
    async with new_uow() as uow:
        found = await _visible(worker, document, view, uow)
        versions = await uow.documents.versions(worker, document)
    wanted = number or found.version.number
    version = next((one for one in versions if one.number == wanted), None)
    if version is None:
        raise DocumentNotFound
    if version.file is None:
        raise DocumentWithoutFile
    await check_file(found, version, new_uow=new_uow, vault=vault)
    return version.file, vault.read(version.file)


async def check_file(
    document: Document, version: Version, *, new_uow: NewUow, vault: Vault
) -> None:
    """Read a file through; damage is told in an event and refused.

    Raises ServiceError STORED_DATA_DAMAGED.
    """
    if version.file is None:
        return
    try:
        async for _ in vault.read(version.file):
            pass
    except ServiceError as fault:
        if fault.reason not in {"STORED_DATA_DAMAGED", "OBJECT_NOT_FOUND"}:
            raise
        _damaged.inc()
        name = f"workers/{document.worker}/documents/{document.id}"
        log.error("document.damaged", document=name, version=version.number, reason=fault.reason)
        async with new_uow() as uow:
            fact = DocumentFact(
                worker=document.worker,
                document=document.id,
                version=version.number,
                what=Happening.DAMAGED,
            )
            await uow.announce.documents([fact])
            with apart():
                await uow.commit()
        raise ServiceError("STORED_DATA_DAMAGED", fault.category, domain=fault.domain) from None


async def decide_document(
    worker: str,
    document: str,
    *,
    status: str,
    reason: str,
    etag: str,
    caller: Caller,
    view: View,
    request_id: str,
    body: bytes,
    new_uow: NewUow,
    clock: Clock,
) -> None:
    """The word of the personnel office about the present version. A repeat does nothing.

    Raises DocumentNotFound, DocumentInvalid, DocumentChanged, DocumentFixed.
    """
    method, now = "DecideDocument", clock.now()
    outcome = _decision(status, reason)
    async with new_uow() as uow:
        if await uow.requests.replay(caller, method, request_id, body) is not None:
            return
        found = await _changeable(worker, document, etag, view, uow)
        by = f"persons/{caller.subject}"
        checked = Checked(status=outcome, by=by, reason=" ".join(reason.split()), time=now)
        await note_check(found, checked, uow=uow)
        await uow.requests.store(caller, method, request_id, b"done")
        await uow.commit()


async def note_check(document: Document, checked: Checked, *, uow: UnitOfWork) -> None:
    """Keep the outcome of a check, announce it, and have the worker judged anew."""
    await uow.documents.note_check(document, checked)
    fact = DocumentFact(
        worker=document.worker,
        document=document.id,
        version=document.version.number,
        what=Happening.CHECKED,
        check=checked.status.value,
        kind=document.kind,
    )
    await uow.announce.documents([fact])
    await uow.compliance.add_due([document.worker])


async def archive_document(
    worker: str,
    document: str,
    *,
    etag: str,
    caller: Caller,
    view: View,
    request_id: str,
    body: bytes,
    new_uow: NewUow,
) -> None:
    """Put a document aside. A repeat does nothing.

    Raises DocumentNotFound, DocumentChanged, DocumentFixed.
    """
    method = "ArchiveDocument"
    async with new_uow() as uow:
        if await uow.requests.replay(caller, method, request_id, body) is not None:
            return
        found = await _changeable(worker, document, etag, view, uow)
        await uow.documents.archive(found)
        fact = DocumentFact(
            worker=worker,
            document=document,
            version=found.version.number,
            what=Happening.ARCHIVED,
            kind=found.kind,
        )
        await uow.announce.documents([fact])
        await uow.compliance.add_due([worker])
        await uow.requests.store(caller, method, request_id, b"done")
        await uow.commit()


async def _visible(
    worker: str, document: str, view: View, uow: UnitOfWork, *, lock: bool = False
) -> Document:
    found = await uow.documents.find(worker, document, lock=lock)
    if found is None or not view.shows(found):
        raise DocumentNotFound
    return found


async def _changeable(
    worker: str, document: str, etag: str, view: View, uow: UnitOfWork
) -> Document:
    found = await _visible(worker, document, view, uow, lock=True)
    if found.source is Source.REGISTER or found.archived:
        raise DocumentFixed
    check_seen(found, etag)
    return found


def check_seen(document: Document, etag: str) -> None:
    """Only who saw it as it is may change it. Raises DocumentChanged, DocumentInvalid."""
    if not etag:
        detail = "Назовите версию, которую вы видели."
        raise DocumentInvalid([FieldFault("etag", "REQUIRED", detail)])
    if document.etag != etag:
        raise DocumentChanged


def _decision(status: str, reason: str) -> Check:
    faults = []
    clean = " ".join(reason.split())
    if status not in {Check.VERIFIED.value, Check.REJECTED.value}:
        faults.append(FieldFault("status", "UNKNOWN", "Выберите: VERIFIED или REJECTED."))
    elif status == Check.REJECTED.value and not clean:
        faults.append(FieldFault("reason", "REQUIRED", "Напишите, что исправить."))
    if len(clean) > MAX_REASON or not clean.isprintable():
        faults.append(FieldFault("reason", "TOO_LONG", f"Не длиннее {MAX_REASON} знаков."))
    if faults:
        raise DocumentInvalid(faults)
    return Check(status)
