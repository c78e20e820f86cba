"""Keep a document that somebody uploads, or a new version of one."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from lkmr_accreditation.domain.document_draft import Draft, Typed, draft_of, fits_name, label_of
from lkmr_accreditation.domain.documents import (
    BY_REGISTER,
    Catalogue,
    Check,
    Checked,
    Document,
    DocumentFact,
    File,
    Happening,
    Source,
    Version,
    first_check,
    number_of,
)
from lkmr_accreditation.domain.errors import (
    DocumentDuplicate,
    DocumentFixed,
    DocumentNotFound,
    DocumentTooLarge,
    DocumentTypeRefused,
)
from lkmr_accreditation.domain.law import Law
from lkmr_accreditation.usecases.document_ports import Inspector, Scanner, Vault
from lkmr_accreditation.usecases.documents import check_seen
from lkmr_accreditation.usecases.ports import UnitOfWork
from lkmr_servicekit.clock import MOSCOW, Clock, day_in
from lkmr_servicekit.identity import Caller

METHOD = "UploadDocument"
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What is asked for. `document` is empty for a new one; `file_name` when there is no file."""

    worker: str
    document: str
    typed: Typed
    file_name: str
    etag: str
    request_id: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploading:
    """What uploading works with."""

    new_uow: Callable[[], UnitOfWork]
    known: Callable[[str], Awaitable[object]]
    vault: Vault
    inspector: Inspector
    scanner: Scanner
    catalogue: Catalogue
    law: Law
    clock: Clock


async def upload_document(
    asked: Upload, content: AsyncIterator[bytes], *, caller: Caller, parts: Uploading
) -> str:
    """The id of the document. Fields are checked before the first byte of the file is read.

    A stream that ends with a fault keeps nothing: the file is stored when all of it is here, and
    the document in one transaction after it. A repeat of the request returns the first result.
    Raises DocumentInvalid, DocumentTypeRefused, DocumentTooLarge, DocumentEncrypted,
    DocumentUnsafe, DocumentDuplicate, DocumentChanged, DocumentFixed, DocumentNotFound.
    """
    now = parts.clock.now()
    if first := await _repeated(asked, caller, parts):
        return first
    old = await _old(asked, parts) if asked.document else None
    draft = draft_of(asked.typed, parts.catalogue, today=day_in(MOSCOW, now))
    if old is not None and draft.kind.code != old.kind:
        raise DocumentFixed
    await parts.known(asked.worker)
    file = await _stored_file(asked.file_name, content, parts, now)
    kept = False
    try:
        made = await _keep(asked, draft, file, caller=caller, parts=parts, now=now)
        kept = True
    finally:
        if not kept and file is not None:
            await parts.vault.forget(file)
    return made


async def _repeated(asked: Upload, caller: Caller, parts: Uploading) -> str:
    """The document that this very request made before; empty when there is none."""
    if not asked.request_id:
        return ""
    async with parts.new_uow() as uow:
        found = await uow.requests.replay(caller, METHOD, asked.request_id, asked.body)
    return found.decode() if found else ""


async def _old(asked: Upload, parts: Uploading, uow: UnitOfWork | None = None) -> Document:
    if uow is None:
        async with parts.new_uow() as looking:
            return await _old(asked, parts, looking)
    old = await uow.documents.find(asked.worker, asked.document, lock=True)
    if old is None:
        raise DocumentNotFound
    if old.source is Source.REGISTER or old.archived:
        raise DocumentFixed
    check_seen(old, asked.etag)
    return old


async def _stored_file(
    name: str, content: AsyncIterator[bytes], parts: Uploading, now: datetime
) -> File | None:
    if not name:
        async for _ in content:  # to its last message
            pass
        return None
    label = label_of(name)
    limit = parts.law.number("document.file.max_mb", day_in(MOSCOW, now))
    whole = bytearray()
    async for part in content:
        whole += part
        if len(whole) > limit * MEGABYTE:
            raise DocumentTooLarge(limit=f"{limit} МБ")
    raw = bytes(whole)
    facts = await parts.inspector.inspect(raw)
    if not fits_name(label, facts.media_type):
        raise DocumentTypeRefused
    scan = await parts.scanner.scan(raw)
    return await parts.vault.keep(raw, facts, label, scan)


async def _keep(
    asked: Upload,
    draft: Draft,
    file: File | None,
    *,
    caller: Caller,
    parts: Uploading,
    now: datetime,
) -> str:
    async with parts.new_uow() as uow:
        found = await uow.requests.replay(caller, METHOD, asked.request_id, asked.body)
        if found is not None:
            if file is not None:
                await parts.vault.forget(file)
            return found.decode()
        old = await _old(asked, parts, uow) if asked.document else None
        version = Version(
            number=old.version.number + 1 if old else 1,
            content=draft.content,
            check=await _first_check(asked.worker, draft, now, uow),
            author=f"persons/{caller.subject}",
            create_time=now,
            file=file or (old.version.file if old else None),
        )
        if old is None:
            document, done = await _add(asked.worker, draft, version, caller, uow)
        else:
            document, done = old.id, await uow.documents.add_version(old, version, draft.visibility)
        if not done:
            raise DocumentDuplicate
        fact = DocumentFact(
            worker=asked.worker,
            document=document,
            version=version.number,
            what=Happening.CHANGED if old else Happening.ADDED,
            kind=draft.kind.code,
        )
        await uow.announce.documents([fact])
        await uow.compliance.add_due([asked.worker])
        await uow.requests.store(caller, METHOD, asked.request_id, document.encode())
        await uow.commit()
    return document


async def _first_check(worker: str, draft: Draft, now: datetime, uow: UnitOfWork) -> Checked:
    """Confirmed at once when the register has told of this very document."""
    for one in await uow.documents.of_worker(worker):
        same = one.kind == draft.kind.code and number_of(one.version.content) == number_of(
            draft.content
        )
        if one.source is Source.REGISTER and not one.archived and same:
            return Checked(status=Check.VERIFIED, by=BY_REGISTER, time=now)
    return Checked(status=first_check(draft.kind))


async def _add(
    worker: str, draft: Draft, version: Version, caller: Caller, uow: UnitOfWork
) -> tuple[str, bool]:
    document = Document(
        id=str(uuid.uuid4()),
        worker=worker,
        kind=draft.kind.code,
        source=Source.OWNER if caller.worker == worker else Source.HR,
        visibility=draft.visibility,
        archived=False,
        create_time=version.create_time,
        version=version,
    )
    return document.id, await uow.documents.add(document)
