"""Show what was issued under a code and whether it still fits the register."""

from collections.abc import Callable
from dataclasses import dataclass

from lkmr_accreditation.domain.accreditation import term_of
from lkmr_accreditation.domain.errors import AccreditationNotFound, ExtractNotFound
from lkmr_accreditation.domain.extract import as_of, facts_of, tells
from lkmr_accreditation.domain.law import Law
from lkmr_accreditation.usecases.list_accreditations import today_of
from lkmr_accreditation.usecases.ports import IssuedExtract, Reader, UnitOfWork
from lkmr_accreditation.usecases.read_accreditation import find_entry
from lkmr_servicekit.clock import Clock


@dataclass(frozen=True, slots=True)
class Verified:
    """An issued extract and its relation to the register as the cabinet knows it now."""

    extract: IssuedExtract
    matches_register: bool
    state: str


async def verify_extract(
    code: str,
    *,
    reader: Reader,
    new_uow: Callable[[], UnitOfWork],
    law: Law,
    clock: Clock,
) -> Verified:
    """What was issued under a code. Raises ExtractNotFound."""
    async with new_uow() as uow:
        extract = await uow.extracts.find_by_code(code)
        if extract is None:
            raise ExtractNotFound
        personal = await uow.workers.personal_of(extract.worker)
    stored = await reader.find_worker(extract.worker)
    if stored is None:
        return Verified(extract, matches_register=False, state="")
    try:
        item = find_entry(stored, extract.accreditation)
    except AccreditationNotFound:
        return Verified(extract, matches_register=False, state="ANNULLED")
    today = today_of(stored, clock.now())
    term = term_of(item.entry, law, today)
    facts = facts_of(
        personal, item.entry, term, stored.jobs, today=today, as_of=as_of(extract.content)
    )
    same = tells(facts, extract.facts_hash)
    return Verified(extract, matches_register=same, state=term.state.value)
