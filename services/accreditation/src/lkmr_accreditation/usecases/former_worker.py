"""What a person whose jobs have ended may still do with own applications."""

from datetime import timedelta

from lkmr_accreditation.domain.errors import FormerTermOver
from lkmr_accreditation.usecases.application_parts import ApplicationParts
from lkmr_servicekit.clock import MOSCOW, day_in
from lkmr_servicekit.identity import Caller


async def check_former(caller: Caller, worker: str, parts: ApplicationParts) -> None:
    """Nothing for who has a role; without one, own applications stay for the days of a norm.

    The days are counted from the last day of the last job (ФРМР). Roles end with the job at once;
    nothing new is begun without one. Source: the norm `accr.former_days`.
    Raises FormerTermOver.
    """
    if caller.roles:
        return
    stored = await parts.compliance().reader.find_worker(worker)
    today = day_in(MOSCOW, parts.clock.now())
    if stored is None or not stored.jobs:
        raise FormerTermOver
    last = max(job.end_date or today for job in stored.jobs)
    limit = last + timedelta(days=parts.book.law.number("accr.former_days", today))
    if today > limit:
        raise FormerTermOver(limit_date=limit.strftime("%d.%m.%Y"))
