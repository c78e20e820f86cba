"""Answers for the browser API, written once as bytes."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import orjson
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_education.domain.activity import STATE_WORDS, Activity, Actor
from lkmr_education.domain.certificate import CHECK_WORDS, TYPE_WORDS, Certificate
from lkmr_education.domain.counting import REASON_WORDS, Line, Statement, Study
from lkmr_education.domain.cycle import Cycle, CycleState, Progress
from lkmr_education.domain.warnings import Caution
from lkmr_education.usecases.account import Account
from lkmr_education.usecases.ports import Change
from lkmr_education.usecases.present_worker import Present


def document(value: object) -> JsonDocument:
    """JSON bytes with an etag made of them."""
    body = orjson.dumps(value)
    return JsonDocument(body=body, etag=hashlib.blake2b(body, digest_size=12).hexdigest())


def summary_of(account: Account) -> dict[str, Any]:
    """Progress of each cycle with its calculation; on top the figures of the main cycle."""
    cycles = [_progress(one) for one in account.progress]
    main = next((one for one in account.progress if one.cycle.state is not _PAST), None)
    return {
        "main": _figures(main.statement) | {"specialty": main.cycle.specialty} if main else None,
        "cycles": cycles,
        "warnings": [warning_of(one) for one in account.warnings],
        "not_credited": [line_of(line) for line, cycle in account.lines.values() if cycle is None],
        "record": source_of(account.present),
        "as_of": account.present.today,
    }


def source_of(present: Present) -> dict[str, Any]:
    """When the record was fetched and the register confirmed it, and whether that is too old."""
    record = present.worker.record
    confirmed = record.confirm_time if record else None
    return {
        "fetch_time": moment(record.fetch_time) if record else None,
        "confirm_time": moment(confirmed) if confirmed else None,
        "stale": present.stale,
    }


_PAST = CycleState.SUPERSEDED


def _progress(one: Progress) -> dict[str, Any]:
    cycle, account = one.cycle, one.statement
    return {
        "id": cycle.id,
        "specialty": cycle.specialty,
        "specialty_code": cycle.specialty_code,
        "state": cycle.state,
        "start_date": cycle.start,
        "end_date": cycle.expire_date,
        "basis": cycle.basis,
        "days_left": one.days_left,
        **_figures(account),
        "pace": one.pace,
        "expected_hours": one.expected,
        "behind_hours": max(0, one.expected - account.counted),
        "years": [
            {
                "start_date": year.start,
                "end_date": year.end,
                "programme_hours": year.programme,
                "portal_units": year.portal,
                "waiting_hours": year.waiting,
                "target_units": year.target,
            }
            for year in one.years
        ],
        "source": account.source,
        "calculation": [line_of(line) for line in account.lines],
    }


def _figures(account: Statement) -> dict[str, Any]:
    return {
        "sufficient": account.sufficient,
        "variant": account.variant,
        "sentence": sentence_of(account),
        "counted_hours": account.counted,
        "required_hours": account.required,
        "missing_hours": account.missing,
        "programme_hours": account.programme,
        "required_programme_hours": account.required_programme,
        "missing_programme_hours": account.missing_programme,
        "portal_units": account.portal,
        "waiting_hours": account.waiting,
        "unverified_hours": account.unverified,
        "percent": min(100, 100 * account.counted // max(1, account.required)),
    }


def sentence_of(account: Statement) -> str:
    """One sentence about the hours."""
    if account.sufficient:
        return f"Часов достаточно: {account.counted} из {account.required}."
    if account.missing_programme and account.missing:
        return (
            f"Не хватает {account.missing} ч, из них по программам ПК не меньше"
            f" {account.missing_programme} ч."
        )
    if account.missing_programme:
        return f"Не хватает {account.missing_programme} ч по программам ПК."
    return f"Не хватает {account.missing} ч."


def line_of(line: Line) -> dict[str, Any]:
    """What became of the hours of one activity, with the document it rests on (F-071)."""
    activity, certificate = line.study.activity, line.study.certificate
    confirmation = line.study.confirmation
    return {
        "activity": activity.id,
        "title": activity.title,
        "kind": activity.kind,
        "end_date": activity.end_date,
        "hours": line.hours,
        **_verdict(line),
        "certificate": certificate.id if certificate else None,
        "check": certificate.check if certificate else None,
        "check_time": (
            moment(certificate.check_time) if certificate and certificate.check_time else None
        ),
        "method": confirmation.method if confirmation else None,
        "confirm_time": moment(confirmation.confirm_time) if confirmation else None,
    }


def _verdict(line: Line) -> dict[str, Any]:
    return {
        "verdict": line.verdict,
        "reason": line.reason,
        "explanation": REASON_WORDS[line.reason],
        "counted_hours": line.counted,
        "unverified": line.unverified,
    }


def warning_of(one: Caution) -> dict[str, Any]:
    """A warning W-EDU-NN."""
    return {
        "id": one.id,
        "text": one.text,
        "todo": one.todo,
        "cycle": one.cycle,
        "about": list(one.about),
        "severe": one.severe,
    }


def activity_item(study: Study, account: Account, actor: Actor) -> dict[str, Any]:
    """An activity with its document and what became of its hours."""
    activity = study.activity
    line, cycle = account.lines[activity.id]
    confirmation = study.confirmation
    return {
        **_plain(activity, actor),
        "credit": _verdict(line) | {"cycle": _cycle(cycle)},
        "certificate": certificate_item(study.certificate) if study.certificate else None,
        "confirmation": {
            "method": confirmation.method,
            "units": confirmation.units,
            "reason": confirmation.reason,
            "confirm_time": moment(confirmation.confirm_time),
        }
        if confirmation
        else None,
    }


def _plain(activity: Activity, actor: Actor) -> dict[str, Any]:
    return {
        "id": activity.id,
        "kind": activity.kind,
        "title": activity.title,
        "organizer": activity.organizer,
        "start_date": activity.start_date,
        "end_date": activity.end_date,
        "hours": activity.hours,
        "specialty": activity.specialty,
        "form": activity.form,
        "place": activity.place,
        "level": activity.level,
        "source": activity.source,
        "state": activity.state,
        "state_label": STATE_WORDS[activity.state],
        "reason": activity.reason,
        "version": activity.version,
        "next_states": list(activity.steps(actor)),
        "create_time": moment(activity.create_time),
        "update_time": moment(activity.update_time),
    }


def _cycle(cycle: Cycle | None) -> dict[str, Any] | None:
    if cycle is None:
        return None
    return {"id": cycle.id, "specialty": cycle.specialty, "end_date": cycle.expire_date}


def certificate_item(one: Certificate) -> dict[str, Any]:
    """A document with its check."""
    return {
        "id": one.id,
        "activity": one.activity,
        "type": one.type,
        "type_label": TYPE_WORDS[one.type],
        "issuer": one.issuer,
        "series": one.series,
        "number": one.number,
        "issue_date": one.issue_date,
        "hours": one.hours,
        "origin": one.origin,
        "check": one.check,
        "check_label": CHECK_WORDS[one.check],
        "check_fields": list(one.check_fields),
        "check_time": moment(one.check_time) if one.check_time else None,
        "in_register": one.in_register,
        "check_hold": "NO_CONSENT" if one.in_register and one.refused else "",
        "has_file": bool(one.file),
        "scan": one.scan if one.file else None,
        "create_time": moment(one.create_time),
    }


def change_item(change: Change) -> dict[str, Any]:
    """One version of an activity."""
    return {
        "version": change.version,
        "actor": change.actor,
        "changed": {
            name: {"old": pair[0], "new": pair[1]} for name, pair in change.content.items()
        },
        "update_time": moment(change.update_time),
    }


def moment(value: datetime) -> str:
    """RFC 3339 in UTC with whole milliseconds."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
