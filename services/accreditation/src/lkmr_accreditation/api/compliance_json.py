"""Compliance, staff and law as JSON for the browser."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_accreditation.api.convert import SYSTEM, document, moment
from lkmr_accreditation.domain.compliance import Report, Standing
from lkmr_accreditation.domain.documents import Catalogue
from lkmr_accreditation.domain.hours import Statement, expected_hours, growth
from lkmr_accreditation.domain.law import Change, Law
from lkmr_accreditation.domain.staff import admission_of
from lkmr_accreditation.domain.verdicts import Finding, Line, RuleResult, Unknown
from lkmr_accreditation.usecases.read_compliance import Compliance, Simulated
from lkmr_accreditation.usecases.staff import Board, BoardRow, CountedGroup, Counts
from lkmr_accreditation.usecases.staff_report import NOT_HERE, StaffReport


def compliance_to_document(made: Compliance, law: Law) -> JsonDocument:
    """The report about a worker."""
    return document(compliance_json(made, law))


def simulated_to_document(made: Simulated, law: Law) -> JsonDocument:
    """The report as it would be, with what it is now beside it."""
    now = made.now.report
    return document(
        {
            **compliance_json(made.then, law),
            "courses": [
                {
                    "title": one.title,
                    "specialty": one.specialty,
                    "kind": one.kind,
                    "hours": one.hours,
                    "end_date": one.end_date,
                }
                for one in made.courses
            ],
            "before": {
                "sentence": now.sentence,
                "verdict": now.verdict.value,
                "missing": _missing(now),
            },
        }
    )


def compliance_json(made: Compliance, law: Law) -> dict[str, Any]:
    """The report as values."""
    report, main = made.report, next(iter(made.report.standings), None)
    return {
        "sentence": report.sentence,
        "verdict": report.verdict.value,
        "missing": _missing(report),
        "deadline": report.deadline,
        "safe_submit_date": main.safe_submit if main else None,
        "window_open_date": main.window_opens if main else None,
        "date": report.today,
        "specialties": [_standing(one, law, report.today) for one in report.standings],
        "rules": [_rule(one) for one in report.rules],
        "discrepancies": [
            {
                "kind": one.kind,
                "subject": one.subject,
                "text": one.text,
                "expected": one.ours,
                "found": one.theirs,
                "corrected_by": one.actor.value,
                "todo": one.todo,
                "found_date": day,
            }
            for one, day in made.discrepancies
        ],
        "source": {
            "system": SYSTEM,
            "version": str(made.worker.register_version),
            "fetch_time": moment(made.worker.fetch_time),
            "stale": made.stale,
        },
    }


def _missing(report: Report) -> list[dict[str, Any]]:
    return [
        {
            "what": one.what,
            "text": one.text,
            "amount": one.amount,
            "todo": one.todo,
            "actor": one.actor.value,
            "deadline": one.deadline,
        }
        for one in report.missing
    ]


def _standing(one: Standing, law: Law, today: date) -> dict[str, Any]:
    record, sums, statement = one.record, one.sums, one.statement
    return {
        "specialty": one.specialty,
        "accreditation": record.id if record else None,
        "state": record.term.state.value if record else None,
        "record_date": record.entry.record_date if record else None,
        "expire_date": one.until,
        "days_left": record.term.days_left if record else None,
        "can_work": one.can_work,
        "window_open_date": one.window_opens,
        "safe_submit_date": one.safe_submit,
        "hours_reason": statement.reason if isinstance(statement, Unknown) else "",
        "hours": None
        if sums is None or not isinstance(statement, Statement)
        else {
            "counted": sums.counted,
            "needed": sums.needed,
            "programme": sums.programme,
            "needed_programme": sums.needed_programme,
            "portal": sums.portal,
            "waiting": sums.waiting,
            "missing": sums.missing,
            "missing_programme": sums.missing_programme,
            "complete": sums.complete,
            "expected": expected_hours(statement, law, today),
            "start_date": statement.start,
            "end_date": statement.end,
            "growth": [{"date": one.day, "hours": one.hours} for one in growth(statement)],
        },
    }


def _rule(rule: RuleResult) -> dict[str, Any]:
    worst = rule.worst
    return {
        "id": rule.id,
        "title": rule.title,
        **{key: value for key, value in _finding(worst).items() if key != "calculation"},
        "source": rule.source,
        "calculation": [line for one in rule.findings for line in _lines(one.calculation)],
        "findings": [_finding(one) for one in rule.findings],
    }


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "verdict": one.verdict.value,
        "subject": one.subject,
        "reason": one.reason,
        "todo": one.todo,
        "actor": one.actor.value,
        "deadline": one.deadline,
        "calculation": _lines(one.calculation),
    }


def _lines(lines: Sequence[Line]) -> list[dict[str, Any]]:
    return [
        {"text": one.text, "value": one.value, "counted": one.counted, "reason": one.reason}
        for one in lines
    ]


def board_to_document(board: Board) -> JsonDocument:
    """A page of the board of staff."""
    return document(
        {
            "scope": {"d": "DEPARTMENT", "g": "ORGANIZATION", "a": "TOTALS"}[board.scope.kind],
            "organization": {
                "oid": board.scope.organization_oid,
                "name": board.organization_name,
                "region": board.scope.region,
            },
            "department": board.scope.department,
            "date": board.today,
            "counts": counts_json(board.counts),
            "items": [row_json(row, board.today) for row in board.rows],
            "groups": [group_json(one) for one in board.groups],
            "departments": board.departments,
            "specialties": board.specialties,
            "next_page_token": board.next_page_token,
        }
    )


def row_json(row: BoardRow, today: date) -> dict[str, Any]:
    """A member of staff."""
    admission = admission_of(checked=row.checked, valid_until=row.valid_until, today=today)
    return {
        "worker": row.worker,
        "name": row.name.short,
        "family_name": row.name.family_name,
        "given_name": row.name.given_name,
        "patronymic": row.name.patronymic,
        "jobs": list(row.jobs),
        "specialties": list(row.specialties),
        "admission": admission.value,
        "expire_date": row.valid_until,
        "days_left": (row.valid_until - today).days if row.valid_until else None,
        "extended": row.extended,
        "hours": row.hours,
        "hours_missing": row.hours_missing,
        "hours_waiting": row.hours_waiting,
        "behind": row.behind,
        "verdict": row.verdict,
        "failed_rules": list(row.failed),
        "reason": row.hindrance,
        "todo": row.todo,
        "actor": row.actor,
        "deadline": row.deadline,
    }


def counts_json(counts: Counts) -> dict[str, int]:
    """Totals by name."""
    return {name: getattr(counts, name) for name in Counts.__slots__}


def group_json(group: CountedGroup) -> dict[str, Any]:
    """Totals of a part of the staff."""
    return {"name": group.name, **counts_json(group.counts)}


def change_json(change: Change, today: date) -> dict[str, Any]:
    """A change of law as a card."""
    return {
        "id": change.id,
        "title": change.title,
        "text": change.text,
        "todo": change.todo,
        "source": change.source,
        "announce_date": change.announce_on,
        "effective_date": change.effective_on,
        "in_force": change.effective_on <= today,
        "keys": list(change.keys),
        "roles": list(change.roles),
    }


def report_json(made: StaffReport, catalogue: Catalogue) -> dict[str, Any]:
    """The report about compliance with norms."""
    return {
        "report": "RPT-COMPL",
        "date": made.today,
        "source": {
            "system": "ФРМР",
            "fetch_time": moment(made.source.heard) if made.source.heard else None,
            "stale": made.source.stale,
        },
        "organization": {
            "oid": made.scope.organization_oid,
            "name": made.organization_name,
            "region": made.scope.region,
        },
        "department": made.scope.department,
        "counts": counts_json(made.counts),
        "by_group": [group_json(one) for one in made.by_group],
        "by_specialty": [group_json(one) for one in made.by_specialty],
        "expired": [row_json(one, made.today) for one in made.expired],
        "missing": [row_json(one, made.today) for one in made.missing],
        "behind": [row_json(one, made.today) for one in made.behind],
        "waiting_register": [row_json(one, made.today) for one in made.waiting_register],
        "violations": [row_json(one, made.today) for one in made.violations],
        "documents_expired_by_type": [
            {"kind": kind, "title": catalogue[kind].title, "count": count}
            for kind, count in made.documents_expired.items()
        ],
        "not_reported": list(NOT_HERE),
    }
