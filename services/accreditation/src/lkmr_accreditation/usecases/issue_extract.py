"""Form the extract (выписка) of an entry, or give out the one formed before."""

import hashlib
import secrets
import uuid
from collections.abc import Callable

from lkmr_accreditation.domain.accreditation import term_of
from lkmr_accreditation.domain.extract import extract_content, facts_of, hash_of, moment_of
from lkmr_accreditation.domain.law import Law
from lkmr_accreditation.usecases.list_accreditations import Refresh, find_fresh, is_stale, today_of
from lkmr_accreditation.usecases.ports import IssuedExtract, Printer, Reader, UnitOfWork
from lkmr_accreditation.usecases.read_accreditation import find_entry
from lkmr_servicekit.clock import Clock


async def issue_extract(
    worker: str,
    accreditation: str,
    *,
    verify_origin: str,
    reader: Reader,
    refresh: Refresh,
    new_uow: Callable[[], UnitOfWork],
    printer: Printer,
    law: Law,
    clock: Clock,
) -> IssuedExtract:
    """The extract of the present version: the same bytes as long as the facts in it stay the same.

    When the register does not answer and what is stored is stale, the extract says so: on paper,
    in its signed code, on the page of its check.
    Raises AccreditationNotFound, RegisterUnavailable.
    """
    stored = await find_fresh(worker, reader=reader, refresh=refresh, law=law, clock=clock)
    item = find_entry(stored, accreditation)
    now = clock.now()
    term = term_of(item.entry, law, today_of(stored, now))
    async with new_uow() as uow:
        personal = await uow.workers.personal_of(worker)
        facts = facts_of(
            personal,
            item.entry,
            term,
            stored.jobs,
            today=today_of(stored, now),
            as_of=moment_of(stored.fetch_time) if is_stale(stored, law, now) else "",
        )
        facts_hash = hash_of(facts)
        issued = await uow.extracts.find(accreditation, facts_hash)
        if issued is not None:
            await uow.announce.extract_issued(issued)
            await uow.commit()
            return issued
    extract_id, code = str(uuid.uuid4()), secrets.token_urlsafe(18)
    content = extract_content(
        facts, extract_id=extract_id, code=code, moment=now, version=stored.register_version
    )
    pdf = await printer.extract_pdf(
        content, verify_url=f"{verify_origin}/verify/{code}", moment=now
    )
    made = IssuedExtract(
        id=extract_id,
        code=code,
        worker=worker,
        accreditation=accreditation,
        facts_hash=facts_hash,
        content=content,
        pdf=pdf,
        pdf_sha256=hashlib.sha256(pdf).hexdigest(),
        create_time=now,
    )
    async with new_uow() as uow:
        if not await uow.extracts.add(made):
            first = await uow.extracts.find(accreditation, facts_hash)
            made = first or made
        await uow.announce.extract_issued(made)
        await uow.commit()
    return made
