"""Applications as the browser API shows them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from lkmr_accreditation.api.convert import moment
from lkmr_accreditation.domain.application import Application, Path, State, Step
from lkmr_accreditation.domain.application_words import STATES
from lkmr_accreditation.domain.forms import Field, Form, Forms, Section
from lkmr_accreditation.domain.portfolio import Piece, agreement_excused, blocks
from lkmr_accreditation.usecases.application_ports import Stored
from lkmr_accreditation.usecases.read_applications import Detail

_WORKER_ACTS: Mapping[State, tuple[str, ...]] = {
    State.REPORT_APPROVAL: (),
    State.SUBMITTED: ("WITHDRAW",),
    State.FAC_CHECK: ("WITHDRAW",),
    State.RETURNED: ("REVISE", "WITHDRAW"),
    State.NOT_ADMITTED: ("APPEAL",),
    State.FAILED: ("APPEAL",),
}


_WHOLE = frozenset({Path.REQUEST, Path.STAFF_EXTRACT})


def form_json(form: Form) -> dict[str, Any]:
    """A form as data."""
    return {
        "id": form.id,
        "title": form.title,
        "summary": form.summary,
        "who": list(form.who),
        "begun_by_itself": form.path is not None,
        "sections": [_section(one, {}) for one in form.sections],
    }


def item_json(stored: Stored, forms: Forms) -> dict[str, Any]:
    """An application in a list."""
    made = stored.application
    return {
        "id": made.id,
        "form": made.form,
        "title": forms.get(made.form).title,
        "specialty": made.specialty,
        "state": made.state.value,
        "state_text": state_text(made),
        "version": made.version,
        "file_set": made.file_set,
        "create_time": moment(made.create_time),
        "update_time": moment(made.update_time),
        "state_time": moment(made.state_time),
        "limit_date": _iso(made.limit),
        "registration_number": made.outside.registration_number,
        "waiting_for_center": bool(stored.delivery.act),
        "acts": list(acts_of(made)),
    }


def detail_json(detail: Detail, forms: Forms) -> dict[str, Any]:
    """One application with everything that its worker may see."""
    made, form = detail.stored.application, forms.get(detail.stored.application.form)
    report, outside = made.report, made.outside
    return {
        **item_json(detail.stored, forms),
        "sections": [_section(one, made.answers) for one in form.sections],
        "portfolio": [_piece(one) for one in detail.pieces],
        "missing": [_piece(one) for one in blocks(detail.pieces)],
        "complete": not form.missing(made.answers) and not blocks(detail.pieces),
        "report": {
            "agreement": report.agreement.value,
            "excused": agreement_excused(made),
            "decided_as": report.decided_as,
            "decide_time": report.decide_time or None,
            "reason": report.reason,
            "signature": report.signature,
        },
        "center": {
            "state": outside.raw_state,
            "text": outside.raw_text,
            "registration_number": outside.registration_number,
            "registered_on": outside.registered_on or None,
            "meeting_on": outside.meeting_on or None,
            "protocol_number": outside.protocol_number,
            "protocol_on": outside.protocol_on or None,
            "protocol_url": outside.protocol_url,
            "remarks": list(outside.remarks),
        },
        "delivery": {
            "act": detail.stored.delivery.act,
            "attempts": detail.stored.delivery.attempts,
        },
        "jobs": _jobs(detail),
        "asked_by": detail.asked_by,
        "consent_until": _iso(detail.consent_until),
        "history": [_step(one) for one in detail.stored.steps],
    }


def staff_item_json(stored: Stored, forms: Forms, name: str) -> dict[str, Any]:
    """An application as those who decide about it see it in a list."""
    made = stored.application
    return {
        "id": made.id,
        "form": made.form,
        "title": forms.get(made.form).title,
        "worker_name": name,
        "specialty": made.specialty,
        "state": made.state.value,
        "state_text": state_text(made),
        "version": made.version,
        "state_time": moment(made.state_time),
        "limit_date": _iso(made.limit),
        "acts": list(staff_acts_of(made)),
    }


def staff_detail_json(stored: Stored, forms: Forms, name: str) -> dict[str, Any]:
    """What has to be decided: the report of F1, or all answers of a request to personnel."""
    made = stored.application
    form = forms.get(made.form)
    shown = [one for one in form.fields() if made.path in _WHOLE or one.name == "report"]
    return {
        **staff_item_json(stored, forms, name),
        "fields": [_field(one, made.answers) for one in shown if one.asked(made.answers)],
        "report": {
            "agreement": made.report.agreement.value,
            "decided_as": made.report.decided_as,
            "decide_time": made.report.decide_time or None,
            "reason": made.report.reason,
            "signature": made.report.signature,
        },
        "history": [_step(one) for one in stored.steps],
    }


def acts_of(made: Application) -> Sequence[str]:
    """What its worker may do with it now."""
    if made.path is Path.STAFF_EXTRACT:
        return {State.CONSENT_ASKED: ("GRANT", "DENY"), State.READY: ("WITHDRAW",)}.get(
            made.state, ()
        )
    if made.state is State.DRAFT:
        asks = made.path is Path.PERIODIC and not agreement_excused(made)
        agreed = made.report.agreement.value != "NONE"
        asking = ("ASK_AGREEMENT",) if asks and not agreed else ()
        return ("SUBMIT", *asking, "DELETE")
    allowed = _WORKER_ACTS.get(made.state, ())
    reachable = made.next_states
    targets = {
        "WITHDRAW": State.WITHDRAWN,
        "REVISE": State.DRAFT,
        "APPEAL": State.APPEAL_FILED,
    }
    return tuple(act for act in allowed if targets[act] in reachable)


def staff_acts_of(made: Application) -> Sequence[str]:
    """What the head or personnel may do with it now."""
    if made.path is Path.PERIODIC:
        waits = made.state is State.REPORT_APPROVAL
        return ("AGREE", "REFUSE_AGREEMENT") if waits else ()
    if made.path is Path.STAFF_EXTRACT:
        return ("DOWNLOAD",) if made.state is State.READY else ()
    return {State.SUBMITTED: ("TAKE", "REFUSE"), State.IN_WORK: ("FINISH", "REFUSE")}.get(
        made.state, ()
    )


def state_text(made: Application) -> str:
    """The state in words; one that nobody knows is shown as the centre wrote it."""
    if made.state is State.UNKNOWN_EXTERNAL:
        return made.outside.raw_text or made.outside.raw_state
    return STATES[made.state]


def _section(section: Section, answers: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": section.id,
        "title": section.title,
        "complete": not section.missing(answers),
        "begun": any(answers.get(one.name) for one in section.fields),
        "fields": [_field(one, answers) for one in section.fields],
    }


def _field(one: Field, answers: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": one.name,
        "label": one.label,
        "type": one.type,
        "required": one.required,
        "hint": one.hint,
        "options": dict(one.options),
        "when": list(one.when) if one.when else None,
        "asked": one.asked(answers),
        "value": answers.get(one.name, ""),
    }


def _piece(one: Piece) -> dict[str, Any]:
    return {
        "code": one.code,
        "title": one.title,
        "readiness": one.readiness.value,
        "detail": one.detail,
        "todo": one.todo,
    }


def _jobs(detail: Detail) -> list[dict[str, Any]]:
    worker = detail.worker
    if worker is None:
        return []
    return [
        {
            "organization": one.organization_name,
            "position": one.position,
            "start_date": _iso(one.start_date),
            "end_date": _iso(one.end_date),
        }
        for one in worker.jobs
    ]


def _step(one: Step) -> dict[str, Any]:
    return {
        "actor": one.actor.value,
        "before": one.before.value,
        "after": one.after.value,
        "after_text": STATES[one.after],
        "reason": one.reason,
        "file_set": one.file_set,
        "time": moment(one.time),
    }


def _iso(day: date | datetime | None) -> str | None:
    return day.isoformat() if day else None
