"""Ask the register of education documents about a document of a worker."""

from typing import TypeVar

from lkmr_egisz_bridge.usecases.ports import C, DocumentRegister, WorkerRegister

D = TypeVar("D")
V = TypeVar("V")


async def check_document(
    worker: str,
    document: D,
    *,
    workers: WorkerRegister[C],
    documents: DocumentRegister[C, D, V],
) -> V:
    """Names, birth date and SNILS come from the worker register; a card of a minute ago will do.

    Raises WorkerCardNotFound, RegisterUnavailable.
    """
    card = await workers.get(worker, min_version=1)
    return await documents.check(card, document)
