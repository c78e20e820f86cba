"""What a worker may not do any more, as auth asks when the worker comes in."""

from contextlib import suppress

from lkmr_accreditation.domain.errors import WorkerUnknown
from lkmr_accreditation.domain.lapses import Lapse, lapses_of
from lkmr_accreditation.usecases.list_accreditations import find_fresh
from lkmr_accreditation.usecases.read_compliance import ComplianceParts
from lkmr_accreditation.usecases.recompute import Loaded, facts_of


async def read_lapses(worker: str, min_version: int, parts: ComplianceParts) -> tuple[Lapse, ...]:
    """The lapses of today by a card of at least this version.

    A card that is older here than where the caller saw it is read from the register first. Raises
    RegisterUnavailable.
    """
    known = await parts.reader.find_worker(worker)
    if known is not None and known.register_version < min_version:
        with suppress(WorkerUnknown):
            await parts.refresh(worker)
    stored = await find_fresh(
        worker,
        reader=parts.reader,
        refresh=parts.refresh,
        law=parts.registry.law,
        clock=parts.clock,
    )
    loaded = Loaded.without_history(worker, stored)
    return lapses_of(facts_of(loaded, parts.registry, parts.clock.now(), {}), parts.registry.posts)
