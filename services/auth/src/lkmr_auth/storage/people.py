"""People, accounts and bindings."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_auth.domain.errors import PersonNotFound
from lkmr_auth.domain.lapse import Lapse
from lkmr_auth.domain.person import (
    AccountState,
    Contacts,
    Person,
    PersonalNames,
    PersonId,
    RegisterJob,
    account_number_of,
)
from lkmr_auth.domain.profiles import Binding, Organization
from lkmr_auth.storage.seal import Seals, open_fields, open_text, seal_fields, seal_text
from lkmr_servicekit.encryption import DataKey
from lkmr_servicekit.personal import Personal

_COLUMNS = (
    "SELECT id, number, state, data_key, snils, names, contacts, employee_number, worker_id,"
    " register_version, register_jobs, code_lock_time, lapses FROM person"
)
_BY_ID = sa.text(_COLUMNS + " WHERE id = :id")
_BY_ID_LOCKED = sa.text(_COLUMNS + " WHERE id = :id FOR UPDATE")
_BY_SNILS = sa.text(_COLUMNS + " WHERE snils_index = :index")
_BY_WORKER = sa.text(_COLUMNS + " WHERE worker_id = :worker")
_KNOWN_WORKERS = sa.text("SELECT worker_id FROM person WHERE worker_id = ANY(:workers)")
_CONTACTS = sa.text("SELECT id, data_key, contacts FROM person WHERE id = ANY(:people)")
_BY_NUMBER = sa.text(_COLUMNS + " WHERE number = :number")
_CREATE = sa.text(
    "INSERT INTO person (id, state, snils_index, data_key, snils, create_time, update_time)"
    " VALUES (:id, :state, :index, :key, :snils, :now, :now) ON CONFLICT (snils_index) DO NOTHING"
)
_FREE_WORKER = sa.text(
    "UPDATE person SET worker_id = NULL, update_time = :now WHERE worker_id = :worker AND id <> :id"
)
_SAVE = sa.text(
    "UPDATE person SET state = :state, names = :names, contacts = :contacts,"
    " employee_number = :employee, worker_id = :worker, register_version = :version,"
    " register_jobs = :jobs, code_lock_time = :lock, lapses = :lapses, update_time = :now"
    " WHERE id = :id"
).bindparams(sa.bindparam("jobs", type_=JSONB), sa.bindparam("lapses", type_=JSONB))
_BINDINGS = sa.text(
    "SELECT b.role, b.position, b.department, o.id, o.oid, o.name, o.short_name"
    " FROM binding b JOIN organization o ON o.id = b.organization_id"
    " WHERE b.person_id = :id AND b.end_time IS NULL ORDER BY o.id, b.role"
)
# What an administrator took away stays away, whatever the file of the operator says.
_BIND = sa.text(
    "INSERT INTO binding (id, person_id, organization_id, role, position, department, start_time)"
    " SELECT :id, :person, :organization, :role, :position, :department, :now"
    " WHERE NOT EXISTS (SELECT 1 FROM binding WHERE person_id = :person"
    " AND organization_id = :organization AND role = :role AND end_reason = 'ADMIN')"
    " ON CONFLICT (person_id, organization_id, role) WHERE end_time IS NULL"
    " DO UPDATE SET position = excluded.position, department = excluded.department"
)
_UNBIND = sa.text(
    "UPDATE binding SET end_time = :now WHERE person_id = :person"
    " AND organization_id = :organization AND role = :role AND end_time IS NULL"
    " AND source = 'IMPORT'"
)
_ORGANIZATION = sa.text(
    "INSERT INTO organization (id, oid, name, short_name) VALUES (:id, :oid, :name, :short)"
    " ON CONFLICT (id) DO UPDATE SET oid = excluded.oid, name = excluded.name,"
    " short_name = excluded.short_name"
)


class StoredPeople:
    """The port `People` over PostgreSQL."""

    def __init__(self, connection: AsyncConnection, seals: Seals) -> None:
        self._connection, self._seals = connection, seals

    async def get(self, person_id: PersonId, *, lock: bool = False) -> Person:
        statement = _BY_ID_LOCKED if lock else _BY_ID
        found = await self._one(statement, {"id": person_id})
        if found is None:
            raise PersonNotFound
        return found

    async def find_by_snils(self, snils: Personal[str]) -> Person | None:
        return await self._one(_BY_SNILS, {"index": self._seals.index("person.snils", snils)})

    async def find_by_worker(self, worker_id: str) -> Person | None:
        return await self._one(_BY_WORKER, {"worker": worker_id})

    async def known_workers(self, worker_ids: Sequence[str]) -> frozenset[str]:
        rows = await self._connection.execute(_KNOWN_WORKERS, {"workers": list(worker_ids)})
        return frozenset(rows.scalars())

    async def find_by_account_number(self, number: str) -> Person | None:
        digits = number.removeprefix("ЛК-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 19):  # noqa: PLR2004 - bigint
            return None
        return await self._one(_BY_NUMBER, {"number": int(digits)})

    async def contacts_of(self, people: Sequence[PersonId]) -> dict[PersonId, Contacts]:
        rows = await self._connection.execute(_CONTACTS, {"people": list(people)})
        found = {}
        for row in rows:
            key = self._seals.remember(row.id, bytes(row.data_key))
            found[PersonId(row.id)] = _contacts(key, row)
        return found

    async def create(self, snils: Personal[str], *, active: bool, now: datetime) -> Person:
        person_id = uuid.uuid4()
        key = self._seals.fresh(person_id)
        await self._connection.execute(
            _CREATE,
            {
                "id": person_id,
                "state": (AccountState.ACTIVE if active else AccountState.NOT_ACTIVATED).value,
                "index": self._seals.index("person.snils", snils),
                "key": key.wrapped,
                "snils": seal_text(key, snils, "person", "snils", str(person_id)),
                "now": now,
            },
        )
        created = await self.find_by_snils(snils)
        if created is None:
            raise PersonNotFound
        return created

    async def save(self, person: Person, now: datetime) -> None:
        key, place = await self._seals.of_person(person.id), str(person.id)
        if person.worker_id:
            # The register tells whose card it is; an older link to it was an error that it mended.
            await self._connection.execute(
                _FREE_WORKER, {"worker": person.worker_id, "id": person.id, "now": now}
            )
        names = {
            "family_name": person.names.family_name.open(),
            "given_name": person.names.given_name.open(),
            "patronymic": person.names.patronymic.open(),
        }
        contacts = {
            "email": person.contacts.email.open(),
            "phone": person.contacts.phone.open(),
        }
        await self._connection.execute(
            _SAVE,
            {
                "id": person.id,
                "state": person.state.value,
                "names": seal_fields(key, names, "person", "names", place),
                "contacts": seal_fields(key, contacts, "person", "contacts", place),
                "employee": seal_text(
                    key, person.employee_number, "person", "employee_number", place
                ),
                "worker": person.worker_id or None,
                "version": person.register_version,
                "jobs": [_job_to_json(job) for job in person.register_jobs],
                "lock": person.code_lock_time,
                "lapses": [_lapse_to_json(one) for one in person.lapses],
                "now": now,
            },
        )

    async def bindings(self, person_id: PersonId) -> tuple[Binding, ...]:
        rows = await self._connection.execute(_BINDINGS, {"id": person_id})
        return tuple(
            Binding(
                organization=Organization(
                    id=row.id, oid=row.oid, name=row.name, short_name=row.short_name
                ),
                role=row.role,
                position=row.position,
                department=row.department,
            )
            for row in rows
        )

    async def bind(self, person_id: PersonId, bindings: Sequence[Binding], now: datetime) -> None:
        wanted = {(one.organization.id, one.role): one for one in bindings}
        for held in await self.bindings(person_id):
            if (held.organization.id, held.role) not in wanted:
                await self._connection.execute(
                    _UNBIND,
                    {
                        "person": person_id,
                        "organization": held.organization.id,
                        "role": held.role,
                        "now": now,
                    },
                )
        for one in wanted.values():
            await self._connection.execute(
                _BIND,
                {
                    "id": uuid.uuid4(),
                    "person": person_id,
                    "organization": one.organization.id,
                    "role": one.role,
                    "position": one.position,
                    "department": one.department,
                    "now": now,
                },
            )

    async def save_organization(self, organization: Organization) -> None:
        await self._connection.execute(
            _ORGANIZATION,
            {
                "id": organization.id,
                "oid": organization.oid,
                "name": organization.name,
                "short": organization.short_name,
            },
        )

    async def _one(self, statement: sa.TextClause, values: dict[str, Any]) -> Person | None:
        row = (await self._connection.execute(statement, values)).first()
        return self._person(row) if row is not None else None

    def _person(self, row: Row[Any]) -> Person:
        key, place = self._seals.remember(row.id, bytes(row.data_key)), str(row.id)
        names = open_fields(key, row.names, "person", "names", place)
        person = Person(
            id=PersonId(row.id),
            account_number=account_number_of(row.number),
            state=AccountState(row.state),
            snils=open_text(key, row.snils, "person", "snils", place),
            employee_number=open_text(key, row.employee_number, "person", "employee_number", place),
            worker_id=row.worker_id or "",
            register_version=row.register_version,
            register_jobs=tuple(_job_from_json(job) for job in row.register_jobs),
            code_lock_time=row.code_lock_time,
            lapses=tuple(_lapse_from_json(one) for one in row.lapses),
        )
        return replace(
            person,
            names=PersonalNames(
                family_name=Personal(names.get("family_name", "")),
                given_name=Personal(names.get("given_name", "")),
                patronymic=Personal(names.get("patronymic", "")),
            ),
            contacts=_contacts(key, row),
        )


def _contacts(key: DataKey, row: Row[Any]) -> Contacts:
    fields = open_fields(key, row.contacts, "person", "contacts", str(row.id))
    return Contacts(
        email=Personal(fields.get("email", "")),
        phone=Personal(fields.get("phone", "")),
    )


def _lapse_to_json(lapse: Lapse) -> dict[str, str]:
    return {
        "organization_oid": lapse.organization_oid,
        "specialty": lapse.specialty,
        "end_date": lapse.end_date.isoformat() if lapse.end_date else "",
    }


def _lapse_from_json(lapse: dict[str, str]) -> Lapse:
    end = lapse["end_date"]
    return Lapse(
        organization_oid=lapse["organization_oid"],
        specialty=lapse["specialty"],
        end_date=date.fromisoformat(end) if end else None,
    )


def _job_to_json(job: RegisterJob) -> dict[str, str]:
    return {
        "organization_oid": job.organization_oid,
        "start_date": job.start_date.isoformat() if job.start_date else "",
        "end_date": job.end_date.isoformat() if job.end_date else "",
        "organization_name": job.organization_name,
        "position": job.position,
        "department": job.department,
    }


def _job_from_json(job: dict[str, str]) -> RegisterJob:
    def day(name: str) -> date | None:
        return date.fromisoformat(job[name]) if job[name] else None

    return RegisterJob(
        organization_oid=job["organization_oid"],
        start_date=day("start_date"),
        end_date=day("end_date"),
        organization_name=job.get("organization_name", ""),
        position=job.get("position", ""),
        department=job.get("department", ""),
    )
