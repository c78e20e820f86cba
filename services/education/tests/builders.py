"""Studies for tests: what does not matter is hidden here."""

import tomllib
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

from lkmr_education.domain.activity import Activity, Kind, State
from lkmr_education.domain.catalogue import Programme
from lkmr_education.domain.certificate import Certificate, Check, Confirmation, Method, Type
from lkmr_education.domain.counting import Period, Study
from lkmr_education.domain.norms import Norms
from lkmr_education.domain.notice import Notice, TypedDocument, TypedNotice, notice_of
from lkmr_education.domain.posts import Posts
from lkmr_education.domain.record import Entry, Job, Record
from lkmr_education.domain.specialties import Specialties

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
SPECIALTY = "кардиология"
PERIOD = Period(start=date(2021, 12, 18), end=date(2026, 12, 18))
NORMS = Norms.from_data(
    tomllib.loads(files("lkmr_accreditation").joinpath("law.toml").read_text("utf-8"))
)
POSTS = Posts.from_data(
    *(
        tomllib.loads(files("lkmr_education").joinpath(name).read_text("utf-8"))
        for name in ("posts.toml", "directions.toml")
    )
)
SPECIALTIES = Specialties.from_data(
    tomllib.loads(files("lkmr_education").joinpath("specialties.toml").read_text("utf-8"))
)
WORKER = "7f3b0000-0000-4000-8000-000000000001"
GP1 = "1.2.643.5.1.13.13.12.2.77.90001"


def an_activity(kind: Kind = Kind.PK, hours: int | None = 36, **changes: Any) -> Activity:
    identity = changes.pop("id", str(uuid.uuid4()))
    values: dict[str, Any] = {
        "title": f"Программа {identity[:8]}",
        "organizer": "ФГБОУ ДПО «Академия»",
        "start_date": date(2025, 3, 3),
        "end_date": date(2025, 3, 21),
        "specialty": SPECIALTY,
        "state": State.CONFIRMED,
        "create_time": NOON,
        "update_time": NOON,
    }
    return Activity(id=identity, worker=WORKER, kind=kind, hours=hours, **(values | changes))


def a_certificate(activity: Activity, check: Check = Check.FOUND, **changes: Any) -> Certificate:
    values: dict[str, Any] = {
        "type": Type.CPD_CERTIFICATE,
        "issuer": activity.organizer,
        "series": "",
        "number": f"ПК-{activity.id[:13]}",
        "issue_date": activity.end_date,
        "create_time": NOON,
        "check": check,
    }
    return Certificate(
        id=str(uuid.uuid4()), worker=WORKER, activity=activity.id, **(values | changes)
    )


def a_confirmation(
    activity: Activity, method: Method, certificate: Certificate | None = None, units: int = 0
) -> Confirmation:
    return Confirmation(
        activity=activity.id,
        worker=WORKER,
        method=method,
        units=units or activity.hours or 0,
        confirm_time=NOON,
        certificate=certificate.id if certificate else "",
    )


def programme(hours: int = 36, check: Check = Check.FOUND, **changes: Any) -> Study:
    """A programme (ДПП ПК) with its document as the register answered."""
    number = changes.pop("number", None)
    activity = an_activity(Kind.PK, hours, **changes)
    certificate = a_certificate(activity, check)
    if number is not None:
        certificate = replace(certificate, number=number)
    confirmed = check is Check.FOUND
    return Study(
        activity=activity if confirmed else replace(activity, state=State.COMPLETED_CLAIMED),
        certificate=certificate,
        confirmation=a_confirmation(activity, Method.FRDO, certificate) if confirmed else None,
    )


def event(
    units: int = 6, kind: Kind = Kind.EVENT, *, days: int | None = None, **changes: Any
) -> Study:
    """A portal event of as many days as the daily cap needs, credited."""
    end = changes.pop("end_date", date(2025, 5, 30))
    span = days if days is not None else max(1, -(-units // 6))
    activity = an_activity(
        kind,
        units,
        start_date=date.fromordinal(end.toordinal() - span + 1),
        end_date=end,
        **changes,
    )
    return Study(activity=activity, confirmation=a_confirmation(activity, Method.PORTAL_AUTO))


def a_record(*entries: Entry, **changes: Any) -> Record:
    job = Job(
        organization_oid=GP1,
        position="врач-кардиолог",
        specialty=SPECIALTY,
        department="кардиологическое отделение",
        start_date=date(2020, 1, 1),
    )
    values: dict[str, Any] = {"jobs": (job,), "fetch_time": NOON, "confirm_time": NOON}
    return Record(worker=WORKER, entries=entries or (an_entry(),), **(values | changes))


def an_entry(**changes: Any) -> Entry:
    values: dict[str, Any] = {
        "specialty": SPECIALTY,
        "specialty_code": "25",
        "kind": "PERIODIC",
        "registry_number": "7721 031234567",
        "record_date": PERIOD.start,
        "expire_date": PERIOD.end,
        "state": "EXPIRING",
    }
    return Entry(**(values | changes))


def a_programme(identity: str = "p1", **changes: Any) -> Programme:
    values: dict[str, Any] = {
        "title": f"Программа {identity}",
        "provider": "Академия",
        "kind": Kind.PK,
        "hours": 36,
        "specialties": (SPECIALTY,),
        "level": 8,
    }
    return Programme(id=identity, **(values | changes))


def a_notice(revision: int = 1, **changes: Any) -> TypedNotice:
    """An event that the portal credited; `document` may be fields of a document."""
    values: dict[str, Any] = {
        "id": f"event-1:{revision}",
        "study": "event-1",
        "revision": revision,
        "worker": WORKER,
        "state": "CREDITED",
        "kind": "CONFERENCE",
        "title": "Кардионеврология 2026",
        "organizer": "Общество кардиологов",
        "start_date": "2026-10-14",
        "end_date": "2026-10-15",
        "hours": 12,
        "specialty": SPECIALTY,
        "source": "PORTAL",
    }
    document = changes.pop("document", None)
    if document is not None:
        document = a_document(**document)
    return TypedNotice(**(values | changes), document=document)


def a_course(revision: int = 1, state: str = "ENROLLED", **changes: Any) -> TypedNotice:
    """A programme that a provider tells of."""
    values: dict[str, Any] = {
        "id": f"course-1:{revision}",
        "study": "course-1",
        "kind": "PK",
        "title": "Аритмии: диагностика",
        "organizer": "Академия",
        "start_date": "2026-11-02",
        "end_date": "2026-11-20",
        "hours": 36,
        "source": "PROVIDER",
    }
    return a_notice(revision, state=state, **(values | changes))


def a_document(**changes: Any) -> TypedDocument:
    values: dict[str, Any] = {
        "type": "CPD_CERTIFICATE",
        "series": "7724",
        "number": "ПК-77",
        "issue_date": "2026-11-21",
        "issuer": "Академия",
        "hours": 36,
        "file": "course-1",
    }
    return TypedDocument(**(values | changes))


def believed(typed: TypedNotice) -> Notice:
    found = notice_of(typed, specialties=SPECIALTIES.keys, today=TODAY)
    assert isinstance(found, Notice), found
    return found
