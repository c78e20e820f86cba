"""Keep the answers of a draft as they are typed."""

from collections.abc import Mapping
from dataclasses import replace

from lkmr_accreditation.domain.application import Application, Report, next_warning_day
from lkmr_accreditation.usecases.application_parts import (
    ApplicationParts,
    check_version,
    today_for,
)
from lkmr_servicekit.errors import Category, ServiceError


async def save_draft(
    application: str,
    *,
    worker: str,
    answers: Mapping[str, str],
    version: int,
    parts: ApplicationParts,
) -> Application:
    """The draft with these answers beside the others; another report has to be agreed anew.

    Raises ApplicationNotFound, ApplicationChanged, TransitionRefused, FIELDS_INVALID.
    """
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        draft = await uow.applications.get(application, worker=worker)
        check_version(draft, version)
        if faults := parts.forms.get(draft.form).faults(answers):
            raise ServiceError("FIELDS_INVALID", Category.INVALID_ARGUMENT, fields=faults)
        changed = draft.changed({name: text.strip() for name, text in answers.items()}, now)
        if changed.answers.get("report", "") != draft.answers.get("report", ""):
            changed = replace(changed, report=Report())
        registry, today = parts.book.registry, today_for(changed, now)
        timed = changed.timed(today, registry.law, registry.calendar)
        await uow.applications.save(timed, turn=next_warning_day(timed, today), now=now)
        await uow.commit()
    return timed
