"""Answers for the browser API, written once as bytes."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import orjson
from google.protobuf.timestamp_pb2 import Timestamp
from lkmr.accreditation.v1 import accreditation_service_pb2 as pb
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_accreditation.domain.accreditation import Entry, Term
from lkmr_accreditation.usecases.check_specialists import Answer
from lkmr_accreditation.usecases.list_accreditations import Page
from lkmr_accreditation.usecases.ports import (
    IssuedExtract,
    OldVersion,
    StoredChange,
    StoredEntry,
    StoredWorker,
)
from lkmr_accreditation.usecases.read_accreditation import Detail
from lkmr_accreditation.usecases.read_record import Recorded
from lkmr_accreditation.usecases.verify_extract import Verified
from lkmr_servicekit.resource_names import name_of

SYSTEM = "ФРМР"


def document(value: object) -> JsonDocument:
    """JSON bytes with an etag made of them."""
    body = orjson.dumps(value)
    return JsonDocument(body=body, etag=hashlib.blake2b(body, digest_size=12).hexdigest())


def page_to_document(page: Page) -> JsonDocument:
    """A page of accreditations."""
    shared = _shared(page.worker, stale=page.stale)
    items = [_item(entry, term, shared) for entry, term in page.items]
    return document({"items": items, "next_page_token": page.next_page_token})


def detail_to_document(detail: Detail) -> JsonDocument:
    """One accreditation with its register entry, extension and history."""
    item = _item(detail.item, detail.term, _shared(detail.worker, stale=detail.stale))
    entry, extension = detail.item.entry, detail.term.extension
    item.update(
        version=detail.item.version,
        specialty_code=entry.specialty_code,
        education_level=entry.education_level,
        commission=entry.commission,
        protocol_number=entry.protocol_number,
        protocol_date=_iso(entry.protocol_date),
        printed_expire_date=_iso(detail.term.printed),
        extension=(
            {
                "order": extension.order,
                "source": extension.source,
                "valid_until": extension.valid_until.isoformat(),
            }
            if extension
            else None
        ),
        update_time=moment(detail.item.update_time),
        history=[_old(version) for version in detail.history],
    )
    return document(item)


def verified_to_document(verified: Verified) -> JsonDocument:
    """What was issued, and whether it still fits the register."""
    return document(
        {
            "content": orjson.Fragment(verified.extract.content),
            "sha256": verified.extract.pdf_sha256,
            "create_time": moment(verified.extract.create_time),
            "matches_register": verified.matches_register,
            "state": verified.state,
        }
    )


def entry_to_proto(worker: str, item: StoredEntry, term: Term) -> pb.Accreditation:
    """An accreditation as a message."""
    return pb.Accreditation(
        name=name_of(workers=worker, accreditations=item.id),
        kind=item.entry.kind,
        specialty=item.entry.specialty,
        state=term.state.value,
        registry_number=item.entry.registry_number,
        record_date=_iso(item.entry.record_date) or "",
        expire_date=_iso(term.effective) or "",
        version=item.version,
    )


def record_to_proto(found: Recorded) -> pb.WorkerRecord:
    """Jobs, entries and mentoring of a worker as a message, without personal facts."""
    stored = found.worker
    confirmed = Timestamp()
    confirmed.FromDatetime(stored.fetch_time)
    return pb.WorkerRecord(
        name=name_of(workers=stored.id),
        confirm_time=confirmed if stored.register_version else None,
        stale=found.stale or not stored.register_version,
        mentoring=[
            pb.WorkerMentoring(
                specialty=one.specialty,
                start_date=one.starts_on.isoformat(),
                end_date=one.ends_on.isoformat(),
            )
            for one in found.mentoring
        ],
        jobs=[
            pb.WorkerJob(
                organization_oid=job.organization_oid,
                position=job.position,
                specialty=job.specialty,
                department=job.department,
                start_date=_iso(job.start_date) or "",
                end_date=_iso(job.end_date) or "",
            )
            for job in stored.jobs
        ],
        entries=[
            pb.WorkerEntry(
                name=name_of(workers=stored.id, accreditations=item.id),
                specialty=item.entry.specialty,
                specialty_code=item.entry.specialty_code,
                kind=item.entry.kind,
                registry_number=item.entry.registry_number,
                education_level=item.entry.education_level,
                record_date=_iso(item.entry.record_date) or "",
                expire_date=_iso(term.effective) or "",
                state=term.state.value,
            )
            for item, term in zip(stored.entries, found.terms, strict=True)
        ],
    )


def extract_to_proto(made: IssuedExtract) -> pb.Extract:
    """An issued extract with its file."""
    formed = Timestamp()
    formed.FromDatetime(made.create_time)
    return pb.Extract(
        name=name_of(extracts=made.id),
        content=made.pdf,
        sha256=made.pdf_sha256,
        create_time=formed,
    )


def answers_to_proto(answers: Sequence[Answer]) -> pb.CheckSpecialistsResponse:
    """Answers of a check as messages."""
    return pb.CheckSpecialistsResponse(standings=[_standing(one) for one in answers])


def _standing(answer: Answer) -> pb.SpecialistStanding:
    standing = answer.standing
    made = pb.SpecialistStanding(
        verdict=standing.verdict.value,
        reason=standing.lack.value if standing.lack else "",
        day=answer.day.isoformat(),
        worker=name_of(workers=answer.worker) if answer.worker else "",
    )
    if answer.entry is not None:
        made.accreditation = name_of(workers=answer.worker, accreditations=answer.entry.id)
        made.registry_number = answer.entry.entry.registry_number
        made.kind = answer.entry.entry.kind
    if standing.term is not None:
        made.expire_date = _iso(standing.term.effective) or ""
    if answer.confirm_time is not None:
        made.confirm_time.FromDatetime(answer.confirm_time)
    return made


def changes_to_proto(changes: Sequence[StoredChange], cursor: str) -> pb.ListEntryChangesResponse:
    """A portion of the feed of changes."""
    answer = pb.ListEntryChangesResponse(cursor=cursor)
    for one in changes:
        name = name_of(workers=one.worker, accreditations=one.accreditation)
        made = answer.changes.add(accreditation=name, change=one.change)
        made.change_time.FromDatetime(one.change_time)
    return answer


def moment(value: datetime) -> str:
    """RFC 3339 in UTC with whole milliseconds."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _shared(worker: StoredWorker, *, stale: bool) -> dict[str, orjson.Fragment]:
    """Parts that are the same for all entries of a worker, encoded once."""
    employers = {
        job.organization_oid: job.organization_name for job in worker.jobs if job.end_date is None
    }
    source = {
        "system": SYSTEM,
        "version": str(worker.register_version),
        "fetch_time": moment(worker.fetch_time),
        "stale": stale,
    }
    return {
        "organizations": _organizations(tuple(employers.items())),
        "source": orjson.Fragment(orjson.dumps(source)),
    }


def _item(entry: StoredEntry, term: Term, shared: dict[str, Any]) -> dict[str, Any]:
    facts = entry.entry
    item = {
        "id": entry.id,
        "name": f"Аккредитация: {facts.specialty}",
        "specialty": facts.specialty,
        "kind": facts.kind,
        "state": term.state.value,
        "registry_number": facts.registry_number,
        "record_date": facts.record_date,
        "expire_date": term.effective,
        "days_left": term.days_left,
        **shared,
    }
    if facts.organizations:
        item["organizations"] = _organizations(facts.organizations)
    return item


@lru_cache(maxsize=4096)
def _organizations(bound: tuple[tuple[str, str], ...]) -> orjson.Fragment:
    """Organisations as JSON; encoded once, because many entries share a few of them."""
    return orjson.Fragment(orjson.dumps([{"oid": oid, "name": name} for oid, name in bound]))


def _old(version: OldVersion) -> dict[str, Any]:
    entry: Entry = version.entry
    return {
        "version": version.version,
        "replace_time": moment(version.update_time),
        "kind": entry.kind,
        "specialty": entry.specialty,
        "registry_number": entry.registry_number,
        "record_date": entry.record_date,
        "expire_date": entry.expire_date,
        "annulled": entry.annulled,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
