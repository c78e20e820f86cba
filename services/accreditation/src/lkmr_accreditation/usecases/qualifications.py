"""Keep educations and categories that the register knows, as documents with history."""

from collections.abc import Sequence
from datetime import datetime

from lkmr_accreditation.domain.documents import (
    BY_REGISTER,
    Check,
    Checked,
    Content,
    Document,
    DocumentFact,
    Happening,
    Source,
    Version,
    Visibility,
    number_of,
)
from lkmr_accreditation.domain.worker import Card, Qualification
from lkmr_accreditation.usecases.documents import note_check
from lkmr_accreditation.usecases.ports import UnitOfWork
from lkmr_servicekit.events import event_id_for

KINDS = frozenset({"DIPLOMA", "RESIDENCY", "RETRAINING", "CATEGORY"})
_AUTHOR = "registers/worker_register"


async def keep_qualifications(card: Card, *, now: datetime, uow: UnitOfWork) -> bool:
    """Bring what is kept to what the register says; whether anything changed.

    What the register shows no more is put aside; nothing is deleted. The first set of a worker is
    the state in which the cabinet met them and is not announced.
    """
    if card.qualifications is None:
        return False
    kept = await uow.documents.of_worker(card.worker)
    known = {key_of(one): one for one in kept if one.source is Source.REGISTER}
    wanted = {
        (one.kind, number_of(content_of(one))): one
        for one in card.qualifications
        if one.kind in KINDS
    }
    facts = [
        fact
        for key, one in wanted.items()
        if (fact := await _keep(card.worker, one, known.get(key), now, uow)) is not None
    ]
    for key, one in known.items():
        if key not in wanted and not one.archived:
            await uow.documents.archive(one)
            facts.append(_fact(one, Happening.ARCHIVED, one.version.number))
    if known and facts:
        await uow.announce.documents(facts)
    await _confirm(kept, set(wanted), now, uow)
    return bool(facts)


async def _keep(
    worker: str,
    given: Qualification,
    old: Document | None,
    now: datetime,
    uow: UnitOfWork,
) -> DocumentFact | None:
    """Add it, or a version of it when it says something else. None when nothing changed."""
    content = content_of(given)
    version = Version(
        number=old.version.number + 1 if old else 1,
        content=content,
        check=Checked(status=Check.VERIFIED, by=BY_REGISTER, time=now),
        author=_AUTHOR,
        create_time=now,
    )
    if old is not None:
        if old.version.content == content and not old.archived:
            return None
        await uow.documents.add_version(old, version, old.visibility)
        return _fact(old, Happening.CHANGED, version.number)
    made = Document(
        id=str(event_id_for("document", worker, given.kind, number_of(content))),
        worker=worker,
        kind=given.kind,
        source=Source.REGISTER,
        visibility=Visibility.HEAD,
        archived=False,
        create_time=now,
        version=version,
    )
    await uow.documents.add(made)
    return _fact(made, Happening.ADDED, 1)


async def _confirm(
    kept: Sequence[Document], keys: set[tuple[str, str]], now: datetime, uow: UnitOfWork
) -> None:
    """What people brought themselves is confirmed when the register knows its number."""
    for one in kept:
        waits = one.version.check.status is Check.UNVERIFIED and not one.archived
        if one.source is not Source.REGISTER and waits and key_of(one) in keys:
            await note_check(one, Checked(status=Check.VERIFIED, by=BY_REGISTER, time=now), uow=uow)


def content_of(given: Qualification) -> Content:
    """What the register says, as a version says it."""
    year = f"год выдачи {given.issue_year}" if given.issue_year and not given.issue_date else ""
    return Content(
        series=given.series,
        number=given.number,
        issuer=given.issuer,
        note=year,
        specialty=given.specialty,
        level=given.level,
        issue_date=given.issue_date,
        valid_until=given.expire_date,
    )


def key_of(document: Document) -> tuple[str, str]:
    """Kind and number, blanks and case aside."""
    return document.kind, number_of(document.version.content)


def _fact(document: Document, what: Happening, version: int) -> DocumentFact:
    return DocumentFact(
        worker=document.worker,
        document=document.id,
        version=version,
        what=what,
        kind=document.kind,
    )
