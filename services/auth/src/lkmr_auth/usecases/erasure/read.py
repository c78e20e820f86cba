"""What became of an ordered destruction."""

import uuid
from collections.abc import Mapping, Sequence

from lkmr_auth.domain.access_errors import ErasureNotFound
from lkmr_auth.domain.erasure import Erasure
from lkmr_auth.usecases.erasure.parts import ErasureParts


async def ordered_on(
    requests: Sequence[uuid.UUID], *, parts: ErasureParts
) -> Mapping[uuid.UUID, Erasure]:
    """Destructions that were ordered on these requests, by the id of the request."""
    async with parts.new_uow() as uow:
        return await uow.erasures.of_requests(requests)


async def read_act(identity: uuid.UUID, *, parts: ErasureParts) -> Erasure:
    """The destruction with its act, once it is formed. Raises ErasureNotFound."""
    async with parts.new_uow() as uow:
        found = await uow.erasures.find(identity)
    if found is None:
        raise ErasureNotFound
    return found
