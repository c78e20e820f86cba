"""Read and change what a person wants to be told, where and when."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from zoneinfo import ZoneInfo

from lkmr_notify.domain.channel import Channel, Group
from lkmr_notify.domain.errors import PreferenceInvalid, PreferenceLocked
from lkmr_notify.domain.preferences import Cell, Digest, Mode, Preferences, strictest
from lkmr_notify.domain.rules import Rules
from lkmr_notify.usecases.compose import zone_at
from lkmr_notify.usecases.ports import People, Recipient
from lkmr_notify.usecases.work import NewUnitOfWork, UnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.identity import Caller
from lkmr_servicekit.zones import ELEVEN


@dataclass(frozen=True, slots=True)
class Shown:
    """Preferences as they hold: the person's own, and what organisations decided above them."""

    wishes: Preferences
    decided: Mapping[Cell, Mode]
    browser: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be changed; absent parts stay."""

    zone: str = ""
    quiet_from: str = ""
    quiet_until: str = ""
    digest: str = ""
    choices: Mapping[Cell, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing:
    """What reading and changing preferences needs; made once by `main.py`."""

    people: People
    rules: Rules
    new_uow: NewUnitOfWork
    clock: Clock


async def read_preferences(caller: Caller, *, parts: Choosing) -> Shown:
    """The caller's own preferences. Raises ServiceError while auth is away."""
    person = uuid.UUID(caller.subject)
    where = await parts.people.recipient(person) or Recipient(person)
    async with parts.new_uow() as uow:
        return await _shown(where, uow)


async def update_preferences(change: Change, *, caller: Caller, parts: Choosing) -> Shown:
    """Change the caller's own preferences; what waits over a channel that is off now is cancelled.

    Raises PreferenceInvalid, PreferenceLocked.
    """
    person = uuid.UUID(caller.subject)
    where = await parts.people.recipient(person) or Recipient(person)
    async with parts.new_uow() as uow:
        shown = await _shown(where, uow)
        for cell, enabled in change.choices.items():
            mode = shown.decided.get(cell)
            if mode is not None and enabled is not (mode is Mode.FORCE):
                raise PreferenceLocked(group=cell[0].value, channel=cell[1].value)
        wishes = _changed(shown.wishes, change)
        await uow.wishes.save(person, wishes, parts.clock.now())
        left = [c for c, on in change.choices.items() if not on and shown.wishes.wants(*c)]
        await _stop(person, left, uow, parts)
        if wishes.digest is Digest.NONE:
            await uow.digests.drop(person)
        await uow.commit()
    return Shown(wishes, shown.decided, shown.browser)


async def withhold_digest(person: uuid.UUID, *, parts: Choosing) -> None:
    """No letter of the day any more, nor others of what can wait, as a link in one asks for."""
    where = await parts.people.recipient(person) or Recipient(person)
    async with parts.new_uow() as uow:
        wishes = (await _shown(where, uow)).wishes
        await uow.wishes.save(person, replace(wishes, digest=Digest.NONE), parts.clock.now())
        await uow.digests.drop(person)
        await uow.commit()


async def mute_letters(person: uuid.UUID, group: Group, *, parts: Choosing) -> None:
    """Stop the letters of a group for a person, as a link in a letter asks for.

    Those that wait are cancelled, unless the organisation wants them sent.
    """
    where, cell = await parts.people.recipient(person) or Recipient(person), (group, Channel.EMAIL)
    async with parts.new_uow() as uow:
        shown = await _shown(where, uow)
        muted = {**shown.wishes.chosen, cell: False}
        await uow.wishes.save(person, replace(shown.wishes, chosen=muted), parts.clock.now())
        if shown.decided.get(cell) is not Mode.FORCE:
            await _stop(person, [cell], uow, parts)
        await uow.commit()


async def _stop(person: uuid.UUID, cells: Iterable[Cell], uow: UnitOfWork, parts: Choosing) -> None:
    for group, channel in cells:
        kinds = parts.rules.stoppable(group)
        await uow.deliveries.stop(person, channel, kinds, "MUTED", parts.clock.now())


async def _shown(where: Recipient, uow: UnitOfWork) -> Shown:
    known = await uow.wishes.of([where.person])
    wishes = known.get(where.person) or Preferences(zone=zone_at(where))
    ruled = await uow.wishes.of_organizations(where.organizations)
    decided = strictest(cell for modes in ruled.values() for cell in modes.items())
    browsers = await uow.wishes.with_browser([where.person])
    return Shown(wishes, decided, where.person in browsers)


def _changed(wishes: Preferences, change: Change) -> Preferences:
    if change.zone and change.zone not in ELEVEN and change.zone != wishes.zone.key:
        raise PreferenceInvalid(field="zone")
    if change.digest and change.digest not in {one.value for one in Digest}:
        raise PreferenceInvalid(field="digest")
    return Preferences(
        zone=ZoneInfo(change.zone) if change.zone else wishes.zone,
        quiet_from=_hour(change.quiet_from, wishes.quiet_from, "quiet_from"),
        quiet_until=_hour(change.quiet_until, wishes.quiet_until, "quiet_until"),
        digest=Digest(change.digest) if change.digest else wishes.digest,
        chosen={**wishes.chosen, **change.choices},
    )


def _hour(text: str, present: time, name: str) -> time:
    if not text:
        return present
    try:
        made = time.fromisoformat(text)
    except ValueError:
        raise PreferenceInvalid(field=name) from None
    if made.second or made.microsecond or made.tzinfo is not None:
        raise PreferenceInvalid(field=name)
    return made
