"""Announcements: accepted at once, brought to their audience portion by portion, steered."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from lkmr_notify.domain.announcement import Action, Announcement, Kind, State
from lkmr_notify.domain.channel import Urgency
from lkmr_notify.domain.errors import AnnouncementNotFound, AudienceTooWide
from lkmr_notify.domain.rules import Rules
from lkmr_notify.domain.texts import Texts
from lkmr_notify.domain.words import Value
from lkmr_notify.usecases.compose import Letter, compose
from lkmr_notify.usecases.ports import People
from lkmr_notify.usecases.work import NewUnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.events import Event
from lkmr_servicekit.identity import Caller
from lkmr_servicekit.telemetry import log

PORTION = 500
HIGH_WATER = 2000
STEERED_AT_ONCE = 2000
EVERYWHERE = frozenset({"SEC_ADMIN"})
SEE_ALL = EVERYWHERE | {"SUPPORT"}
SYSTEM = uuid.UUID(int=0)
_METHOD = "CreateAnnouncement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcing:
    """What announcing needs; made once by `main.py`."""

    people: People
    rules: Rules
    texts: Texts
    new_uow: NewUnitOfWork
    clock: Clock


def check_audience(caller: Caller, organizations: Sequence[str]) -> None:
    """An operator of the cabinet speaks to all, others to their own organisation only.

    Raises AudienceTooWide.
    """
    if EVERYWHERE & set(caller.roles):
        return
    if not organizations or set(organizations) - {caller.organization}:
        raise AudienceTooWide


async def create_announcement(
    made: Announcement, *, body: bytes, request_id: str, caller: Caller, parts: Announcing
) -> uuid.UUID:
    """Accept an announcement; a repeat gives the first one.

    The audience is not looked at here: a million recipients are accepted as fast as one.
    Raises AnnouncementInvalid, AudienceTooWide, ServiceError REQUEST_ID_REUSED.
    """
    check_audience(caller, made.organizations)
    made.checked()
    async with parts.new_uow() as uow:
        stored = await uow.requests.replay(caller, _METHOD, request_id, body)
        if stored is not None:
            return uuid.UUID(bytes=stored)
        await uow.announcements.add(made)
        await uow.requests.store(caller, _METHOD, request_id, made.id.bytes)
        await uow.commit()
    return made.id


async def announce_law_change(
    event: Event[Any],
    *,
    effective: date,
    roles: Sequence[str],
    started: bool,
    consumer: str,
    parts: Announcing,
) -> uuid.UUID | None:
    """Make a change of law known to whom it concerns, once for each fact; None for a repeat.

    The change itself is kept and explained by the registry of law; the message leads there.
    """
    now = parts.clock.now()
    words = "Сегодня вступило в\u00a0силу" if started else "Принято"
    made = Announcement(
        id=event.id,
        kind=Kind.LAW_CHANGE,
        title="Изменение вступило в силу" if started else "Изменятся правила",
        text=f"{words} изменение правил, которое касается вашей работы. "
        "Что меняется и\u00a0на\u00a0каком основании, сказано в\u00a0карточке изменения.",
        link="/law-changes",
        created_by=SYSTEM,
        publish_time=now,
        create_time=now,
        effective_date=effective,
        roles=tuple(sorted(roles)),
    ).checked()
    async with parts.new_uow() as uow:
        if not await uow.inbox.first_time(consumer, event):
            return None
        await uow.announcements.add(made)
        await uow.commit()
    return made.id


async def steer_announcement(
    announcement: uuid.UUID, action: Action, *, caller: Caller, parts: Announcing
) -> None:
    """Stop for a while, go on, or stop for good.

    It counts at once for what would be sent next; a million deliveries follow portion by portion
    (`settle_steered`), so that the answer does not wait for them.
    Raises AnnouncementNotFound (foreign ones too), AnnouncementStateWrong.
    """
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        found = await uow.announcements.get(announcement, lock=True)
        if found is None or not may_manage(caller, found):
            raise AnnouncementNotFound
        await uow.announcements.advance(found.steer(action), now)
        await uow.commit()


async def settle_steered(parts: Announcing) -> int:
    """Let deliveries follow announcements that were steered; returns how many did.

    What is being sent right now ends first: refused for a while, it is held or cancelled then.
    Raises ServiceError while the database is away.
    """
    async with parts.new_uow() as uow:
        steered = await uow.announcements.steered()
    return sum([await _settle_portion(one, parts) for one in steered])


async def _settle_portion(announcement: uuid.UUID, parts: Announcing) -> int:
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        found = await uow.announcements.get(announcement, lock=True)
        if found is None:
            return 0
        followed = await uow.announcements.steer_deliveries(
            announcement, found.course, now, STEERED_AT_ONCE
        )
        if not followed and await uow.announcements.followed(announcement, found.course):
            await uow.announcements.advance(replace(found, steering=False), now)
        await uow.commit()
    return followed


def may_manage(caller: Caller, found: Announcement) -> bool:
    """Whether an announcement is the caller's to steer."""
    if EVERYWHERE & set(caller.roles):
        return True
    return found.organizations == (caller.organization,)


def may_see(caller: Caller, found: Announcement) -> bool:
    """Whether an announcement is the caller's to see."""
    return bool(SEE_ALL & set(caller.roles)) or may_manage(caller, found)


async def bring_portions(parts: Announcing) -> int:
    """One portion of each announcement that is under way; returns how many people were reached.

    An announcement whose deliveries pile up waits: recipients follow the speed of sending. One that
    cannot be put together stops no other. Raises ServiceError while a peer or the database is away.
    """
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        working = await uow.announcements.working(now)
        ready = [
            one
            for one in working
            if await uow.announcements.waiting(one.id, HIGH_WATER, now) < HIGH_WATER
        ]
    reached = 0
    for one in ready:
        try:
            reached += await _bring_portion(one, parts)
        except ServiceError:
            raise
        except Exception as fault:  # noqa: BLE001 - one text must not stop the others
            log.error("announcement.broken", id=str(one.id), kind=type(fault).__name__)
    return reached


async def _bring_portion(found: Announcement, parts: Announcing) -> int:
    """The next portion: its messages and the place of the last one are kept together."""
    people, following = await parts.people.audience(
        found.roles, found.organizations, after=found.cursor, size=PORTION
    )
    now = parts.clock.now()
    async with parts.new_uow() as uow:
        present = await uow.announcements.get(found.id, lock=True)
        if present is None or (present.state, present.cursor) != (found.state, found.cursor):
            return 0
        if people:
            letter = _letter(found, parts)
            messages = await compose(letter, people, uow=uow, now=now)
            await uow.messages.add_all(messages)
            await uow.announce_created(*messages)
        cursor = str(people[-1].person) if people else found.cursor
        reached = replace(
            found,
            cursor=cursor,
            messages=found.messages + len(people),
            state=State.SENDING if following else State.DONE,
        )
        await uow.announcements.advance(reached, now)
        await uow.commit()
    return len(people)


def _letter(found: Announcement, parts: Announcing) -> Letter:
    kind = f"ANNOUNCEMENT_{found.kind.value}"
    rule = parts.rules.kind(kind)
    if found.urgent:
        rule = replace(rule, urgency=Urgency.NOW)
    values: dict[str, Value] = {}
    lines = [found.text]
    if found.effective_date:
        values["deadline"] = found.effective_date
        lines.append(f"Действует с\u00a0{found.effective_date:%d.%m.%Y}.")
    if found.document_version:
        lines.append(f"Версия требований: {found.document_version}.")
    if found.source:
        lines.append(f"Основание: {found.source}.")
    return Letter(
        rule=rule,
        template=parts.texts.latest(kind),
        values=values,
        link=found.link,
        topic=f"announcements/{found.id}",
        source=found.id,
        bulk=not found.urgent,
        title=found.title,
        text="\n".join(lines),
    )
