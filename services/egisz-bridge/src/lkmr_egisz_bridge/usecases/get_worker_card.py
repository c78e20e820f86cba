"""Give the card of one worker."""

from lkmr_egisz_bridge.domain.errors import CardForeign
from lkmr_egisz_bridge.usecases.ports import C, WorkerRegister
from lkmr_servicekit.identity import Caller, CallerKind


async def get_worker_card(
    worker: str, *, min_version: int, caller: Caller, workers: WorkerRegister[C]
) -> C:
    """The card, for background work or for its owner.

    Raises CardForeign, WorkerCardNotFound, RegisterUnavailable.
    """
    if caller.kind is CallerKind.PERSON and caller.worker != worker:
        raise CardForeign
    return await workers.get(worker, min_version=min_version)
