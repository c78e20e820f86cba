"""Write a message about a register entry into the inbox of its worker."""

import uuid
from typing import Any

from lkmr_notify.domain.message import Message
from lkmr_notify.domain.texts import Texts, day_in_words
from lkmr_notify.usecases.ports import Accreditations, NewUnitOfWork, People
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.events import Event
from lkmr_servicekit.resource_names import ids_in


async def tell_about_accreditation(
    kind: str,
    name: str,
    *,
    consumer: str,
    event: Event[Any],
    people: People,
    accreditations: Accreditations,
    texts: Texts,
    new_uow: NewUnitOfWork,
    clock: Clock,
) -> Message | None:
    """One message for one event, however often it comes; None when there is nobody to tell.

    Peers are asked before the transaction. Raises ServiceError while a peer or the database is
    away, so that the event comes again.
    """
    worker, accreditation = ids_in(name, "workers", "accreditations")
    contacts = await people.behind_worker(worker)
    entry = await accreditations.find(name) if contacts else None
    template = texts.latest(kind)
    async with new_uow() as uow:
        if not await uow.inbox.first_time(consumer, event):
            return None
        if contacts is None:
            await uow.commit()
            return None
        values = {
            "specialty": entry.specialty if entry else "",
            "record_date": day_in_words(entry.record_date) if entry else "",
            "expire_date": day_in_words(entry.expire_date) if entry else "",
        }
        message = Message(
            id=uuid.uuid4(),
            person=contacts.person,
            kind=kind,
            template_version=template.version,
            title=template.title,
            text=template.fill(values) or template.title,
            link=f"/accreditations/{accreditation}" if entry else "/accreditations",
            create_time=clock.now(),
            channels=template.channels,
        )
        await uow.messages.add(message)
        await uow.announce_created(message)
        await uow.commit()
    return message
