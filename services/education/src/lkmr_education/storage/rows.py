"""Between rows and the values of the domain."""

import uuid
from datetime import date, datetime
from typing import Any

import orjson

from lkmr_education.domain.activity import Activity, Kind, Source, State
from lkmr_education.domain.certificate import (
    Certificate,
    Check,
    Confirmation,
    Method,
    Scan,
    Type,
)
from lkmr_education.domain.record import Entry, Job, Mentoring, Record
from lkmr_servicekit.encryption import DataKey

ACTIVITY_FIELDS = (
    "kind",
    "title",
    "organizer",
    "start_date",
    "end_date",
    "hours",
    "specialty",
    "form",
    "place",
    "level",
    "attestation",
    "source",
    "external_id",
    "external_revision",
    "programme_id",
    "state",
    "reason",
    "version",
    "create_time",
    "update_time",
)


def activity_of(row: Any) -> Activity:
    """The activity in a row."""
    values = {name: row[name] for name in ACTIVITY_FIELDS}
    values["kind"] = Kind(values["kind"])
    values["state"] = State(values["state"])
    values["source"] = Source(values["source"])
    return Activity(id=str(row["id"]), worker=str(row["worker_id"]), **values)


def activity_values(activity: Activity) -> dict[str, Any]:
    """Column values of an activity, without its ids."""
    return {name: getattr(activity, name) for name in ACTIVITY_FIELDS}


def certificate_of(row: Any, key: DataKey, *, refused: bool = False) -> Certificate:
    """The document in a row. Raises ServiceError STORED_DATA_DAMAGED."""
    identity = str(row["id"])
    series, number = orjson.loads(key.open(bytes(row["numbers"]), *_place(identity)))
    fields = row["check_fields"]
    return Certificate(
        id=identity,
        worker=str(row["worker_id"]),
        activity=str(row["activity_id"]),
        type=Type(row["type"]),
        issuer=row["issuer"],
        series=series,
        number=number,
        issue_date=row["issue_date"],
        hours=row["hours"],
        origin=row["origin"],
        check=Check(row["check_state"]),
        check_fields=tuple(orjson.loads(fields) if isinstance(fields, str) else fields),
        check_time=row["check_time"],
        create_time=row["create_time"],
        portal_file=row["portal_file"],
        file=row["file_key"],
        scan=Scan(row["file_scan"]),
        refused=refused,
    )


def sealed_numbers(certificate: Certificate, key: DataKey) -> bytes:
    """Series and number sealed for their row."""
    value = orjson.dumps([certificate.series, certificate.number])
    return key.seal(value, *_place(certificate.id))


def _place(identity: str) -> tuple[str, str, str]:
    return ("certificate", "numbers", identity)


def confirmation_of(row: Any) -> Confirmation:
    """The confirmation in a row."""
    return Confirmation(
        activity=str(row["activity_id"]),
        worker=str(row["worker_id"]),
        method=Method(row["method"]),
        units=row["units"],
        confirm_time=row["confirm_time"],
        certificate=str(row["certificate_id"] or ""),
        confirmed_by=row["confirmed_by"],
        reason=row["reason"],
    )


def confirmation_values(one: Confirmation) -> dict[str, Any]:
    """Column values of a new confirmation."""
    return {
        "id": uuid.uuid4(),
        "worker_id": uuid.UUID(one.worker),
        "activity_id": uuid.UUID(one.activity),
        "certificate_id": uuid.UUID(one.certificate) if one.certificate else None,
        "method": one.method,
        "units": one.units,
        "confirmed_by": one.confirmed_by,
        "reason": one.reason,
        "confirm_time": one.confirm_time,
    }


def record_json(record: Record) -> dict[str, Any]:
    """Jobs, entries and mentoring for their column."""
    content: dict[str, Any] = orjson.loads(
        orjson.dumps(
            {
                "jobs": record.jobs,
                "entries": record.entries,
                "mentoring": record.mentoring,
                "confirm_time": record.confirm_time,
                "stale": record.stale,
            }
        )
    )
    return content


def record_of(worker: str, content: str | dict[str, Any], fetch_time: Any) -> Record | None:
    """The record in a row; None before the first was fetched."""
    if fetch_time is None:
        return None
    value = orjson.loads(content) if isinstance(content, str) else content
    confirmed = value.get("confirm_time")
    return Record(
        worker=worker,
        jobs=tuple(Job(**_days(one, "start_date", "end_date")) for one in value["jobs"]),
        entries=tuple(
            Entry(**_days(one, "record_date", "expire_date")) for one in value["entries"]
        ),
        mentoring=tuple(
            Mentoring(**_days(one, "start_date", "end_date")) for one in value.get("mentoring", ())
        ),
        fetch_time=fetch_time,
        confirm_time=datetime.fromisoformat(confirmed) if confirmed else None,
        stale=value.get("stale", False),
    )


def _days(value: dict[str, Any], *names: str) -> dict[str, Any]:
    found = {name: date.fromisoformat(value[name]) for name in names if value.get(name)}
    return value | dict.fromkeys(names) | found
