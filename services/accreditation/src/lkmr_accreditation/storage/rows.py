"""Between rows and the values of the domain."""

import uuid
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import orjson

from lkmr_accreditation.domain.accreditation import Entry, Organization
from lkmr_accreditation.domain.worker import Job, PersonalFacts
from lkmr_servicekit.encryption import DataKey
from lkmr_servicekit.events import event_id_for

ENTRY_FIELDS = (
    "registry_number",
    "kind",
    "specialty_code",
    "specialty",
    "education_level",
    "commission",
    "protocol_number",
    "protocol_date",
    "record_date",
    "expire_date",
    "annulled",
    "organizations",
)


def entry_id(worker: str, registry_number: str) -> uuid.UUID:
    """The id of an entry: the same for the same number of the same worker."""
    return event_id_for("accreditation", worker, registry_number)


def entry_of(row: Any) -> Entry:
    """The entry in a row of `accreditation`."""
    return Entry(
        registry_number=row["registry_number"],
        kind=row["kind"],
        specialty_code=row["specialty_code"],
        specialty=row["specialty"],
        education_level=row["education_level"],
        commission=row["commission"],
        protocol_number=row["protocol_number"],
        protocol_date=row["protocol_date"],
        record_date=row["record_date"],
        expire_date=row["expire_date"],
        annulled=row["annulled"],
        organizations=organizations_of(row["organizations"]),
    )


def entry_values(entry: Entry) -> dict[str, Any]:
    """Column values of an entry."""
    values = {name: getattr(entry, name) for name in ENTRY_FIELDS}
    return values | {"organizations": [list(one) for one in entry.organizations]}


def entry_json(entry: Entry) -> dict[str, Any]:
    """An entry for the history column."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in entry_values(entry).items()
    }


def entry_from_json(content: Mapping[str, Any]) -> Entry:
    """An entry from the history column."""
    days = {"protocol_date", "record_date", "expire_date"}
    values: dict[str, Any] = {
        name: date.fromisoformat(value) if name in days and value else value
        for name, value in content.items()
    }
    values["organizations"] = organizations_of(content.get("organizations", []))
    return Entry(**values)


def organizations_of(content: str | list[list[str]]) -> tuple[Organization, ...]:
    """Organisations of an entry from their column."""
    if isinstance(content, str):
        return _organizations_in(content)
    return tuple(Organization(*item) for item in content)


@lru_cache(maxsize=4096)
def _organizations_in(content: str) -> tuple[Organization, ...]:
    return tuple(Organization(*item) for item in orjson.loads(content or "[]"))


def jobs_json(jobs: tuple[Job, ...]) -> str:
    """Jobs for their column."""
    return orjson.dumps(jobs).decode()


def jobs_of(content: str | bytes | list[dict[str, Any]]) -> tuple[Job, ...]:
    """Jobs from their column."""
    items = content if isinstance(content, list) else orjson.loads(content)
    return tuple(
        Job(
            **{
                **item,
                "start_date": _day(item.get("start_date")),
                "end_date": _day(item.get("end_date")),
            }
        )
        for item in items
    )


@lru_cache(maxsize=4096)
def known_jobs(content: str) -> tuple[Job, ...]:
    """Jobs from the text of their column, read once for equal texts."""
    return jobs_of(content)


def seal_personal(facts: PersonalFacts, worker: str, key: DataKey) -> bytes:
    """Personal facts sealed for their row."""
    return key.seal(orjson.dumps(facts), "worker", "personal", worker)


def open_personal(sealed: bytes, worker: str, key: DataKey) -> PersonalFacts:
    """Personal facts out of their row. Raises ServiceError STORED_DATA_DAMAGED."""
    return PersonalFacts(**orjson.loads(key.open(sealed, "worker", "personal", worker)))


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
