"""Keep what a person typed, through the end of a session too, and give it back."""

from collections.abc import Mapping

from lkmr_auth.domain.draft import AFTER_END, LIFE, MAX_DRAFTS, Draft, checked_fields
from lkmr_auth.domain.errors import SessionUnknown
from lkmr_auth.domain.person import PersonId
from lkmr_auth.usecases.ports import NewUnitOfWork
from lkmr_servicekit.clock import Clock


async def list_drafts(
    owner: PersonId, *, new_uow: NewUnitOfWork, clock: Clock
) -> tuple[Draft, ...]:
    """Those of the last seven days, newest first."""
    async with new_uow() as uow:
        return await uow.drafts.list(owner, clock.now() - LIFE)


async def save_draft(
    owner: PersonId,
    form: str,
    page: str,
    fields: Mapping[str, str],
    *,
    new_uow: NewUnitOfWork,
    clock: Clock,
) -> Draft:
    """Replace the draft of a form; the oldest ones beyond twenty go. Raises DraftInvalid."""
    draft = Draft(
        person_id=owner,
        form=form,
        page=page,
        fields=checked_fields(form, page, fields),
        update_time=clock.now(),
    )
    async with new_uow() as uow:
        await uow.drafts.save(draft, keep=MAX_DRAFTS)
        await uow.commit()
    return draft


async def save_lost_form(
    session_hash: bytes,
    form: str,
    page: str,
    fields: Mapping[str, str],
    *,
    new_uow: NewUnitOfWork,
    clock: Clock,
) -> None:
    """A form came with the id of a session that is over: keep it for its person.

    Raises SessionUnknown (also for one that ended long ago), DraftInvalid.
    """
    async with new_uow() as uow:
        session = await uow.sessions.find(session_hash)
    if session is None or session.active_time < clock.now() - AFTER_END:
        raise SessionUnknown
    await save_draft(session.person_id, form, page, fields, new_uow=new_uow, clock=clock)


async def drop_draft(owner: PersonId, form: str, *, new_uow: NewUnitOfWork) -> None:
    """The form was sent, or its draft is not wanted."""
    async with new_uow() as uow:
        await uow.drafts.drop(owner, form)
        await uow.commit()
