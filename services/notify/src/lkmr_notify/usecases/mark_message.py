"""Note that a person has read a message, or has done what it asked for."""

import uuid

from lkmr_notify.domain.errors import MessageNotFound
from lkmr_notify.usecases.work import NewUnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.identity import Caller


async def mark_message(
    message: uuid.UUID,
    *,
    done: bool,
    request_id: str,
    caller: Caller,
    new_uow: NewUnitOfWork,
    clock: Clock,
) -> bytes:
    """The message as JSON; the first time counts. A repeat gives the first answer.

    What is done is read, too, and what still waits to go out about it is cancelled.
    Raises MessageNotFound, ServiceError REQUEST_ID_REUSED.
    """
    method, now = ("MarkMessageDone" if done else "MarkMessageRead"), clock.now()
    async with new_uow() as uow:
        stored = await uow.requests.replay(caller, method, request_id, message.bytes)
        if stored is not None:
            return stored
        mark = uow.messages.mark_done if done else uow.messages.mark_read
        body = await mark(caller.subject, message, now)
        if body is None:
            raise MessageNotFound
        if done:
            await uow.deliveries.cancel([message], "DONE", now)
        await uow.requests.store(caller, method, request_id, body)
        await uow.commit()
    return body
