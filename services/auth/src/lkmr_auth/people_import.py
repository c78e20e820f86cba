"""`python -m lkmr_auth.people_import FILE`: accounts and bindings from a file of the operator."""

import asyncio
import sys
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from lkmr_auth.config import StoreConfig
from lkmr_auth.domain.person import AccountState, PersonalNames, snils_digits
from lkmr_auth.domain.profiles import ROLES, Binding, Organization
from lkmr_auth.messaging.announce import announcement_of
from lkmr_auth.storage.unit_of_work import StoredUnitOfWork
from lkmr_auth.usecases.import_people import ImportedPerson, import_people
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.database import Database
from lkmr_servicekit.personal import Personal
from lkmr_servicekit.telemetry import configure_logging, log


def read_people(content: Any) -> tuple[list[Organization], list[ImportedPerson]]:
    """Organisations and people of a file.

    Only SNILS, state, employee number and jobs are taken; everything else about a person comes from
    ESIA and the registers. Raises ValueError naming the place of what cannot be read, never values.
    """
    organizations = {
        one["id"]: Organization(
            id=one["id"], oid=one["oid"], name=one["name"], short_name=one["short_name"]
        )
        for one in content["organizations"]
    }
    people = []
    for number, one in enumerate(content["people"], start=1):
        try:
            people.append(_person(one, organizations))
        except (KeyError, ValueError, TypeError, AttributeError) as fault:
            raise ValueError(f"person {number} of the file: {type(fault).__name__}") from None
    return list(organizations.values()), people


def _person(one: dict[str, Any], organizations: dict[str, Organization]) -> ImportedPerson:
    bindings = []
    for job in one["jobs"]:
        for role in job["roles"]:
            if role not in ROLES:
                raise ValueError("unknown role")
            binding = Binding(
                organization=organizations[job["organization"]],
                role=role,
                position=job.get("position") or "",
                department=job.get("department") or "",
            )
            bindings.append(binding)
    return ImportedPerson(
        snils=Personal(snils_digits(one["snils"])),
        state=AccountState(one["account_state"].upper()),
        employee_number=Personal(one.get("employee_number") or ""),
        names=PersonalNames(
            family_name=Personal(one.get("family_name") or ""),
            given_name=Personal(one.get("given_name") or ""),
            patronymic=Personal(one.get("patronymic") or ""),
        ),
        bindings=tuple(bindings),
    )


async def run(content: Any) -> int:
    """Import the content of a file and give the number of its people."""
    settings, clock = StoreConfig.load(), SystemClock.from_env()
    organizations, people = read_people(content)
    keyring = settings.keyring("auth")
    async with Database(settings.database_dsn) as database:
        new_uow = partial(
            StoredUnitOfWork, database, keyring, clock=clock, announcement=announcement_of
        )
        return await import_people(organizations, people, new_uow=new_uow, clock=clock)


def main() -> None:
    """Command line: the file."""
    configure_logging("auth")
    if len(sys.argv) != 2:  # noqa: PLR2004 - the program and one argument
        raise SystemExit("usage: python -m lkmr_auth.people_import FILE")
    count = asyncio.run(run(orjson.loads(Path(sys.argv[1]).read_bytes())))
    log.info("people.imported", count=count)


if __name__ == "__main__":
    main()
