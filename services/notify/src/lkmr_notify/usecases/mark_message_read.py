"""Note that a person has read a message."""

import uuid

from lkmr_notify.domain.errors import MessageNotFound
from lkmr_notify.usecases.ports import NewUnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.identity import Caller

_METHOD = "MarkMessageRead"


async def mark_message_read(
    message: uuid.UUID,
    *,
    request_id: str,
    caller: Caller,
    new_uow: NewUnitOfWork,
    clock: Clock,
) -> bytes:
    """The message as JSON; the first reading counts. A repeat gives the first answer.

    Raises MessageNotFound, ServiceError REQUEST_ID_REUSED.
    """
    async with new_uow() as uow:
        stored = await uow.requests.replay(caller, _METHOD, request_id, message.bytes)
        if stored is not None:
            return stored
        body = await uow.messages.mark_read(caller.subject, message, clock.now())
        if body is None:
            raise MessageNotFound
        await uow.requests.store(caller, _METHOD, request_id, body)
        await uow.commit()
    return body
