"""Reports of services, those that are silent asked again, the act when all have reported."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from lkmr_auth.domain.erasure import Erasure, Part
from lkmr_auth.domain.erasure_act import act_of
from lkmr_auth.domain.facts import ErasureAsked
from lkmr_auth.usecases.erasure.order import reported
from lkmr_auth.usecases.erasure.parts import ErasureParts, ErasureUnitOfWork
from lkmr_servicekit.clock import MOSCOW, day_in
from lkmr_servicekit.events import Event
from lkmr_servicekit.telemetry import log

ASK_AGAIN = timedelta(minutes=10)
BATCH = 20


async def note_report(
    identity: uuid.UUID,
    service: str,
    destroyed: Mapping[str, int],
    event: Event[Any],
    *,
    parts: ErasureParts,
) -> None:
    """Keep the report of a service and journal it; of several the first one counts."""
    now = parts.access.clock.now()
    part = Part(service=service, destroyed=destroyed, event_id=event.id, report_time=now)
    async with parts.new_uow() as uow:
        if not await uow.inbox.first_time(f"{service}-erasure-reported", event):
            return
        if await uow.erasures.report(identity, part):
            erasure = await uow.erasures.find(identity)
            if erasure is not None:
                await uow.journal.record([reported(erasure, part)], now)
        await uow.commit()


async def form_acts(*, parts: ErasureParts) -> int:
    """Form and sign the acts of which the journal holds every report; how many."""
    now, formed = parts.access.clock.now(), 0
    async with parts.new_uow() as uow:
        for erasure in await uow.erasures.take_reported(BATCH):
            formed += await _form(uow, erasure, now, parts)
        await uow.commit()
    return formed


async def _form(
    uow: ErasureUnitOfWork, erasure: Erasure, now: datetime, parts: ErasureParts
) -> bool:
    lines = await uow.erasures.journal_lines(erasure)
    if len(lines) < len(erasure.parts):
        return False  # reports are chained within the second
    made = act_of(erasure, lines, parts.operator, parts.fate, now)
    text = orjson.dumps(made, option=orjson.OPT_SORT_KEYS)
    signed = replace(erasure, act=text.decode(), signature=parts.sign(text).hex(), act_time=now)
    await uow.erasures.save_act(signed, parts.fate.keep_until(day_in(MOSCOW, now)))
    log.info("erasure.act_formed", erasure=erasure.name)
    return True


async def ask_again(*, parts: ErasureParts) -> int:
    """Order anew what a service did not report in ten minutes; how many orders."""
    now = parts.access.clock.now()
    async with parts.new_uow() as uow:
        silent = await uow.erasures.take_silent(now - ASK_AGAIN, BATCH)
        for erasure in silent:
            log.warning(
                "erasure.asked_again", erasure=erasure.name, services=",".join(erasure.waits_for)
            )
            await uow.announce(ErasureAsked(erasure=erasure))
            await uow.erasures.asked(erasure.id, now)
        await uow.commit()
    return len(silent)


async def keep_erasures(*, parts: ErasureParts) -> None:
    """One round of all that time brings; acts leave when their term is over."""
    await form_acts(parts=parts)
    await ask_again(parts=parts)
    async with parts.new_uow() as uow:
        await uow.erasures.sweep(day_in(MOSCOW, parts.access.clock.now()))
        await uow.commit()
