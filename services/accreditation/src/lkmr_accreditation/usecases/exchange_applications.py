"""Exchange with the accreditation centre: acts go out until they are heard, news come in order."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from lkmr_accreditation.domain.application import (
    CLOSED,
    Actor,
    Application,
    Outside,
    State,
)
from lkmr_accreditation.usecases.application_parts import ApplicationParts, keep_step
from lkmr_accreditation.usecases.application_ports import Center, CenterNews
from lkmr_accreditation.usecases.ports import UnitOfWork
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.telemetry import log

LEASE = timedelta(seconds=60)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=15)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_KNOWN: Mapping[str, State] = {
    one.value: one
    for one in (
        State.REGISTERED,
        State.FAC_CHECK,
        State.RETURNED,
        State.NOT_ADMITTED,
        State.CAC_REVIEW,
        State.PASSED,
        State.FAILED,
        State.APPEAL_GRANTED,
        State.APPEAL_DENIED,
        State.WITHDRAWN,
    )
}
_HEARD = frozenset({"RECEIVED", "APPEAL_FILED"})  # the centre took what we sent: no step of its own
_COMMISSION = frozenset({State.PASSED, State.FAILED})


async def send_next(*, center: Center, parts: ApplicationParts) -> bool:
    """Send one act that waits; False when none does.

    The call is made outside of a transaction; a crash or a lost answer repeats it, and the centre
    knows an act by the application, its kind and the version of the set.
    """
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        outgoing = await uow.applications.take_outgoing(now, now + LEASE)
        if outgoing is None:
            return False
        personal = await uow.workers.personal_of(outgoing.application.worker)
        await uow.commit()
    try:
        await center.send(outgoing, personal.snils)
    except ServiceError as fault:
        pause = min(FIRST_PAUSE * 2**outgoing.attempts, LONGEST_PAUSE)
        log.warning("application.not_sent", reason=fault.reason, attempts=outgoing.attempts + 1)
        async with parts.new_uow() as uow:
            await uow.applications.retry(outgoing, parts.clock.now() + pause)
            await uow.commit()
        return True
    async with parts.new_uow() as uow:
        await uow.applications.sent(outgoing)
        await uow.commit()
    log.info("application.sent", act=outgoing.act, application=outgoing.application.id)
    return True


async def follow_center(*, center: Center, parts: ApplicationParts) -> int:
    """Take in what the centre says; the place moves in the transaction of the news. Returns count.

    Raises ServiceError while the centre does not answer.
    """
    async with parts.new_uow() as uow:
        cursor = await uow.applications.cursor()
    page = await center.news(cursor)
    if page.cursor == cursor:
        return 0
    async with parts.new_uow() as uow:
        for one in page.news:
            await _take_in(one, uow, parts)
        await uow.applications.move_cursor(page.cursor, parts.clock.now())
        await uow.commit()
    return len(page.news)


async def _take_in(news: CenterNews, uow: UnitOfWork, parts: ApplicationParts) -> None:
    found = await uow.applications.find(news.application)
    if found is None:
        log.warning("application.news_of_unknown", state=news.state)
        return
    known = replace(found, outside=_outside(found.outside, news))
    if found.state in CLOSED or news.state in _HEARD:
        # A closed application stays closed; what was said of it is still kept.
        await uow.applications.save(known, now=parts.clock.now())
        return
    to = _KNOWN.get(news.state, State.UNKNOWN_EXTERNAL)
    if to is found.state and to is not State.UNKNOWN_EXTERNAL:
        await uow.applications.save(
            replace(known, version=found.version + 1), now=parts.clock.now()
        )
        return
    await _step(known, to, news, uow, parts)


async def _step(
    known: Application, to: State, news: CenterNews, uow: UnitOfWork, parts: ApplicationParts
) -> None:
    actor = Actor.COMMISSION if to in _COMMISSION else Actor.CENTER
    reason = "; ".join(news.remarks) or news.text
    moved, step = known.moved(
        to, actor=actor, now=parts.clock.now(), reason=reason, from_outside=True
    )
    await keep_step(moved, step, uow=uow, parts=parts)
    if to is State.APPEAL_GRANTED and moved.resume is not None:
        back, second = moved.moved(moved.resume, actor=actor, now=parts.clock.now())
        await keep_step(replace(back, resume=None), second, uow=uow, parts=parts)


def _outside(before: Outside, news: CenterNews) -> Outside:
    """What is known now: facts that the news leave out stay, remarks are those of the news."""
    return Outside(
        raw_state=news.state[:60],
        raw_text=news.text[:500],
        registration_number=news.registration_number or before.registration_number,
        registered_on=_day(news.registered_on) or before.registered_on,
        meeting_on=_day(news.meeting_on) or before.meeting_on,
        protocol_number=news.protocol_number or before.protocol_number,
        protocol_on=_day(news.protocol_on) or before.protocol_on,
        protocol_url=news.protocol_url if news.protocol_url.startswith("https://") else "",
        remarks=tuple(one[:1000] for one in news.remarks[:50]),
    )


def _day(text: str) -> str:
    return text if _DAY.match(text) else ""
