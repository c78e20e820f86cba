"""Tell people of a fact that another service announced, as the rules say."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lkmr_notify.domain.message import Message
from lkmr_notify.domain.rules import COLLEAGUES, Rule, Rules, Whom
from lkmr_notify.domain.texts import Texts
from lkmr_notify.domain.words import Value
from lkmr_notify.usecases.compose import Letter, known_of, put_together
from lkmr_notify.usecases.ports import Facts, People, Recipient
from lkmr_notify.usecases.work import NewUnitOfWork, UnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.events import Event

ASKED_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as it was announced: full name of the event and its fields as plain values."""

    event: Event[Any]
    name: str
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What telling needs; made once by `main.py`. `facts` answer for the word in `values`."""

    people: People
    facts: Mapping[str, Facts]
    rules: Rules
    texts: Texts
    new_uow: NewUnitOfWork
    clock: Clock


@dataclass(frozen=True, slots=True)
class Saying:
    """What follows from a fact by one rule, and who is to hear it."""

    rule: Rule
    letter: Letter
    recipients: Sequence[Recipient]


async def tell_of_fact(fact: Fact, *, consumer: str, parts: Telling) -> list[Message]:
    """`tell_of_facts` of one."""
    return await tell_of_facts([fact], consumer=consumer, parts=parts)


async def tell_of_facts(facts: Sequence[Fact], *, consumer: str, parts: Telling) -> list[Message]:
    """One message for each fact, rule and recipient, however often a fact comes; all or nothing.

    Messages of one person wait for each other until the commit, so that a portion in one
    transaction is many times faster than its facts side by side. Peers are asked before it.
    Raises ServiceError while a peer or the database is away, so that the events come again;
    ValueError when a field that a rule needs is missing.
    """
    gate = asyncio.Semaphore(ASKED_AT_ONCE)
    try:
        async with asyncio.TaskGroup() as group:
            follows = [group.create_task(_sayings(one, parts, gate)) for one in facts]
    except ExceptionGroup as faults:
        raise faults.exceptions[0] from None
    by_event = {fact.event.id: one.result() for fact, one in zip(facts, follows, strict=True)}
    now = parts.clock.now()
    made: list[Message] = []
    async with parts.new_uow() as uow:
        fresh = await uow.inbox.first_times(consumer, [one.event for one in facts])
        sayings = [saying for event in fresh for saying in by_event[event.id]]
        known = await known_of([to for one in sayings for to in one.recipients], uow)
        stored = 0
        for one in sayings:
            if one.rule.closes:
                await _store(made[stored:], uow)
                stored = len(made)
                settled = await uow.messages.settle([one.letter.topic], now)
                await uow.deliveries.cancel([message for _, message in settled], "SETTLED", now)
            made += put_together(one.letter, one.recipients, known, now=now)
        await _store(made[stored:], uow)
        await uow.commit()
    return made


async def _store(messages: Sequence[Message], uow: UnitOfWork) -> None:
    if messages:
        await uow.messages.add_all(messages)
        await uow.announce_created(*messages)


async def _sayings(fact: Fact, parts: Telling, gate: asyncio.Semaphore) -> list[Saying]:
    """Rules that close come first: they settle what was said before, never what is said now."""
    rules = [one for one in parts.rules.of(fact.name) if _holds(one, fact)]
    async with gate:
        found = [
            Saying(one, await _letter(one, fact, parts), await _to(one, fact, parts))
            for one in rules
        ]
    return sorted(found, key=lambda one: not one.rule.closes)


async def _letter(rule: Rule, fact: Fact, parts: Telling) -> Letter:
    name = _resource(rule.opens or rule.about, rule, fact)
    more = await parts.facts[rule.values].values(name) if rule.values else {}
    template = parts.texts.latest(rule.kind)
    values = {**fact.fields, **more}
    link = rule.link.format_map(ids_of(name))
    if rule.values and not more:  # the resource is gone: only its section can be opened
        link = rule.link.split("/{")[0]
    return Letter(rule=rule, template=template, values=values, link=link, topic=name)


async def _to(rule: Rule, fact: Fact, parts: Telling) -> Sequence[Recipient]:
    return await recipients_of(rule.to, _resource(rule.about, rule, fact), parts.people)


async def recipients_of(whom: Sequence[Whom], name: str, people: People) -> list[Recipient]:
    """Who they are now. `name` is the resource; its worker or person is the subject."""
    ids = ids_of(name)
    found: list[Recipient] = []
    if Whom.SUBJECT in whom:
        found += await _subject(ids, people)
    colleagues = [one for one in whom if one in COLLEAGUES]
    if colleagues and "workers" in ids:
        found += await people.colleagues(ids["workers"], colleagues)
    everywhere = [one for one in whom if one not in COLLEAGUES and one is not Whom.SUBJECT]
    if everywhere:
        found += await people.holders(everywhere)
    return found


async def _subject(ids: Mapping[str, str], people: People) -> list[Recipient]:
    if "workers" in ids:
        found = await people.behind_worker(ids["workers"])
    elif "persons" in ids:
        found = await people.recipient(uuid.UUID(ids["persons"]))
    else:
        raise ValueError("NO_SUBJECT")
    return [found] if found is not None else []


def ids_of(name: str) -> dict[str, str]:
    """`workers/w/accreditations/a` → {"workers": "w", "accreditations": "a"}.

    Raises ValueError when it is no resource name.
    """
    parts = name.split("/")
    if len(parts) % 2 or not all(parts):
        raise ValueError("RESOURCE_NAME_INVALID")
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _resource(field: str, rule: Rule, fact: Fact) -> str:
    name = fact.fields.get(field, "")
    if not isinstance(name, str) or not name:
        raise ValueError(f"{rule.kind}: the event has no {field}")
    return name


def _holds(rule: Rule, fact: Fact) -> bool:
    if rule.optional and not fact.fields.get(rule.about):
        return False
    return all(str(fact.fields.get(name, "")) in values for name, values in rule.only.items())
