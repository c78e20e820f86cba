"""Incidents as JSON; a masked reader sees no person and no session."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_auth.api.administration_json import Json, document, named, text_of
from lkmr_auth.domain.errors import ReasonRequired, RequestFieldInvalid
from lkmr_auth.domain.incident import LeakReport, LeakStep
from lkmr_auth.usecases.administration.incidents import Found


def incidents_page(found: Sequence[Found], *, masked: bool) -> JsonDocument:
    items = [_incident(one, masked=masked) for one in found]
    return document({"items": items, "next_page_token": ""})


def incident(found: Found, *, masked: bool) -> JsonDocument:
    return document(_incident(found, masked=masked))


def _incident(found: Found, *, masked: bool) -> Json:
    one, person, leak = found
    made: Json = {
        "id": str(one.id),
        "number": one.number,
        "kind": one.kind,
        "severity": one.severity.value,
        "state": one.state.value,
        "organization": one.organization,
        "facts": dict(one.facts),
        "detect_time": text_of(one.detect_time),
        "close_time": text_of(one.close_time),
        "person": None,
        "session": "",
        "resolution": "",
        "leak": None,
    }
    if not masked:
        made["person"] = named(person, masked=False) if person else None
        made["session"] = one.session
        made["resolution"] = one.resolution
        made["leak"] = _leak(leak) if leak else None
    return made


def _leak(report: LeakReport) -> Json:
    return {
        "discover_time": text_of(report.discover_time),
        "notice_due_time": text_of(report.notice_due_time),
        "notice_time": text_of(report.notice_time),
        "result_due_time": text_of(report.result_due_time),
        "result_time": text_of(report.result_time),
        "content": dict(report.content),
    }


def leak_step_of(text: str) -> LeakStep:
    """Which of the two notices. Raises RequestFieldInvalid."""
    try:
        return LeakStep(text)
    except ValueError:
        raise RequestFieldInvalid(field="step") from None


def discover_time_of(content: Mapping[str, str]) -> datetime:
    """When a leak was discovered, with an offset. Raises ReasonRequired."""
    try:
        moment = datetime.fromisoformat(content.get("discover_time", ""))
    except ValueError:
        raise ReasonRequired(field="discover_time") from None
    if moment.tzinfo is None:
        raise ReasonRequired(field="discover_time")
    return moment.astimezone(UTC)
