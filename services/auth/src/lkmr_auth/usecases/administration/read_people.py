"""People as an administrator finds and reads them."""

from dataclasses import replace

from lkmr_auth.domain.administration import PersonCard
from lkmr_auth.domain.person import Person, PersonId, snils_digits
from lkmr_auth.domain.rights import HeldRole, Reach, is_effective
from lkmr_auth.domain.session import Standing
from lkmr_auth.usecases.administration.acting import actor_of, subject_in_reach
from lkmr_auth.usecases.administration.ports import (
    AdministrationParts,
    AdministrationUnitOfWork,
)
from lkmr_servicekit.clock import MOSCOW, day_in
from lkmr_servicekit.identity import Caller
from lkmr_servicekit.personal import Personal

ACTS, FAULTS, SESSIONS, SCAN = 20, 20, 50, 200
READ = "account.read"


async def list_people(
    *, query: str, after: int, limit: int, caller: Caller, parts: AdministrationParts
) -> tuple[tuple[PersonCard, ...], int]:
    """A page of people in reach, by account number, and the number after which the next begins.

    `query` is an account number or SNILS, which are looked up, or the beginning of a surname,
    which is compared row by row: names are stored encrypted. 0 means that there are no more.
    """
    reach = parts.reach(actor_of(caller))
    text = query.strip()
    async with parts.new_uow() as uow:
        exact = await _exact(uow, text, reach)
        if exact is not None:
            return (await _with_roles(uow, exact, reach, parts),), 0
        if text and any(sign.isdigit() for sign in text):
            return (), 0
        return await _scan(
            uow, text.lower().replace("ё", "е"), after, limit, reach=reach, parts=parts
        )


async def read_person(
    person_id: PersonId, *, caller: Caller, parts: AdministrationParts
) -> PersonCard:
    """A person with bindings, acts of administrators, last faults and open sessions.

    Reading it is journalled.

    Raises PersonNotFound.
    """
    actor, now = actor_of(caller), parts.clock.now()
    async with parts.new_uow() as uow:
        person = await subject_in_reach(uow, person_id, actor, parts)
        card = await _with_roles(uow, person, parts.reach(actor), parts)
        acts = await uow.acts.of_person(person_id, ACTS)
        faults = await uow.register.last_faults(person_id, FAULTS)
        found = await uow.sessions.list_open(person_id, now, SESSIONS)
        await uow.commit()
    shown = (one for one in found if one.standing(now, parts.limits) is Standing.OPEN)
    return replace(card, acts=acts, faults=faults, sessions=tuple(shown))


async def _exact(uow: AdministrationUnitOfWork, text: str, reach: Reach) -> Person | None:
    found = await uow.people.find_by_account_number(text) if text.startswith("ЛК-") else None
    if found is None:
        try:
            found = await uow.people.find_by_snils(Personal(snils_digits(text)))
        except ValueError:
            return None
    if found is None or not await uow.register.in_reach(found.id, reach):
        return None
    return found


async def _scan(
    uow: AdministrationUnitOfWork,
    beginning: str,
    after: int,
    limit: int,
    *,
    reach: Reach,
    parts: AdministrationParts,
) -> tuple[tuple[PersonCard, ...], int]:
    made: list[PersonCard] = []
    while True:
        ids = await uow.register.page(reach, after=after, limit=SCAN)
        for person_id in ids:
            person = await uow.people.get(person_id)
            after = _number(person)
            name = person.names.family_name.open().lower().replace("ё", "е")
            if not name.startswith(beginning):
                continue
            made.append(await _with_roles(uow, person, reach, parts))
            if len(made) == limit:
                return tuple(made), after
        if len(ids) < SCAN:
            return tuple(made), 0


async def _with_roles(
    uow: AdministrationUnitOfWork, person: Person, reach: Reach, parts: AdministrationParts
) -> PersonCard:
    day = day_in(MOSCOW, parts.clock.now())
    roles: list[HeldRole] = []
    for one in await uow.rights.list_roles(person.id):
        if reach.covers(one.binding.organization.id):
            counts = is_effective(one.binding, person.register_jobs, day)
            roles.append(replace(one, effective=counts))
    return PersonCard(person=person, roles=tuple(roles))


def _number(person: Person) -> int:
    return int(person.account_number.removeprefix("ЛК-"))
