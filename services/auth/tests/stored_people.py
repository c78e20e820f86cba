"""People in the database for tests of what is stored about them, and how they call."""

import itertools
import uuid
from dataclasses import replace
from datetime import date

import sqlalchemy as sa
from auth_fakes import World
from auth_samples import CLINIC

from lkmr_auth.domain.person import AccountState, Person, RegisterJob
from lkmr_auth.domain.profiles import Binding
from lkmr_auth.usecases.import_people import ImportedPerson, import_people
from lkmr_servicekit.database import Database
from lkmr_servicekit.identity import Caller, CallerKind
from lkmr_servicekit.personal import Personal

_numbers = itertools.count(500)
HEAD = Binding(organization=CLINIC, role="HEAD_DEPT", position="заведующий", department="терапия")


def a_snils() -> str:
    """A number that nobody in this run has."""
    number = f"9004{next(_numbers):05d}"
    total = sum(int(digit) * (9 - place) for place, digit in enumerate(number))
    return f"{number}{total % 101 % 100:02d}"


async def stored_person(world: World, *bindings: Binding) -> Person:
    """Somebody with an active account and jobs at the organisations of these roles."""
    snils = Personal(a_snils())
    imported = ImportedPerson(
        snils=snils,
        state=AccountState.ACTIVE,
        employee_number=Personal(f"E{snils.open()}"),
        bindings=bindings,
    )
    organizations = {one.organization.id: one.organization for one in bindings}
    await import_people(
        list(organizations.values()), [imported], new_uow=world.new_uow, clock=world.clock
    )
    async with world.new_uow() as uow:
        found = await uow.people.find_by_snils(snils)
        assert found is not None
        jobs = tuple(
            RegisterJob(organization_oid=one.oid, start_date=date(2020, 1, 1))
            for one in organizations.values()
        )
        employed = replace(found, register_jobs=jobs)
        await uow.people.save(employed, world.clock.now())
        await uow.commit()
    return employed


def calls(person: Person, role: str, organization: str = CLINIC.id) -> Caller:
    """The caller token of a person under a role."""
    return Caller(
        kind=CallerKind.PERSON,
        subject=str(person.id),
        expire_time=0,
        session=f"persons/{person.id}/sessions/{uuid.uuid4()}",
        organization=organization,
        roles=(role,),
    )


async def raw_bytes(store: Database, statement: str, **values: object) -> bytes:
    """All that the columns of a query hold, as bytes on the disk would show it."""
    async with store.engine.connect() as connection:
        rows = (await connection.execute(sa.text(statement), values)).all()
    assert rows
    return b" ".join(
        bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
        for row in rows
        for value in row
    )
